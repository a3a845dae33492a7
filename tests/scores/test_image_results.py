import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wildframe.core.errors import UserError
from wildframe.scores.image_results import any_of, relatives_of, require_first, score_images
from wildframe.scores.predicted import Prediction

PATH = Path("model.parquet")
# animal > dog > puppy, and cat; the last two positions are no relatives of anything.
SPACE = ["animal", "dog", "puppy", "cat", "cup", "mug", "rose"]
RELATIVES = relatives_of(
    [
        {"wnid": "animal", "ancestors": []},
        {"wnid": "dog", "ancestors": ["animal"]},
        {"wnid": "puppy", "ancestors": ["dog", "animal"]},
        {"wnid": "cat", "ancestors": ["animal"]},
    ],
    SPACE,
)


def prediction(image, *indices, view="", wnids=SPACE):
    """Return a prediction of classes, the most probable first; five count."""
    shares = {wnids[index]: 1 / (2 + n) for n, index in enumerate(indices)}
    top = [{"wnid": wnid, "probability": share} for wnid, share in shares.items()]
    return Prediction(image, view, top[:5], wnids[indices[0]], shares)


def evaluated_row(image, *labels, doubtful=(), anchor=None, offset=0):
    """Return an image as it is evaluated, in a set of one if no anchor is named."""
    return {
        "anchor_id": anchor or image,
        "image_id": image,
        "offset": offset,
        "group_id": "clip",
        "video_id": "video",
        "role": "pre",
        "noun": "cup_(cup,_mug)",
        "labels": list(labels),
        "kept_labels": [wnid for wnid in labels if wnid not in doubtful],
        "box_area": 0.25,
    }


def scored(predictions, images, known=None):
    known = {image["image_id"] for image in images} if known is None else known
    return list(score_images(PATH, predictions, images, known, RELATIVES))


def flags(predictions, *images):
    (row,) = scored(predictions, images)
    return {name: value for name, value in row.items() if "_top" in name}


def test_result_by_hand():
    (row,) = scored(
        [prediction("i1", 4, 2, 3, 6, 5, 0)], [evaluated_row("i1", "mug", "cat", doubtful=["cat"])]
    )
    assert row == {
        "anchor_id": "i1",
        "image_id": "i1",
        "offset": 0,
        "view_key": "",
        "group_id": "clip",
        "video_id": "video",
        "role": "pre",
        "noun": "cup_(cup,_mug)",
        "labels": ["mug", "cat"],
        "kept_labels": ["mug"],
        "box_area": 0.25,
        "top": [
            {"wnid": "cup", "probability": 1 / 2},
            {"wnid": "puppy", "probability": 1 / 3},
            {"wnid": "cat", "probability": 1 / 4},
            {"wnid": "rose", "probability": 1 / 5},
            {"wnid": "mug", "probability": 1 / 6},
        ],
        "predicted": "cup",
        "confidence": 1 / 2,
        "label_confidence": 1 / 4,
        "correct_top1": False,
        "correct_top5": True,
        "tree_top1": False,
        "tree_top5": True,
        "sense_top1": False,
        "sense_top5": True,
    }


def test_the_sixth_prediction_does_not_count():
    assert not any(flags([prediction("i", 1, 2, 3, 5, 6, 4)], evaluated_row("i", "cup")).values())


def test_any_label_is_right_and_one_outside_the_space_is_not():
    assert flags([prediction("i", 4)], evaluated_row("i", "dog", "cup"))["correct_top1"]
    assert not any(flags([prediction("i", 4)], evaluated_row("i", "n00000000")).values())


@pytest.mark.parametrize(
    ("label", "predicted", "neighbours"),
    [
        ("dog", "dog", True),
        ("dog", "animal", True),  # an ancestor
        ("dog", "puppy", True),  # a descendant
        ("animal", "puppy", True),  # further down
        ("dog", "cat", False),  # a sibling
        ("cup", "dog", False),
    ],
)
def test_tree_forgives_ancestors_and_descendants_only(label, predicted, neighbours):
    found = flags([prediction("i", SPACE.index(predicted))], evaluated_row("i", label))
    assert (found["tree_top1"], found["correct_top1"]) == (neighbours, label == predicted)


def test_a_label_may_be_an_ancestor_that_the_models_space_has_not():
    """Under ImageNet-21K a model of ImageNet-1K says puppy; its own space has no animal."""
    of_puppy = prediction("i", 0, wnids=["puppy", "cup"])
    found = flags([of_puppy], evaluated_row("i", "animal"))
    assert (found["correct_top1"], found["tree_top1"]) == (False, True)


def test_senses_are_null_where_every_label_is_doubtful():
    found = flags([prediction("i", 4)], evaluated_row("i", "cup", doubtful=["cup"]))
    assert (found["sense_top1"], found["sense_top5"], found["correct_top1"]) == (None, None, True)
    found = flags([prediction("i", 4)], evaluated_row("i", "cup", "mug", doubtful=["cup"]))
    assert (found["sense_top1"], found["correct_top1"]) == (False, True)


@pytest.mark.parametrize(
    ("predictions", "labels", "message"),
    [
        ([], {"i1": ["cup"]}, r"image i1 is evaluated but has no prediction \(1 such\)"),
        ([prediction("i2", 0)], {}, r"image i2 is not a readable image of the manifest \(1 such\)"),
        ([prediction("i1", 0)] * 2, {"i1": ["cup"]}, "image i1 has several predictions;"),
        (
            [prediction("i1", 0, view="z")] * 2,
            {"i1": ["cup"]},
            "image i1 has several predictions of view z;",
        ),
    ],
)
def test_what_does_not_match_is_named(predictions, labels, message):
    with pytest.raises(UserError, match=f"^model.parquet: {message}"):
        scored(predictions, [evaluated_row(image, *wnids) for image, wnids in labels.items()])


def test_a_known_image_that_is_not_evaluated_is_ignored():
    predictions = [prediction("i1", 4), prediction("i2", 4)]
    rows = scored(predictions, [evaluated_row("i1", "cup")], known={"i1", "i2"})
    assert [row["image_id"] for row in rows] == ["i1"]


def test_an_image_of_several_sets_is_scored_by_the_labels_of_each():
    sets = [
        evaluated_row("i", "dog", anchor="a", offset=-2),
        evaluated_row("i", "cat", anchor="b", offset=3),
    ]
    rows = scored([prediction("i", 3, 1)], sets)
    keys = ("anchor_id", "offset", "correct_top1", "correct_top5", "label_confidence")
    assert [tuple(row[key] for key in keys) for row in rows] == [
        ("a", -2, False, True, 1 / 3),
        ("b", 3, True, True, 1 / 2),
    ]


def test_what_cannot_be_predicted_has_no_confidence():
    nothing = Prediction("i", "", [], None, {"cup": -math.inf})
    (row,) = scored([nothing], [evaluated_row("i", "cup", "mug")])
    names = ("predicted", "confidence", "label_confidence", "correct_top5", "tree_top5")
    assert [row[name] for name in names] == [None, None, None, False, False]
    without = Prediction("i", "", [{"wnid": "cup", "probability": None}], "cup", {})
    (row,) = scored([without], [evaluated_row("i", "cup")])
    assert [row[name] for name in names] == ["cup", None, None, True, True]


def test_each_view_of_an_image_is_scored_by_itself():
    views = [prediction("i", 4, view="a"), prediction("i", 5, view="b")]
    rows = scored(views, [evaluated_row("i", "mug")])
    assert [(row["view_key"], row["correct_top1"]) for row in rows] == [("a", False), ("b", True)]


@given(st.permutations(range(10)), st.sets(st.integers(0, 12)))
def test_any_of_is_naive_and_grows_with_k(order, correct):
    top, wnids = [f"n{index}" for index in order], {f"n{index}" for index in correct}
    found = [any_of(top, wnids, k) for k in range(12)]
    assert found == sorted(found)
    for k in range(12):
        assert found[k] == bool(set(top[:k]) & wnids)


@given(
    st.lists(st.sampled_from(range(7)), min_size=1, max_size=6, unique=True),
    st.lists(st.sampled_from(SPACE), min_size=1, max_size=3, unique=True),
    st.lists(st.sampled_from(SPACE), max_size=3, unique=True),
)
def test_forgiving_rules_forgive_and_fewer_labels_do_not(indices, labels, doubtful):
    found = flags([prediction("i", *indices)], evaluated_row("i", *labels, doubtful=doubtful))
    for k in (1, 5):
        assert found[f"correct_top{k}"] <= found[f"tree_top{k}"]
        assert (found[f"sense_top{k}"] or False) <= found[f"correct_top{k}"]
    for rule in ("correct", "tree"):
        assert found[f"{rule}_top1"] <= found[f"{rule}_top5"]


def test_a_list_that_does_not_tell_the_first_prediction_is_refused(tmp_path):
    rows = [{"image_id": "a", "correct_top1": False}, {"image_id": "b", "correct_top1": None}]
    with pytest.raises(UserError, match=r"m\.parquet: image b lists none of the classes"):
        list(require_first(tmp_path / "m.parquet", rows))
