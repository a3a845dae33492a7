from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wildframe.core.errors import UserError
from wildframe.labels.spaces import class_wnids
from wildframe.scores.accuracy import any_of, right_indices, score_model

PATH = Path("model.parquet")
INDEX = {"na": 0, "nb": 1, "nc": 2}


def prediction(image, *indices):
    top = [{"class_index": index, "probability": 0.1} for index in indices]
    return {"image_id": image, "view_key": "", "top": top}


def test_accuracy_by_hand():
    predictions = [
        prediction("i1", 0, 1, 2, 3, 4, 5),
        prediction("i2", 5, 4, 3, 2, 1, 0),
        prediction("i3", 5, 4, 3, 2, 6, 1),
    ]
    # i1 right at once; i2 and i3 are b: fifth and sixth. i4 could not be read.
    labels = {"i1": ["na"], "i2": ["nb"], "i3": ["nb"], "i4": ["na"]}
    top1, top5 = score_model(PATH, predictions, labels, {"i4"}, INDEX)
    assert (top1["metric"], top1["k"], top1["successes"], top1["n"]) == ("accuracy", 1, 1, 3)
    assert (top5["k"], top5["successes"], top5["value"]) == (5, 2, 2 / 3)
    # Exact interval of 1 in 3: the roots of 1 - (1 - p)^3 and p^3 + 3 p^2 (1 - p) at 2.5 %.
    assert top1["low"] == pytest.approx(1 - 0.975 ** (1 / 3))
    assert top1["high"] == pytest.approx(0.905701, abs=1e-6)


def test_any_label_is_right_and_one_outside_the_space_is_not():
    predictions = [prediction("i1", 2)]
    assert score_model(PATH, predictions, {"i1": ["na", "nc"]}, (), INDEX)[0]["successes"] == 1
    assert score_model(PATH, predictions, {"i1": ["nz"]}, (), INDEX)[0]["successes"] == 0


def test_the_index_of_a_label_is_that_of_the_models_own_list():
    """Beyond index 9,204 the two orders of ImageNet-21K differ: an index must not travel alone."""
    goog, fb = (
        {wnid: index for index, wnid in enumerate(class_wnids(space))}
        for space in ("in21k", "in22k")
    )
    mouse = "n03793489"
    assert (goog[mouse], fb[mouse]) == (8674, 8674)
    television = "n04404412"
    assert goog[television] != fb[television]
    for index_of in (goog, fb):
        right = [prediction("i", index_of[television])]
        assert score_model(PATH, right, {"i": [television]}, (), index_of)[0]["successes"] == 1
    wrong = [prediction("i", fb[television])]
    assert score_model(PATH, wrong, {"i": [television]}, (), goog)[0]["successes"] == 0


@pytest.mark.parametrize(
    ("predictions", "labels", "message"),
    [
        ([], {"i1": ["na"]}, "picture i1 has no prediction"),
        ([prediction("i2", 0)], {}, "picture i2 is not a readable picture"),
        ([], {}, "no picture could be examined"),
    ],
)
def test_missing_predictions_are_named(predictions, labels, message):
    with pytest.raises(UserError, match=f"model.parquet: .*{message}|model.parquet: {message}"):
        score_model(PATH, predictions, labels, (), INDEX)


def test_a_view_of_several_pictures_is_not_scored_by_its_last():
    with pytest.raises(UserError, match="picture i1 has several predictions"):
        score_model(PATH, [prediction("i1", 0), prediction("i1", 1)], {"i1": ["na"]}, (), INDEX)


@given(st.permutations(range(10)), st.sets(st.integers(0, 12)))
def test_any_of_is_naive_and_grows_with_k(order, right):
    top = prediction("i", *order)["top"]
    found = [any_of(top, right, k) for k in range(12)]
    assert found == sorted(found)
    for k in range(12):
        assert found[k] == bool(set(order[:k]) & right)


def test_right_indices():
    assert right_indices(["na", "nz", "nc"], INDEX) == {0, 2}
