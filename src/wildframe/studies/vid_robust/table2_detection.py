"""Table 2: detection and localization on anchors, and on the worst frame of each set."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from wildframe.core.errors import UserError
from wildframe.core.tables import Row
from wildframe.exhibits.paper import paper_numbers
from wildframe.exhibits.robustness_table import reviewed
from wildframe.exhibits.table import Column, Table
from wildframe.studies.vid_robust.cells import NOT_PAPERS, PAPERS_CUT, compares, interval_cells
from wildframe.studies.vid_robust.panels import names_of

_NUMBERS = ("original", "perturbed", "delta")


def detection(
    path: Path,
    scores: Sequence[Row],
    facts: Mapping[str, str],
    names: Mapping[str, str],
    about: str,
    licensed: bool,
) -> Table:
    """Return one row a detector, task and overlap; below them the paper's, where they compare.

    Args:
        path: File of the scores, for messages.
        scores: Rows of DETECTION_SCORES; the order is kept.
        facts: Metadata of that table.
        names: Names of targets by wnid.
        about: What the data is.
        licensed: Whether the data is the paper's; its numbers stand below ours if all of it is.

    Raises:
        UserError: There are no scores.
    """
    if not scores:
        raise UserError(f"{path}: the table has no rows; make it anew with detections")
    rows = [_ours(row) for row in scores]
    notes = [
        f"Data: {about}",
        reviewed(scores[0]["review"]),
        "mAP in percent, the mean over the classes with an annotated object. Perturbed: each "
        "anchor is replaced by the frame of its set, the anchor included, that has the lowest "
        "average precision by itself; it is chosen at the first IoU for each task. mAP of these "
        "frames may be above the original, since each is chosen by its own average precision, and "
        "mAP is of the boxes of all frames, class by class. Localization: "
        "all classes are one, so that objects count alike and not classes; it can lie below "
        "detection.",
        "Intervals of deltas are percentiles of a bootstrap over videos, 95 %. [N/A]: the draws do "
        "not differ, and tell nothing.",
        *_left_out(facts, names),
    ]
    if compares(licensed, _anchors(scores[0], facts)):
        printed = paper_numbers("vid_robust", "table2_detection").values()
        rows += [_printed(row) for row in printed]
        told = [f"{row['model']}, {row['task']}: {row['note']}" for row in printed if row["note"]]
        notes += [PAPERS_CUT, f"Of the paper's rows: {'; '.join(told)}."]
    else:
        notes.append(NOT_PAPERS)
    k = scores[0]["k"]
    columns = [
        Column("model", "Detector", align="l"),
        Column("source", ""),
        Column("task", "Task", align="l"),
        Column("iou", "IoU", absent="N/A"),
        Column("original", "mAP original", _one_digit("original")),
        Column("perturbed", f"mAP perturbed (pm-{k})", _one_digit("perturbed")),
        Column("delta", "Delta [95 % CI]", _delta),
        Column("delta_low", ""),
        Column("delta_high", ""),
        Column("categories", "Classes", absent="N/A"),
        Column("anchors", "Anchors", absent="N/A"),
        Column("flavour", "AP", align="l", absent="N/A"),
        Column("review", ""),
        Column("k", ""),
    ]
    return Table("Table 2: detection and localization", columns, rows, notes)


def _ours(row: Row) -> Row:
    kept = ("model", "task", "iou", "categories", "anchors", "flavour", "review", "k")
    percent = {
        "original": row["map_orig"],
        "perturbed": row["map_pm_k"],
        "delta": row["delta"],
    }
    numbers = {key: 100 * value for key, value in percent.items()}
    numbers |= interval_cells("delta", 100 * row["delta_low"], 100 * row["delta_high"])
    return {key: row[key] for key in kept} | numbers | {"source": "ours"}


def _anchors(row: Row, facts: Mapping[str, str]) -> int:
    """Return how many anchors there are, those without an object that counts among them."""
    return int(row["anchors"]) + len(json.loads(facts["anchors_without_objects"])[row["model"]])


def _printed(row: Mapping[str, str]) -> Row:
    unknown = ("iou", "delta_low", "delta_high", "categories", "anchors", "flavour", "review", "k")
    numbers = {key: float(row[key]) for key in _NUMBERS}
    named = {"model": f"{row['model']} (paper)", "task": row["task"], "source": "paper"}
    return named | numbers | dict.fromkeys(unknown)


def _one_digit(key: str) -> Any:
    return lambda row: f"{row[key]:.1f}"


def _delta(row: Mapping[str, Any]) -> str:
    if row["source"] == "paper":
        return f"{row['delta']:.1f}"
    low, high = row["delta_low"], row["delta_high"]
    ends = "N/A" if low is None else f"{low:.1f}, {high:.1f}"
    return f"{row['delta']:.1f} [{ends}]"


def _left_out(facts: Mapping[str, str], names: Mapping[str, str]) -> list[str]:
    """Say by detector which anchors, frames and classes could not be scored."""
    notes = []
    frames = json.loads(facts["frames_without_objects"])
    anchors = json.loads(facts["anchors_without_objects"])
    for model, classes in json.loads(facts["classes_not_covered"]).items():
        parts = []
        if anchors[model]:
            parts.append(
                f"{len(anchors[model])} anchors without an annotated object that it can name"
            )
        if frames[model]:
            parts.append(f"{frames[model]} other frames without one, which are never the worst")
        if classes:
            listed = ", ".join(f"{names_of([wnid], names)} ({n})" for wnid, n in classes.items())
            parts.append(f"objects of classes that it does not know: {listed}")
        if parts:
            notes.append(f"Left out for {model}: {'; '.join(parts)}.")
    return notes
