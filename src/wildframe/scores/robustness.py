"""Robustness of models to natural perturbations, out of what they made of each frame of each set.

Intervals of accuracies are exact, over anchors; those of what is lost are of a bootstrap over
videos, since sets of one video are not independent.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from pathlib import Path

import numpy as np
import numpy.typing as npt

from wildframe.core.errors import UserError
from wildframe.core.schemas import SET_RESULTS
from wildframe.core.statistics import (
    CLOPPER_PEARSON_95,
    Proportion,
    bootstrap_clusters,
    clopper_pearson,
    mcnemar,
)
from wildframe.core.tables import Row, read_facts, read_table
from wildframe.scores.temporal import (
    Bools,
    Integers,
    Sets,
    correct_within,
    flips,
    pairs_within,
    random_neighbour_accuracy,
    sets_of,
)

_SHARED = ("dataset", "review", "targets", "restrict_to_label_space")
"""Facts in which the results of several models must agree."""


@dataclass(frozen=True)
class SetResults:
    """What one model made of the sets of a dataset."""

    model: str
    rows: Sequence[Row]
    """Of ``SET_RESULTS``, sorted by set and image."""

    @cached_property
    def sets(self) -> Sets:
        """The sets."""
        rows = self.rows
        return sets_of([row["anchor_id"] for row in rows], [row["offset"] for row in rows])

    @cached_property
    def ks(self) -> list[int]:
        """Distances from the anchor that occur, ascending; 0 is the first."""
        return [int(k) for k in np.unique(self.sets.distance)]

    @cached_property
    def right(self) -> Bools:
        """Whether the model is right on the frame, shape (rows,)."""
        return np.array([row["correct"] for row in self.rows], bool)

    @cached_property
    def predicted(self) -> Integers:
        """What it answered, as numbers, shape (rows,); all that is no target is one answer."""
        _, codes = np.unique([row["predicted"] or "" for row in self.rows], return_inverse=True)
        return codes

    @cached_property
    def anchors(self) -> list[Row]:
        """The row of each set's anchor."""
        return [self.rows[at] for at in self.sets.of_anchors]

    @cached_property
    def correct_within(self) -> Bools:
        """Whether the anchor and all frames up to each distance are right, shape (sets, ks)."""
        return correct_within(self.right, self.sets, self.ks)

    @cached_property
    def lost(self) -> Integers:
        """1 for a set whose anchor is right and a frame up to each distance wrong: (sets, ks)."""
        return self.correct_within[:, :1].astype(np.int64) - self.correct_within

    @cached_property
    def video(self) -> Integers:
        """Which video each set is of, 0 to their number - 1, shape (sets,)."""
        _, video = np.unique([row["video_id"] for row in self.anchors], return_inverse=True)
        return video


def read_set_results(paths: Sequence[Path]) -> tuple[list[SetResults], dict[str, str]]:
    """Read the results of several models on the same sets, in the order given.

    Args:
        paths: Results on sets.

    Returns:
        The models' results, and the facts in which they agree: dataset, review, targets, outputs.

    Raises:
        UserError: A file is absent or something else, two are of one model, or they are not of the
            same sets; names the file.
    """
    results: dict[str, SetResults] = {}
    shared: dict[str, str] = {}
    keys: list[tuple[str, str]] = []
    for path in paths:
        facts = read_facts(path, SET_RESULTS)
        model = facts.get("model") or path.name.removesuffix(".parquet").removesuffix(".sets")
        if model in results:
            raise UserError(f"{path}: {model} is given twice; name each model's results once")
        rows = read_table(path, SET_RESULTS).to_pylist()
        rows.sort(key=_key)
        for name in _SHARED:
            if shared.setdefault(name, facts.get(name, "")) != facts.get(name, ""):
                raise UserError(
                    f"{path}: its {name} is {facts.get(name) or 'not known'}, that of {paths[0]} "
                    f"{shared[name] or 'not known'}; name results of one dataset"
                )
        keys = keys or [_key(row) for row in rows]
        if [_key(row) for row in rows] != keys:
            anchor_id, image_id = min(set(keys) ^ {_key(row) for row in rows})
            raise UserError(
                f"{path}: image {image_id} of the set of {anchor_id} is in this file or in "
                f"{paths[0]}, but not in both; make them from the same reviews"
            )
        results[model] = SetResults(model, rows)
    return list(results.values()), shared


def _key(row: Row) -> tuple[str, str]:
    return row["anchor_id"], row["image_id"]


def robustness(results: SetResults, resamples: int, seed: int) -> Iterator[Row]:
    """Yield the rows of ``ROBUSTNESS`` of one model, without dataset and review.

    Distances are those that occur. An anchor of several labels counts in the subset of each.

    Args:
        results: What the model made of the sets.
        resamples: Draws of videos for the intervals of what is lost.
        seed: Of these draws, and of the draw of random neighbours.
    """
    sets, ks = results.sets, results.ks
    pairs = pairs_within(sets, ks)
    subsets = _subsets(results)
    intervals = _lost_intervals(results, list(subsets.values()), resamples, seed)
    named = zip(subsets.items(), intervals, strict=True)
    for (subset, members), ends in named:
        successes = results.correct_within[members].sum(axis=0).tolist()
        neighbours = pairs[members].sum(axis=0).tolist()
        anchors = int(members.sum())
        for k, count, n_pairs, low, high in zip(ks, successes, neighbours, *ends, strict=True):
            share = clopper_pearson(count, anchors)
            yield _row(results.model, subset, "pm_k", k, share, n_pairs) | {
                "delta": (successes[0] - count) / anchors,
                "delta_low": low,
                "delta_high": high,
            }
        if subset == "all":
            yield from _average_cases(results, neighbours, seed)


def _average_cases(results: SetResults, pairs: Sequence[int], seed: int) -> Iterator[Row]:
    """Yield how often a random neighbour is right, and how often answers change."""
    distances = list(zip(results.ks, pairs, strict=True))[1:]
    for k, neighbours in distances:
        share = random_neighbour_accuracy(results.right, results.sets, seed, k)
        if share:
            yield _row(results.model, "all", "random_neighbour", k, share, neighbours)
    for k, neighbours in distances:
        differ, n = flips(results.predicted, results.sets, k)
        share = Proportion(differ, n, differ / n, 0, 0)
        yield _row(results.model, "all", "flip_rate", k, share, neighbours) | {
            "low": None,
            "high": None,
            "interval": "",
        }


def _subsets(results: SetResults) -> dict[str, Bools]:
    """Return the sets of each subset, shape (sets,)."""
    labels = [frozenset(row["labels"]) for row in results.anchors]
    classes = sorted(frozenset[str]().union(*labels))
    everything = {"all": np.ones(results.sets.count, bool)}
    return everything | {
        f"class={wnid}": np.array([wnid in found for found in labels]) for wnid in classes
    }


def _lost_intervals(
    results: SetResults, subsets: Sequence[Bools], resamples: int, seed: int
) -> Iterator[tuple[list[float], list[float]]]:
    """Yield, for each subset, lower and upper ends of what is lost at each distance."""
    lost = np.hstack([results.lost * members[:, None] for members in subsets])
    sizes = np.hstack([np.repeat(members[:, None], len(results.ks), 1) for members in subsets])
    low, high = _by_video(results, lost, sizes.astype(np.int64), resamples, seed)
    shape = (len(subsets), len(results.ks))
    return zip(low.reshape(shape).tolist(), high.reshape(shape).tolist(), strict=True)


def _by_video(
    results: SetResults, counts: Integers, sizes: Integers, resamples: int, seed: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the ends of a bootstrap over videos of sums over sets, shape (sets, proportions)."""
    videos = int(results.video.max()) + 1
    successes, trials = np.zeros((2, videos, counts.shape[1]), np.int64)
    np.add.at(successes, results.video, counts)
    np.add.at(trials, results.video, sizes)
    return bootstrap_clusters(successes, trials, resamples, seed)


def _row(model: str, subset: str, metric: str, k: int, share: Proportion, pairs: int) -> Row:
    return {
        "model": model,
        "subset": subset,
        "metric": metric,
        "k": k,
        "value": share.value,
        "successes": share.successes,
        "n": share.n,
        "pairs": pairs,
        "low": share.low,
        "high": share.high,
        "interval": CLOPPER_PEARSON_95,
        "delta": None,
        "delta_low": None,
        "delta_high": None,
    }


def set_pairs(results: Sequence[SetResults], resamples: int, seed: int) -> Iterator[Row]:
    """Yield the rows of ``SET_PAIRS``: each pair of models, on anchors and at the largest distance.

    Args:
        results: What each model made of the same sets, as `read_set_results` gives it.
        resamples: Draws of videos for the intervals of the difference of what is lost.
        seed: Of the draws.
    """
    for a, b in combinations(results, 2):
        for column, k in {0: a.ks[0], len(a.ks) - 1: a.ks[-1]}.items():
            correct_a, correct_b = a.correct_within[:, column], b.correct_within[:, column]
            difference = (a.lost - b.lost)[:, [column]]
            low, high = _by_video(a, difference, np.ones_like(difference), resamples, seed)
            only_a, only_b = (
                int((correct_a & ~correct_b).sum()),
                int((correct_b & ~correct_a).sum()),
            )
            yield {
                "model_a": a.model,
                "model_b": b.model,
                "k": k,
                "both": int((correct_a & correct_b).sum()),
                "only_a": only_a,
                "only_b": only_b,
                "neither": int((~correct_a & ~correct_b).sum()),
                "p_value": mcnemar(only_a, only_b),
                "delta_difference": float(difference.mean()),
                "low": float(low[0]),
                "high": float(high[0]),
            }
