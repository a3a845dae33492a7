from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wildframe.core.errors import UserError
from wildframe.labels.senses import SenseTable
from wildframe.labels.spaces import class_wnids
from wildframe.scores.image_results import (
    any_of,
    box_area,
    doubtful_labels,
    relatives_of,
    score_images,
)

PATH = Path("model.parquet")
# animal > dog > puppy, and cat; the last two positions are no relatives of anything.
SPACE = ["animal", "dog", "puppy", "cat", "cup", "mug", "rose"]
RELATIVES = relatives_of(
    [
        {"wnid": "animal", "ancestors": []},
        {"wnid": "dog", "ancestors": ["animal"]},
        {"wnid": "puppy", "ancestors": ["dog", "animal"]},
        {"wnid": "cat", "ancestors": ["animal"]},
    ]
)


def prediction(image, *indices, view=""):
    top = [{"class_index": index, "probability": 1 / (2 + n)} for n, index in enumerate(indices)]
    return {"image_id": image, "view_key": view, "top": top}


def manifest_row(image, *labels, doubtful=()):
    return {
        "image_id": image,
        "group_id": "clip",
        "video_id": "video",
        "role": "pre",
        "nouns": ["cup_(cup,_mug)", "dog"],
        "labels": list(labels),
        "doubtful_labels": list(doubtful),
        "boxes": [{"x": 10, "y": 0, "width": 50, "height": 40}] * 2,
        "width": 100,
        "height": 80,
    }


def scored(predictions, images, unreadable=(), wnids=SPACE):
    return list(score_images(PATH, predictions, images, unreadable, wnids, RELATIVES))


def flags(predictions, *images, **more):
    (row,) = scored(predictions, images, **more)
    return {name: value for name, value in row.items() if "_top" in name}


def test_outcome_by_hand():
    (row,) = scored(
        [prediction("i1", 4, 2, 3, 6, 5, 0)],
        [manifest_row("i1", "mug", "cat", doubtful=["cat"]), manifest_row("i2", "cat")],
        unreadable={"i2"},
    )
    assert row == {
        "image_id": "i1",
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
        "correct_top1": False,
        "correct_top5": True,
        "tree_top1": False,
        "tree_top5": True,
        "sense_top1": False,
        "sense_top5": True,
    }


def test_the_sixth_prediction_does_not_count():
    assert not any(flags([prediction("i", 1, 2, 3, 5, 6, 4)], manifest_row("i", "cup")).values())


def test_any_label_is_right_and_one_outside_the_space_is_not():
    assert flags([prediction("i", 4)], manifest_row("i", "dog", "cup"))["correct_top1"]
    assert not any(flags([prediction("i", 4)], manifest_row("i", "n00000000")).values())


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
    found = flags([prediction("i", SPACE.index(predicted))], manifest_row("i", label))
    assert (found["tree_top1"], found["correct_top1"]) == (neighbours, label == predicted)


def test_a_label_may_be_an_ancestor_that_the_models_space_has_not():
    """Under ImageNet-21K a model of ImageNet-1K says puppy; its own space has no animal."""
    found = flags([prediction("i", 0)], manifest_row("i", "animal"), wnids=["puppy", "cup"])
    assert (found["correct_top1"], found["tree_top1"]) == (False, True)


def test_labels_are_doubted_by_noun_word_and_class():
    senses = SenseTable({("", "cup", "n1"): True, ("mug", "cup", "n1"): False})
    row = {"labels": ["n1", "n2"], "words": ["cup", "cup"], "nouns": ["bowl_(cup)"]}
    assert doubtful_labels(row, senses) == ["n1"]
    assert doubtful_labels(row | {"nouns": ["Mug_(cup)"]}, senses) == []
    assert doubtful_labels(row | {"words": ["vessel", "cup"]}, senses) == []


def test_senses_are_null_where_every_label_is_doubtful():
    found = flags([prediction("i", 4)], manifest_row("i", "cup", doubtful=["cup"]))
    assert (found["sense_top1"], found["sense_top5"], found["correct_top1"]) == (None, None, True)
    found = flags([prediction("i", 4)], manifest_row("i", "cup", "mug", doubtful=["cup"]))
    assert (found["sense_top1"], found["correct_top1"]) == (False, True)


def test_the_index_of_a_label_is_that_of_the_models_own_list():
    """Beyond index 9,204 the two orders of ImageNet-21K differ: an index must not travel alone."""
    goog, fb = class_wnids("in21k"), class_wnids("in22k")
    mouse, television = "n03793489", "n04404412"
    assert (goog.index(mouse), fb.index(mouse)) == (8674, 8674)
    assert goog.index(television) != fb.index(television)
    for wnids in (goog, fb):
        correct = [prediction("i", wnids.index(television))]
        assert flags(correct, manifest_row("i", television), wnids=wnids)["correct_top1"]
    incorrect = [prediction("i", fb.index(television))]
    assert not flags(incorrect, manifest_row("i", television), wnids=goog)["correct_top1"]


@pytest.mark.parametrize(
    ("predictions", "labels", "message"),
    [
        ([], {"i1": ["cup"]}, r"image i1 has no prediction \(1 such\)"),
        ([prediction("i2", 0)], {}, "image i2 is not a readable image of the manifest"),
        ([], {}, "no image could be evaluated; check the data with `wi"),
        ([prediction("i1", 0)] * 2, {"i1": ["cup"]}, "image i1 has several predictions;"),
        (
            [prediction("i1", 0, view="z")] * 2,
            {"i1": ["cup"]},
            "image i1 has several predictions of view z;",
        ),
        ([prediction("i1", 7)], {"i1": ["cup"]}, "class index 7 is not in the model's class list"),
    ],
)
def test_what_does_not_match_is_named(predictions, labels, message):
    with pytest.raises(UserError, match=f"^model.parquet: {message}"):
        scored(predictions, [manifest_row(image, *wnids) for image, wnids in labels.items()])


def test_a_prediction_of_an_unreadable_image_is_refused():
    with pytest.raises(UserError, match="image i1 is not a readable image"):
        scored([prediction("i1", 0)], [manifest_row("i1", "cup")], unreadable={"i1"})


def test_each_view_of_an_image_is_scored_by_itself():
    views = [prediction("i", 4, view="a"), prediction("i", 5, view="b")]
    rows = scored(views, [manifest_row("i", "mug")])
    assert [(row["view_key"], row["correct_top1"]) for row in rows] == [("a", False), ("b", True)]


def test_an_image_without_a_label_is_named():
    with pytest.raises(UserError, match="image i of the manifest has no label; an evaluated"):
        scored([prediction("i", 0)], [manifest_row("i")])


BARE = {"nouns": [], "words": [], "boxes": [], "width": None, "height": None, "role": None}


def test_an_image_needs_no_noun_and_no_box():
    image = manifest_row("i", "cup") | BARE | {"video_id": None}
    (row,) = scored([prediction("i", 4)], [image])
    assert (row["noun"], row["box_area"], row["role"]) == (None, None, None)
    assert row["correct_top1"]
    assert row["kept_labels"] == ["cup"]
    # A box in pixels of an unknown size covers an unknown share.
    boxed = manifest_row("i", "cup") | {"width": None, "height": None}
    assert scored([prediction("i", 4)], [boxed])[0]["box_area"] is None


def test_without_a_noun_no_label_is_doubtful():
    senses = SenseTable({("", "cup", "n1"): True})
    image = manifest_row("i", "n1") | {"words": ["cup"]}
    assert doubtful_labels(image, senses) == ["n1"]
    assert doubtful_labels(image | BARE, senses) == []


@pytest.mark.parametrize(
    ("box", "share"),
    [
        ((0, 0, 100, 80), 1),
        ((50, 40, 100, 100), 0.25),  # beyond the right and lower edge
        ((-50, -40, 60, 50), 10 * 10 / 8000),  # beyond the left and upper edge
        ((-10, -10, 200, 200), 1),
        ((200, 0, 10, 10), 0),  # outside
        ((-20, -20, 10, 10), 0),  # outside on both sides: not the product of two negatives
        ((5, 5, 0, 10), 0),
    ],
)
def test_box_area_is_cut_to_the_frame(box, share):
    sides = dict(zip(("x", "y", "width", "height"), box, strict=True))
    assert box_area(sides, 100, 80) == pytest.approx(share)


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
    found = flags([prediction("i", *indices)], manifest_row("i", *labels, doubtful=doubtful))
    for k in (1, 5):
        assert found[f"correct_top{k}"] <= found[f"tree_top{k}"]
        assert (found[f"sense_top{k}"] or False) <= found[f"correct_top{k}"]
    for rule in ("correct", "tree"):
        assert found[f"{rule}_top1"] <= found[f"{rule}_top5"]
