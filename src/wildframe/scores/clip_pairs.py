"""Paired comparisons of trainings of video models on the same clips, over videos.

Seeds are averaged first: of each clip the share of the seeds that are correct, or mAP over seeds.
The test is over videos; `clips.over_seeds` gives the spread over seeds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from wildframe.core.clusters import Counts, half_width, or_none, sign_flip
from wildframe.core.errors import UserError
from wildframe.core.tables import Row
from wildframe.scores.clips import MAP, ClipLabels, ClipResults
from wildframe.scores.conditions import Condition
from wildframe.scores.multi_label import MeanPrecision, mean_of
from wildframe.scores.pairs import NO_CONTINGENCY, compare_each


def clip_pairs(
    results: Sequence[ClipResults],
    pairs: Sequence[tuple[str, str]],
    labels: ClipLabels,
    seed: int,
) -> list[Row]:
    """Return the rows of ``PAIRS`` of pairs of trainings, by each metric that both have.

    Args:
        results: Of every seed of the trainings.
        pairs: Names of the trainings to compare.
        labels: Of the clips.
        seed: Seed of the tests.

    Raises:
        UserError: A training of a pair has no results.
    """
    by_training: dict[str, list[ClipResults]] = {}
    for one in results:
        by_training.setdefault(one.training, []).append(one)
    for name in (name for pair in pairs for name in pair):
        if name not in by_training:
            known = ", ".join(by_training)
            raise UserError(f"{name} is to be compared, but has no predictions; given are {known}")
    conditions = {name: _conditions(by_training[name]) for pair in pairs for name in pair}
    chosen = [
        (conditions[a][metric], conditions[b][metric])
        for a, b in pairs
        for metric in conditions[a]
        if metric in conditions[b]
    ]
    rows = compare_each(chosen, labels.video_ids, seed)
    means = {name: _mean_precision(of_training) for name, of_training in by_training.items()}
    for a, b in pairs:
        if (of_a := means[a]) and (of_b := means[b]):
            rows.append(_map_row((a, of_a), (b, of_b), len(labels.clip_ids), seed))
    return rows


def _conditions(seeds: Sequence[ClipResults]) -> Mapping[tuple[str, str], Condition]:
    """Return the shares of a training by subset and metric, over its seeds."""
    return {
        (same[0].subset, same[0].metric): same[0]
        # A single seed keeps flags, of which correct and incorrect clips are counted.
        if len(same) == 1
        else replace(same[0], successes=np.mean([one.successes for one in same], axis=0))
        for same in zip(*(one.shares for one in seeds), strict=True)
    }


def _mean_precision(seeds: Sequence[ClipResults]) -> MeanPrecision | None:
    found = [one.mean_precision for one in seeds]
    return mean_of([one for one in found if one]) if all(found) else None


def _map_row(
    a: tuple[str, MeanPrecision], b: tuple[str, MeanPrecision], clips: int, seed: int
) -> Row:
    """Return the row of ``PAIRS`` of two mAP.

    Interval: jackknife over videos of the difference. Test: flips of the sign of what each video
    adds to the difference (its pseudo-value), which to first order are exchanges of the two
    models' predictions of the video.
    """
    (name_a, of_a), (name_b, of_b) = a, b
    videos = len(of_a.left_out)
    ones = np.ones((videos, 2))
    half = half_width((of_a.left_out - of_b.left_out)[:, None], ones[:, :1])
    counts = Counts(np.stack([of_a.pseudo_values, of_b.pseudo_values], axis=1), ones)
    p_value = sign_flip(counts, np.array([0]), np.array([1]), seed)
    difference = of_a.value - of_b.value
    return {
        **{"model_a": name_a, "subset_a": "all", "value_a": of_a.value, "n_a": clips},
        **{"model_b": name_b, "subset_b": "all", "value_b": of_b.value, "n_b": clips},
        **{"metric": MAP, "k": 0, **NO_CONTINGENCY},
        "difference": difference,
        "low": or_none(np.maximum(difference - half[0], -1)),
        "high": or_none(np.minimum(difference + half[0], 1)),
        "p_value": float(p_value[0]),
        "clusters": videos,
    }
