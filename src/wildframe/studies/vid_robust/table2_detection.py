"""Table 2: detection and localization on anchors, and on the worst frame of each set."""

import json
from collections.abc import Mapping
from typing import Annotated, Any

from wildframe.core.display import interval
from wildframe.core.errors import UserError
from wildframe.core.schemas import DETECTION_SCORES
from wildframe.core.tables import Row
from wildframe.exhibits.comparisons import VIDEOS, paired, untested
from wildframe.exhibits.figure import FEW
from wildframe.exhibits.inputs import TableFile, table_of
from wildframe.exhibits.pairs import few_clusters
from wildframe.exhibits.panels import names_of
from wildframe.exhibits.paper import paper_numbers
from wildframe.exhibits.registry import File, exhibit
from wildframe.exhibits.robustness_table import reviewed
from wildframe.exhibits.table import Column, Table
from wildframe.studies.vid_robust.cells import (
    NOT_PAPERS,
    PAPERS_CUT,
    PRINTED,
    class_names,
    compares,
    percent,
)
from wildframe.studies.vid_robust.inputs import (
    ComparePaper,
    DetectionNote,
    SetsLabelSpace,
    datasets_with_boxes,
    detected,
)


@exhibit(
    "Table 2",
    "detection and localization",
    "mAP of detectors on anchors and on the worst frame of each set, for detection and for "
    "localization (paper: Table 2).",
    datasets=datasets_with_boxes,
    printed="table2_detection",
    compares=[
        untested(
            "anchors against worst frames",
            "these are chosen for their low precision; the drop of mAP has an interval over videos",
        ),
        untested("detection against localization", "they are different tasks"),
        paired("each two detectors", VIDEOS, shown_in="detector_pairs"),
    ],
)
def table2_detection(
    scores: Annotated[
        TableFile, File("scores_detection.scores", table_of(DETECTION_SCORES), detected)
    ],
    label_space: SetsLabelSpace,
    data_note: DetectionNote,
    compare: ComparePaper,
) -> Table:
    """Return one row a detector, task and IoU; below them the paper's, where they compare.

    Raises:
        UserError: There are no scores.
    """
    if not scores.rows:
        raise UserError(f"{scores.path}: the table has no rows; make it anew with detections")
    rows = [_ours(row) for row in scores.rows]
    first = scores.rows[0]
    notes = [
        f"Data: {data_note}",
        reviewed(first["review"]),
        "mAP in percent, the mean over the classes with an annotated object. Perturbed: each "
        "anchor is replaced by the frame of its set, the anchor included, that has the lowest "
        "average precision by itself, at the first IoU of each task. mAP of these frames may be "
        "above the original, since each is chosen by its own average precision, and mAP is of the "
        "boxes of all frames, class by class. Localization: all classes are merged into one, so "
        "that objects and not classes have equal weight; it can be below detection.",
        "95 % intervals of deltas are over videos: a bias-corrected and accelerated bootstrap "
        "(BCa), or Student's t with the jackknife below 30 videos. [N/A]: all videos agree, or "
        f"there are fewer than {FEW} anchors.",
        *few_clusters(scores.rows, "videos", has_flips=False),
        *_left_out(scores.facts, class_names(label_space)),
    ]
    if compares(compare, _anchors(first, scores.facts)):
        printed = paper_numbers("vid_robust", "table2_detection").values()
        rows += [_printed(row) for row in printed]
        remarks = [
            f"{row['model']}, {row['task']}: {row['note']}" for row in printed if row["note"]
        ]
        notes += [PAPERS_CUT, f"Of the paper's rows: {'; '.join(remarks)}."]
    else:
        notes.append(NOT_PAPERS)
    columns = [
        Column("model", "Detector", align="l"),
        Column("source", ""),
        Column("task", "Task", align="l"),
        Column("iou", "IoU", absent="N/A"),
        Column("original", "mAP original", _one_digit("original")),
        Column("perturbed", f"mAP perturbed (pm-{first['k']})", _one_digit("perturbed")),
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
    shares = {"original": row["map_orig"], "perturbed": row["map_pm_k"], "delta": row["delta"]}
    numbers = {key: 100 * value for key, value in shares.items()}
    has_interval = row["anchors"] >= FEW
    ends = ("delta_low", "delta_high")
    numbers |= {end: percent(row[end]) if has_interval else None for end in ends}
    return {key: row[key] for key in kept} | numbers | {"source": "ours"}


def _anchors(row: Row, facts: Mapping[str, str]) -> int:
    """Return the number of anchors, with those that have no object of the detector's classes."""
    return int(row["anchors"]) + len(json.loads(facts["anchors_without_objects"])[row["model"]])


def _printed(row: Mapping[str, str]) -> Row:
    unknown = ("iou", "delta_low", "delta_high", "categories", "anchors", "flavour", "review", "k")
    numbers = {key: float(row[key]) for key in PRINTED}
    named = {"model": f"{row['model']} (paper)", "task": row["task"], "source": "paper"}
    return named | numbers | dict.fromkeys(unknown)


def _one_digit(key: str) -> Any:
    return lambda row: f"{row[key]:.1f}"


def _delta(row: Mapping[str, Any]) -> str:
    if row["source"] == "paper":
        return f"{row['delta']:.1f}"
    ends = interval(row["delta_low"], row["delta_high"], ".1f")
    return f"{row['delta']:.1f} [{ends}]"


def _left_out(facts: Mapping[str, str], names: Mapping[str, str]) -> list[str]:
    """Say by detector which anchors, frames and classes could not be scored."""
    notes = []
    frames = json.loads(facts["frames_without_objects"])
    anchors = json.loads(facts["anchors_without_objects"])
    for model, classes in json.loads(facts["classes_not_covered"]).items():
        parts = []
        if anchors[model]:
            parts.append(f"{len(anchors[model])} anchors without an object of its classes")
        if frames[model]:
            parts.append(f"{frames[model]} other frames without one, which are never the worst")
        if classes:
            listed = ", ".join(f"{names_of([wnid], names)} ({n})" for wnid, n in classes.items())
            parts.append(f"objects of classes that it cannot detect: {listed}")
        if parts:
            notes.append(f"Left out for {model}: {'; '.join(parts)}.")
    return notes
