"""What the choices of a protocol are worth, by hand."""

from typing import get_args

import numpy as np
import pytest

from wildframe.core.choices import Merge
from wildframe.core.errors import UserError
from wildframe.core.schemas import DETECTIONS, PAIRS, PREDICTIONS
from wildframe.core.tables import write_rows
from wildframe.scores.evaluated import Evaluated
from wildframe.scores.protocol import (
    Choice,
    Protocol,
    alternatives,
    by_labels,
    compare_choices,
    compare_crops,
    score_protocols,
)
from wildframe.scores.zoom import CropKey, ZoomResults


def named(rows):
    """Return value of the other choice and of the own, and p, by choice, what it is, and k."""
    return {
        (row["subset_a"], row["subset_b"], row["metric"], row["k"]): (
            *(row["value_a"], row["value_b"], row["p_value"]),
        )
        for row in rows
    }


def test_a_protocol_of_a_label_space_has_other_merges_and_more_classes():
    own = Protocol("coco80", "sum")
    assert alternatives(own) == {
        Choice("label_space", "restricted", "full"): Protocol("coco80", "sum", restrict=False),
        Choice("merge", "sum", "max"): Protocol("coco80", "max"),
        Choice("merge", "sum", "mean"): Protocol("coco80", "mean"),
    }
    (choice, *_) = alternatives(Protocol("coco80", restrict=False))
    assert choice == Choice("label_space", "full", "restricted")


def test_a_protocol_of_the_models_own_classes_predicts_all_of_them_or_some():
    assert alternatives(Protocol(aggregate="vote")) == {
        Choice("label_space", "full", "restricted"): Protocol(
            predictable="labels", aggregate="vote"
        )
    }
    for predictable in ("labels", "imagenet_a"):
        assert alternatives(Protocol(predictable=predictable)) == {
            Choice("label_space", "restricted", "full"): Protocol()
        }


TOP = [{"wnid": wnid, "probability": 0.5} for wnid in ("n2", "n1")]


def test_the_first_label_alone_is_stricter(result):
    rows = [
        result("a", "correct_top1 correct_top5", labels=["n1", "n2"], top=TOP),
        result("b", "correct_top1 correct_top5", labels=["n2", "n1"], top=TOP),
    ]
    found = dict(by_labels(rows))[Choice("labels", "any", "first")]
    assert [(row["correct_top1"], row["correct_top5"]) for row in found] == [
        (False, True),
        (True, True),
    ]


def test_choices_about_labels_that_change_nothing_are_none(result):
    assert [*by_labels([result("a", labels=["n1"], kept_labels=[])])] == []


def test_an_image_that_keeps_no_label_does_not_count(result):
    rows = [
        result("a", "correct_top1 correct_top5 sense_top5"),
        result("b", "correct_top1 correct_top5", kept_labels=[], sense_top1=None, sense_top5=None),
        result("c"),
    ]
    found = compare_choices("m", rows, by_labels(rows), seed=0)
    assert found[0].keys() == set(PAIRS.schema.names)
    assert [(row["n_a"], row["n_b"]) for row in found] == [(2, 3), (2, 3)]
    sides = ("doubtful_labels=out", "doubtful_labels=in")
    assert {key[:3]: value[:2] for key, value in named(found).items() if key[3] == 1} == {
        (*sides, "accuracy"): (0, pytest.approx(2 / 3))
    }
    assert named(found)[*sides, "accuracy", 5][:2] == (0.5, pytest.approx(2 / 3))


def test_what_a_short_list_does_not_tell_is_not_compared(result):
    choice = Choice("label_space", "full", "restricted")
    own = [result(name, correct_top5=None) for name in "ab"]
    other = [row | {"correct_top1": True} for row in own]
    (at_1,) = compare_choices("m", own, [(choice, other)], seed=0)
    assert (at_1["k"], at_1["difference"]) == (1, 1)
    other[0]["correct_top1"] = None
    assert compare_choices("m", own, [(choice, other)], seed=0) == []


def test_results_are_paired_by_image_and_over_clips(result):
    choice = Choice("label_space", "full", "restricted")
    own = [result(str(n), group_id=str(n // 2)) for n in range(10)]
    other = [row | {"correct_top1": True} for row in reversed(own)]
    at_1, at_5 = compare_choices("m", own, [(choice, other)], seed=0)
    # Five clips of two images: two of 32 flips differ as much.
    assert (at_1["difference"], at_1["p_value"], at_1["clusters"]) == (1, 2 / 32, 5)
    assert (at_1["only_a"], at_1["only_b"]) == (10, 0)
    assert (at_5["difference"], at_5["p_value"]) == (0, 1)


def test_results_may_come_in_any_order(result):
    choice = Choice("label_space", "full", "restricted")
    own = [result(name, "correct_top1" * (name == "a")) for name in "cab"]
    (at_1, _) = compare_choices("m", own, [(choice, own[::-1])], seed=0)
    assert (at_1["both"], at_1["only_a"], at_1["only_b"], at_1["neither"]) == (1, 0, 0, 2)


def test_several_crops_of_a_single_image_are_refused(result):
    rows = [result("a", view_key=key) for key in "xy"]
    with pytest.raises(UserError, match="m: image a has several predictions"):
        compare_choices("m", rows, [], seed=0)


def zoomed(*sizes):
    """Results on the central crops of two images, of which the first is correct on all."""
    crops = [CropKey(size, 1, 1) for size in sizes]
    correct = np.array([[True] * len(crops), [size > 256 for size in sizes]])
    return ZoomResults("m", ["a", "b"], ["a", "b"], crops, correct, [(300, 300)] * 2, 8, "full")


def test_crop_fractions_next_to_the_ordinary_one_are_compared():
    assert named(compare_crops(zoomed(128, 224, 240, 256, 448, 512), 0)) == {
        ("crop_fraction=1", "crop_fraction=0.875", "accuracy", 1): (0.5, 0.5, 1),
        ("crop_fraction=0.5", "crop_fraction=0.875", "accuracy", 1): (1, 0.5, 1),
    }
    # Below 224 px a crop juts out of the image.
    assert compare_crops(zoomed(128, 256), 0) == []
    assert compare_crops(zoomed(224, 512), 0) == []


def test_a_model_without_probabilities_has_no_other_merge(result, tmp_path):
    # Index 0 of ImageNet-1K is no class of VID, 404 is its airplane.
    top = [{"class_index": index, "probability": None} for index in (0, 404)]
    row = {"image_id": "a", "view_key": "", "top": top, "scores": None}
    write_rows(
        tmp_path / "m.parquet", PREDICTIONS, [row], facts={"model": "m", "label_space": "in1k"}
    )
    assert scored(tmp_path, result) == {"label_space=full": (0, 1)}


@pytest.mark.parametrize("merge", get_args(Merge))
def test_boxes_of_a_detector_have_no_other_merge(result, tmp_path, merge):
    # A person, who is no class of VID, and its airplane.
    box = {"x": 0.0, "y": 0.0, "width": 1.0, "height": 1.0}
    found = [{"class_index": at, "score": score, "box": box} for at, score in ((0, 0.9), (4, 0.5))]
    row = {"image_id": "a", "width": 9, "height": 9, "detections": found}
    facts = {"model": "m", "label_space": "coco80"}
    write_rows(tmp_path / "m.parquet", DETECTIONS, [row], facts=facts)
    assert scored(tmp_path, result, merge) == {"label_space=full": (0, 1)}


def scored(folder, result, merge="max"):
    """Return top-1 accuracies by another choice and by the own on an airplane, by the other."""
    columns = ("anchor_id", "image_id", "offset", "labels", "group_id", "video_id", "role")
    image = {name: result("a", labels=["n02691156"])[name] for name in columns}
    images = Evaluated([image | {"noun": None, "kept_labels": [], "box_area": None}], {"a"}, {})
    rows = score_protocols(
        [folder / "m.parquet"], Protocol("vid30", merge), images, folder / "none", 0
    )
    return {row["subset_a"]: (row["value_a"], row["value_b"]) for row in rows if row["k"] == 1}
