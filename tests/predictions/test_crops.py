"""From the predictions on an image's crops to one of the image."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from predictions_data import top_rows

from wildframe.core.schemas import PREDICTIONS
from wildframe.core.tables import write_rows
from wildframe.predictions.blocks import iter_blocks
from wildframe.predictions.crops import of_image, of_images
from wildframe.predictions.predicted import softmax


def crop(image_id, view_key, probabilities, *, kept=True, k=2):
    """Return the row of a crop: probabilities of all classes, and the k highest of them."""
    logits = np.log(np.array(probabilities, np.float32))
    top = top_rows(logits, k)
    scores = logits.tolist() if kept else None
    return {"image_id": image_id, "view_key": view_key, "top": top, "scores": scores}


def guesses(row):
    return {one["class_index"]: pytest.approx(one["probability"]) for one in row["top"]}


def test_probabilities_of_crops_are_averaged():
    rows = [
        crop("a", "0,0", [0.7, 0.2, 0.1]),
        crop("a", "0,1", [0.1, 0.5, 0.4]),
        crop("b", "0,0", [0.1, 0.1, 0.8]),
        crop("b", "0,1", [0.2, 0.2, 0.6]),
    ]
    a, b = of_images(rows, "mean_probability")
    assert [(row["image_id"], row["view_key"]) for row in (a, b)] == [("a", ""), ("b", "")]
    assert [one["class_index"] for one in a["top"]] == [0, 1, 2]
    assert guesses(a) == {0: 0.4, 1: 0.35, 2: 0.25}
    assert guesses(b) == {0: 0.15, 1: 0.15, 2: 0.7}
    assert softmax(np.array([a["scores"]]))[0].tolist() == pytest.approx([0.4, 0.35, 0.25])


def test_without_scores_a_class_that_is_not_listed_counts_as_0():
    rows = [
        crop("a", "0,0", [0.7, 0.2, 0.1], kept=False),
        crop("a", "0,1", [0.1, 0.6, 0.3], kept=False),
    ]
    (row,) = of_images(rows, "mean_probability")
    # 0 is among the two listed of the first only, 2 of the second only.
    assert guesses(row) == {0: 0.35, 1: 0.4, 2: 0.15}
    assert [one["class_index"] for one in row["top"]] == [1, 0, 2]
    assert row["scores"] is None


def test_an_image_of_one_crop_is_what_it_was():
    row = crop("a", "0,0", [0.5, 0.5], kept=False)
    assert list(of_images([row], "mean_probability")) == [row | {"view_key": ""}]


def test_a_class_of_probability_0_has_a_finite_score():
    rows = [{"image_id": "a", "view_key": key, "top": [], "scores": [0.0, -1000.0]} for key in "xy"]
    (row,) = of_images(rows, "mean_probability")
    assert all(map(math.isfinite, row["scores"]))
    assert guesses(row) == {0: 1, 1: 0}


def test_both_readers_of_a_file_aggregate(tmp_path):
    path = tmp_path / "m.parquet"
    rows = [
        crop("a", "0,0", [0.7, 0.2, 0.1]),
        crop("a", "0,1", [0.1, 0.6, 0.3]),
        crop("b", "0,0", [0.1, 0.1, 0.8]),
    ]
    write_rows(path, PREDICTIONS, rows, facts={"label_space": "in1k"})
    (block,) = iter_blocks(path)
    assert block.view_keys == ["0,0", "0,1", "0,0"]
    assert [len(classes) for classes in block.listed()] == [2, 2, 2]
    (block,) = iter_blocks(path, "mean_probability")
    assert (block.image_ids, block.view_keys) == (["a", "b"], ["", ""])
    assert dict(next(iter(block.listed()))) == pytest.approx({0: 0.4, 1: 0.4, 2: 0.2})
    assert softmax(block.scores)[0].tolist() == pytest.approx([0.4, 0.4, 0.2])
    assert softmax(block.scores)[1].tolist() == pytest.approx([0.1, 0.1, 0.8])


def test_logits_of_crops_are_averaged():
    rows = [crop("a", "0,0", [0.8, 0.1, 0.1]), crop("a", "0,1", [0.2, 0.4, 0.4])]
    (row,) = of_images(rows, "mean_logit")
    products = np.sqrt([0.8 * 0.2, 0.1 * 0.4, 0.1 * 0.4])
    assert guesses(row) == dict(enumerate(products / products.sum()))


def test_in_the_mean_of_logits_a_class_that_is_not_listed_counts_as_the_last_that_is():
    rows = [
        crop("a", "0,0", [0.7, 0.2, 0.1], kept=False),
        crop("a", "0,1", [0.1, 0.6, 0.3], kept=False),
    ]
    (row,) = of_images(rows, "mean_logit")
    # 0 is not listed of the second, whose last has 0.3; 2 not of the first, whose last has 0.2.
    products = np.sqrt([0.7 * 0.3, 0.2 * 0.6, 0.2 * 0.3])
    assert guesses(row) == dict(enumerate(products / products.sum()))


def test_the_surest_crop_decides():
    rows = [crop("a", "0,0", [0.6, 0.3, 0.1]), crop("a", "0,1", [1e-9, 0.1, 0.9], k=3)]
    (row,) = of_images(rows, "max")
    assert [one["class_index"] for one in row["top"]] == [2, 1, 0]
    assert row["top"][0]["probability"] == pytest.approx(0.9)


def test_crops_vote_and_mean_probability_decides_where_they_do_not():
    votes = [[0.4, 0.3, 0.3], [0.4, 0.35, 0.25], [1e-9, 1.0, 1e-9]]
    (row,) = of_images([crop("a", str(at), one) for at, one in enumerate(votes)], "vote")
    # By mean probability it would be class 1.
    assert [one["class_index"] for one in row["top"]] == [0, 1, 2]
    assert guesses(row)[0] == (2 + 0.8 / 3) / 4
    (row,) = of_images([crop("a", "0", [0.6, 0.4]), crop("a", "1", [0.1, 0.9])], "vote")
    assert row["top"][0]["class_index"] == 1


@given(
    st.lists(st.lists(st.floats(-20, 20), min_size=3, max_size=3), min_size=2, max_size=9),
    st.sampled_from(["mean_probability", "mean_logit", "max", "vote"]),
)
def test_what_crops_become_sums_to_one_and_does_not_depend_on_their_order(logits, aggregate):
    forth, back = (
        of_image("a", np.array(part, np.float32), aggregate) for part in (logits, logits[::-1])
    )
    assert sum(one["probability"] for one in forth["top"]) == pytest.approx(1)
    if aggregate != "max":  # of equally sure crops the first decides
        assert forth["scores"] == pytest.approx(back["scores"])
