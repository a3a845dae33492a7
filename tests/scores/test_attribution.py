import numpy as np
import pytest

from wildframe.core.schemas import ATTRIBUTION_SHARES, ATTRIBUTIONS, IMAGE_RESULTS
from wildframe.core.tables import write_rows
from wildframe.scores.attribution import attributions, read_attributions, share_causes
from wildframe.scores.zoom import CropKey, ZoomResults


def test_causes_by_hand(result):
    rows = [
        result("correct", "correct_top1"),
        result("framed"),
        result("doubtful", kept_labels=[]),
        result("moved"),
        result("moved-1", "correct_top1", anchor_id="moved", offset=-1),
        result("still"),
        result("still-1", anchor_id="still", offset=-1),
    ]
    framed = {"correct": True, "framed": True, "doubtful": False, "moved": False, "still": False}
    found = {row["image_id"]: row for row in attributions("m", rows, framed)}
    causes = {
        name: [cause for cause in ("framing", "doubtful_label", "motion") if row[cause]]
        for name, row in found.items()
    }
    assert causes == {
        "framed": ["framing"],
        "doubtful": ["doubtful_label"],
        "moved": ["motion"],
        "still": [],
    }
    assert list(found["moved"]) == ATTRIBUTIONS.schema.names


def test_what_was_not_examined_is_not_known(result):
    (row,) = attributions("m", [result("a", kept_labels=[])], {})
    assert [row[cause] for cause in ("framing", "doubtful_label", "motion")] == [None] * 3
    shares = share_causes([row])
    assert [(one["cause"], one["successes"]) for one in shares] == [
        ("several", 0),
        ("unexplained", 1),
    ]


def test_neighbours_may_be_of_another_dataset(result):
    frames = [
        result("a", "correct_top1"),
        result("a-1", anchor_id="a", offset=1),
        result("a-2", "correct_top1", anchor_id="a", offset=2),
        result("b-1", anchor_id="b", offset=1),
    ]
    rows = attributions("m", [result(name) for name in "abc"], {}, frames)
    assert {row["image_id"]: row["motion"] for row in rows} == {"a": True, "b": False, "c": None}
    shares = {row["cause"]: row for row in share_causes(rows)}
    assert (shares["motion"]["successes"], shares["motion"]["n"]) == (1, 2)
    assert (shares["unexplained"]["successes"], shares["unexplained"]["n"]) == (2, 3)


def test_one_neighbour_that_is_correct_is_enough(result):
    frames = [
        result(f"a{n}", "correct_top1" * (n == 2), anchor_id="a", offset=n) for n in (1, 2, 3)
    ]
    (row,) = attributions("m", [result("a")], {}, frames)
    assert row["motion"] is True


def test_shares_overlap_and_what_nothing_explains_stands_apart(result):
    rows = attributions(
        "m",
        [
            result("a", group_id="one", kept_labels=[]),
            result("b", group_id="one"),
            result("c", group_id="two"),
            result("d", group_id="two"),
        ],
        {"a": True, "b": True, "c": False, "d": False},
    )
    shares = share_causes(rows)
    assert {row["cause"]: (row["successes"], row["n"]) for row in shares} == {
        "framing": (2, 4),
        "doubtful_label": (1, 4),
        "several": (1, 4),
        "unexplained": (2, 4),
    }
    assert shares[0].keys() == set(ATTRIBUTION_SHARES.schema.names)
    # Framing explains all failures of one clip, and none of the other: two clips say nothing.
    assert (shares[0]["cluster_low"], shares[0]["cluster_high"]) == pytest.approx((0, 1), abs=1e-4)


def test_clips_of_one_video_are_one_unit(result):
    clips = {"a": "one", "b": "one", "c": "two", "d": "three"}
    failures = [
        result(name, group_id=f"clip of {name}", video_id=video) for name, video in clips.items()
    ]
    (unexplained,) = (
        row
        for row in share_causes(attributions("m", failures, {"a": True}))
        if row["cause"] == "unexplained"
    )
    assert (unexplained["n"], unexplained["clusters"]) == (4, 3)


def test_a_model_without_failures_has_no_shares(result):
    assert share_causes(attributions("m", [result("a", "correct_top1")], {})) == []


def test_an_image_that_is_not_framed_otherwise_is_not_one_that_framing_does_not_explain(result):
    rows = attributions("m", [result(name) for name in "abc"], {"a": True, "b": False})
    assert [row["framing"] for row in rows] == [True, False, None]
    framing = next(row for row in share_causes(rows) if row["cause"] == "framing")
    assert (framing["successes"], framing["n"]) == (1, 2)


def test_a_box_or_a_zoomed_crop_may_be_the_framing_that_explains(result, tmp_path):
    files = {"whole": "", "box": "ab"}
    for name, solved in files.items():
        rows = [result(one, "correct_top1" * (one in solved)) for one in "abcd"]
        write_rows(tmp_path / name, IMAGE_RESULTS, rows, facts={"model": "m"})
    # Of one crop, which is tried on all: it is correct on a and c.
    correct = np.array([[True], [False], [True], [False]])
    names, sizes = list("abcd"), [(300, 300)] * 4
    zoom = ZoomResults("m", names, names, [CropKey(256, 1, 1)], correct, sizes, 8, "full")
    found = read_attributions([tmp_path / "whole"], [tmp_path / "box"], [zoom], [], seed=0)
    framing = {row["image_id"]: row["framing"] for row in found["m"]}
    assert framing == {"a": True, "b": True, "c": True, "d": False}
