"""Pairs of detectors: AP of single images, on the sets that both were scored on."""

from pathlib import Path

from wildframe.exhibits.pairs import PairTable
from wildframe.scores.detector_pairs import detector_pairs as compared
from wildframe.studies.vid_robust.detector_pairs import detector_pairs


def frame(model, anchor, ap_anchor, ap, task="detection"):
    named = {"model": model, "task": task, "iou": "0.5", "anchor_id": anchor, "video": anchor}
    return named | {"ap_anchor": ap_anchor, "ap": ap}


def both_tasks(*frames):
    return [frame(*one, task) for task in ("detection", "localization") for one in frames]


def table(*frames):
    pairs = PairTable(Path("pairs"), compared(both_tasks(*frames), 10, 0), {"review": "human"})
    return detector_pairs(pairs, ["a", "b"], ["0.5"], "our videos")


def test_the_mean_over_shared_sets_is_compared_in_points():
    found = table(("a", "x", 1.0, 0.5), ("b", "x", 0.5, 0.5), ("a", "y", 0.25, 0.0))
    row, _ = found.rows
    assert (row["ap_anchor"], row["ap_anchor_n"], row["ap_worst"]) == (50, 1, 0)


def test_detectors_of_other_classes_share_no_set_and_are_not_compared():
    found = table(("a", "x", 1.0, 0.5), ("b", "y", 0.5, 0.5))
    assert [row["ap_anchor"] for row in found.rows] == [None, None]
    assert any("N/A: on no anchor" in note for note in found.notes)
