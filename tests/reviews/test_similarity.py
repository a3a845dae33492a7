"""How similar two images look, and whose similarity is told."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from review_data import encoded, set_rows, write_dataset

from wildframe.core.schemas import SIMILARITIES
from wildframe.core.tables import read_table
from wildframe.reviews.similarity import similarity, thumbnail


def grey(value, size=(64, 48)):
    return thumbnail(Image.new("RGB", size, (value, value, value)))


def test_greys():
    assert similarity(grey(255), grey(0)) == 0
    assert similarity(grey(100), grey(100, (640, 360))) == 1
    assert similarity(grey(51), grey(102)) == pytest.approx(1 - 51 / 255)


def test_a_quarter_that_differs_counts_a_quarter():
    halves = Image.new("L", (64, 64), 0)
    halves.paste(255, (0, 0, 32, 32))
    assert similarity(thumbnail(halves), grey(0)) == pytest.approx(0.75)


@given(st.integers(0, 2**32 - 1))
def test_it_is_symmetric_and_between_0_and_1(seed):
    one, other = np.random.default_rng(seed).integers(0, 256, (2, 64, 64), np.uint8)
    assert similarity(one, other) == similarity(other, one)
    assert 0 <= similarity(one, other) <= 1
    assert similarity(one, one) == 1


def test_the_command(tmp_path, wildframe):
    sets = set_rows("a", [-2, 2]) + set_rows("b", [2]) + set_rows("c", [2])
    images = {"a": encoded(0), "a-2": encoded(51), "a+2": encoded(0)}
    paths = write_dataset(tmp_path, sets, broken=["b", "c+2"], images=images)
    output = tmp_path / "similarity.parquet"
    options = ["--statuses", paths.statuses, "--sets", paths.sets, "--output", output]
    wildframe("reviews", "similarity", *paths.shards, *options)
    rows = read_table(output, SIMILARITIES).to_pylist()
    found = {(row["anchor_id"], row["image_id"]): row["similarity"] for row in rows}
    assert found == {("a", "a-2"): pytest.approx(0.8), ("a", "a+2"): 1.0}
