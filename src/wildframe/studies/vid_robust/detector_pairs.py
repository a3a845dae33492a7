"""Paired comparisons of all detectors on the same sets."""

from collections.abc import Sequence
from itertools import combinations
from typing import Annotated

from wildframe.core.tables import Row
from wildframe.exhibits.comparisons import VIDEOS, paired
from wildframe.exhibits.inputs import models
from wildframe.exhibits.pairs import Case, PairTable, with_differences
from wildframe.exhibits.registry import File, Setting, exhibit
from wildframe.exhibits.robustness_table import reviewed
from wildframe.exhibits.table import Column, Table
from wildframe.studies.vid_robust.inputs import DetectionNote, datasets_with_boxes, detected

_METRICS = {"ap_anchor": "AP, anchors", "ap_worst": "AP, worst frames"}


@exhibit(
    "Supplement: detector pairs",
    "paired tests of all detectors",
    "Differences between all pairs of detectors in the average precision of single images, with "
    "intervals and tests over videos (not in the paper).",
    datasets=datasets_with_boxes,
    when=lambda run: len(run.study.detectors) > 1,
    compares=[paired("each two detectors: on anchors and on worst frames", VIDEOS)],
)
def detector_pairs(
    pairs: Annotated[PairTable, File("scores_detection.pairs", PairTable.read, detected)],
    detectors: Annotated[Sequence[str], models(lambda run: run.study.detectors)],
    ious: Annotated[Sequence[str], Setting(lambda run: run.study.ious, list[str])],
    data_note: DetectionNote,
) -> Table:
    """Return one row a pair of detectors, task and IoU."""
    k = max(pairs.ks, default=0)
    rows: list[Row] = [
        {"model_a": a, "model_b": b, "task": task, "iou": iou}
        for a, b in combinations(detectors, 2)
        for task in ("detection", "localization")
        for iou in ious
    ]
    columns = [
        Column("model_a", "Detector A", align="l"),
        Column("model_b", "Detector B", align="l"),
        Column("task", "Task", align="l"),
        Column("iou", "IoU"),
    ]
    sides = [[Case(row[f"model_{side}"], f"iou={row['iou']}") for side in "ab"] for row in rows]
    compared = {
        metric: (
            f"{title}, A - B",
            [
                pairs.find(a, b, k, f"{row['task']}_{metric}")
                for row, (a, b) in zip(rows, sides, strict=True)
            ],
        )
        for metric, title in _METRICS.items()
    }
    notes = [
        f"Data: {data_note}",
        reviewed(pairs.facts["review"]),
        "Compared is the mean over sets of the average precision (AP) of single images, in points: "
        "mAP is a mean over classes, and detectors cover different ones. N/A: on no anchor is an "
        "object of classes that both detect.",
    ]
    table = Table("Pairs of detectors on the same sets", columns, rows, notes)
    return with_differences(table, compared, "+.1f")
