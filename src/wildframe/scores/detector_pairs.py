"""Paired comparison of detectors on the same sets.

mAP is a mean over classes, and detectors cover different ones. What is compared is therefore what
the worst frames are chosen by: the average precision of single images.
"""

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from wildframe.core.tables import Row
from wildframe.scores.conditions import Condition
from wildframe.scores.pairs import compare

METRICS = {"ap_anchor": "ap_anchor", "ap_worst": "ap"}
"""Columns of ``WORST_FRAMES`` by metric."""


def detector_pairs(worst: Sequence[Row], k: int, seed: int) -> list[Row]:
    """Return the rows of ``PAIRS`` of each two detectors, on the sets that both were scored on.

    Args:
        worst: Rows of ``WORST_FRAMES`` of all detectors.
        k: Largest distance from the anchor, in frames.
        seed: Seed of the tests.
    """
    found: list[Row] = []
    by_detector: dict[str, dict[tuple[str, str], dict[str, Row]]] = {}
    for row in worst:
        of_detector = by_detector.setdefault(row["model"], {})
        of_detector.setdefault((row["task"], row["iou"]), {})[row["anchor_id"]] = row
    for a, b in combinations(by_detector, 2):
        for task, iou in by_detector[a]:
            sets = [by_detector[model][task, iou] for model in (a, b)]
            shared = sorted(sets[0].keys() & sets[1].keys())
            for metric, column in METRICS.items() if shared else ():
                conditions = [
                    Condition(
                        model,
                        f"iou={iou}",
                        f"{task}_{metric}",
                        k,
                        np.array([of_model[anchor][column] for anchor in shared]),
                        np.ones(len(shared)),
                    )
                    for model, of_model in zip((a, b), sets, strict=True)
                ]
                units = [sets[0][anchor]["video"] for anchor in shared]
                found += compare(conditions, [(0, 1)], units, seed)
    return found
