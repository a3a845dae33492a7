"""Lossless images, read back by another library."""

import io

import numpy as np
import pytest
from PIL import Image

from wildframe.frames.png import encode_png


@pytest.mark.parametrize("shape", [(1, 1), (1, 5), (5, 1), (30, 40)])
def test_pillow_reads_what_was_written(shape):
    pixels = np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)
    with Image.open(io.BytesIO(encode_png(pixels))) as image:
        image.load()
        assert (image.format, image.mode) == ("PNG", "RGB")
        assert np.array_equal(np.asarray(image), pixels)


def test_pixels_that_are_a_part_of_an_image():
    whole = np.random.default_rng(0).integers(0, 256, (30, 40, 3), dtype=np.uint8)
    with Image.open(io.BytesIO(encode_png(whole[4:20, 3:17]))) as image:
        assert np.array_equal(np.asarray(image), whole[4:20, 3:17])


def test_runs_take_little_space():
    assert len(encode_png(np.full((200, 300, 3), 7, np.uint8))) < 2_000
