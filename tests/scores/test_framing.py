import numpy as np
import pytest

from wildframe.core.errors import UserError
from wildframe.core.schemas import FRAMINGS
from wildframe.scores.framing import Framing, framings_of, score_framings
from wildframe.scores.zoom import CropKey, ZoomResults

CROPS = [CropKey(256, 1, 1), CropKey(512, 0, 0)]


def zoomed(correct, groups="xxyy", classes=8):
    """Return results on two crops of images a, b, c ...; ``correct`` has a pair an image."""
    return ZoomResults(
        model="m",
        image_ids=list("abcd"[: len(correct)]),
        groups=list(groups),
        crops=CROPS,
        correct=np.array(correct, bool),
        image_sizes=[(300, 300)] * len(correct),
        classes=classes,
        label_space="subset",
    )


def test_framings_by_hand(result):
    # Clip x chooses the first of two equals for y, and that alone; y the second for x.
    zoom = zoomed([(1, 0), (0, 1), (0, 1), (0, 0)])
    # The order of images need not be the same.
    rows = [result(name, "correct_top1" * (name == "d")) for name in "dcba"]
    boxed = {"a": True, "b": False, "c": True, "d": False}
    found = {one.name: one for one in framings_of(rows, boxed, zoom, seed=0)}
    correct = {
        name: {row["image_id"] for row, flag in zip(rows, one.correct, strict=True) if flag}
        for name, one in found.items()
    }
    assert correct == {"full": {"d"}, "box": {"a", "c"}, "zoom": {"b"}, "oracle": set("abc")}
    assert {name: (one.crops, one.random) for name, one in found.items()} == {
        "full": (1, None),
        "box": (1, None),
        "zoom": (1, None),
        "oracle": (2, 2 / 8),
    }


def test_without_boxes_or_halves_there_are_fewer(result):
    zoom = zoomed([(1, 0), (0, 0)], groups="xx", classes=1)
    rows = [result(name, group_id="x") for name in "ab"]
    framings = list(framings_of(rows, None, zoom, seed=0))
    # Two guesses of one class are no more than certain.
    assert [(one.name, one.random) for one in framings] == [("full", None), ("oracle", 1)]
    scored = score_framings("m", rows, framings, seed=0)
    assert {row["difference"] for row in scored} == {None}


def test_an_image_without_results_is_named(result):
    zoom = zoomed([(1, 0), (0, 0)], groups="xy")
    rows = [result(name) for name in "abc"]
    with pytest.raises(UserError, match="m: image c has no result"):
        list(framings_of(rows, None, zoom, seed=0))
    with pytest.raises(UserError, match="m, view box: image b has no result"):
        list(framings_of(rows[:2], {"a": True}, zoom, seed=0))


def test_differences_are_paired_over_videos(result):
    """Five videos of two images: the box solves both images of each, the whole image none."""
    rows = [result(str(n), group_id=str(n), video_id=str(n // 2)) for n in range(10)]
    framings = [Framing("full", np.zeros(10, bool)), Framing("box", np.ones(10, bool))]
    framings.append(Framing("oracle", np.ones(10, bool), 63, random=0.063))
    found = score_framings("m", rows, framings, seed=0)
    assert found[0].keys() == set(FRAMINGS.schema.names)
    full, box, oracle = (row for row in found if row["subset"] == "all")
    assert (full["value"], full["difference"], full["p_value"]) == (0, None, None)
    # Two of the 32 flips of five signs differ as much.
    assert (box["difference"], box["p_value"], box["clusters"]) == (1, 2 / 32, 5)
    assert (oracle["value"], oracle["random"], oracle["difference"]) == (1, 0.063, None)


def test_each_class_and_box_area_has_its_own_rows(result):
    rows = [
        result("a", labels=["n1"], box_area=0.02),
        result("b", labels=["n2"], box_area=0.2),
        result("c", labels=["n2"], box_area=None),
    ]
    framings = [Framing("full", np.array([1, 0, 0], bool))]
    framings.append(Framing("box", np.array([0, 1, 0], bool)))
    found = {
        (row["subset"], row["framing"]): (row["successes"], row["n"], row["difference"])
        for row in score_framings("m", rows, framings, seed=0)
    }
    assert found == {
        ("all", "full"): (1, 3, None),
        ("all", "box"): (1, 3, 0),
        ("class=n1", "full"): (1, 1, None),
        ("class=n1", "box"): (0, 1, -1),
        ("class=n2", "full"): (0, 2, None),
        ("class=n2", "box"): (1, 2, 0.5),
        ("area=0.01-0.03", "full"): (1, 1, None),
        ("area=0.01-0.03", "box"): (0, 1, -1),
        ("area=0.1-0.3", "full"): (0, 1, None),
        ("area=0.1-0.3", "box"): (1, 1, 1),
    }
