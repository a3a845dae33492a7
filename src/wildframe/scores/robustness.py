"""Robustness of models to natural perturbations, from their results on each frame of each set.

Intervals of accuracies are exact, over anchors; those of their drop (delta) are a bootstrap over
videos, since sets of one video are not independent.
"""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import combinations
from pathlib import Path

import numpy as np
import numpy.typing as npt

from wildframe.core.errors import UserError
from wildframe.core.schemas import IMAGE_RESULTS
from wildframe.core.statistics import (
    CLOPPER_PEARSON_95,
    Proportion,
    bootstrap_clusters,
    clopper_pearson,
)
from wildframe.core.tables import Row, read_facts, read_table
from wildframe.scores import model_of
from wildframe.scores.pairs import contingency
from wildframe.scores.set_metrics import (
    Bools,
    Integers,
    Sets,
    correct_within,
    flips,
    pairs_within,
    random_neighbour_accuracy,
    sets_of,
)

COLUMNS = (
    *("anchor_id", "image_id", "offset", "group_id", "video_id"),
    *("labels", "predicted", "correct_top1"),
)

_SHARED = ("dataset", "review", "targets", "restrict_to_label_space")
"""Metadata that the results of several models must share."""


@dataclass(frozen=True)
class SetResults:
    """The results of one model on the sets of a dataset."""

    model: str
    rows: Sequence[Row]
    """Of ``IMAGE_RESULTS`` (`COLUMNS`), sorted by set and image."""

    @cached_property
    def sets(self) -> Sets:
        """The sets of frames."""
        rows = self.rows
        return sets_of([row["anchor_id"] for row in rows], [row["offset"] for row in rows])

    @cached_property
    def ks(self) -> list[int]:
        """Distances from the anchor that occur, ascending; 0 is the first."""
        return [int(k) for k in np.unique(self.sets.distance)]

    @cached_property
    def correct(self) -> Bools:
        """Whether the prediction of the frame is correct, shape (rows,)."""
        return np.array([row["correct_top1"] for row in self.rows], bool)

    @cached_property
    def predicted(self) -> Integers:
        """Numbers of the predicted classes, shape (rows,); all outside the label space are one."""
        _, codes = np.unique([row["predicted"] or "" for row in self.rows], return_inverse=True)
        return codes

    @cached_property
    def anchors(self) -> list[Row]:
        """The row of each set's anchor."""
        return [self.rows[at] for at in self.sets.of_anchors]

    @cached_property
    def correct_within(self) -> Bools:
        """Whether the anchor and all frames up to each distance are correct, shape (sets, ks)."""
        return correct_within(self.correct, self.sets, self.ks)

    @cached_property
    def lost(self) -> Integers:
        """1 if the anchor is correct and a frame up to each distance is not, shape (sets, ks)."""
        return self.correct_within[:, :1].astype(np.int64) - self.correct_within

    @cached_property
    def video(self) -> Integers:
        """Number of each set's video, from 0, shape (sets,)."""
        videos = [row["video_id"] or row["group_id"] for row in self.anchors]
        _, video = np.unique(videos, return_inverse=True)
        return video


def read_set_results(paths: Sequence[Path]) -> tuple[list[SetResults], dict[str, str]]:
    """Read the results of several models on the same sets, in the order given, and `_SHARED`.

    Raises:
        UserError: A file is absent, something else or of single images, two are of one model, or
            they are not of the same sets; names the file.
    """
    results: dict[str, SetResults] = {}
    shared: dict[str, str] = {}
    keys: list[tuple[str, str]] = []
    for path in paths:
        facts = read_facts(path, IMAGE_RESULTS)
        model = model_of(path, IMAGE_RESULTS)
        if model in results:
            raise UserError(f"{path}: {model} is given twice; name each model's results once")
        if "review" not in facts:
            raise UserError(
                f"{path}: is of single images, which have no neighbours; robustness needs the "
                "results of a dataset of kind sets"
            )
        rows = read_table(path, IMAGE_RESULTS, COLUMNS).to_pylist()
        rows.sort(key=_key)
        for name in _SHARED:
            if shared.setdefault(name, facts.get(name, "")) != facts.get(name, ""):
                raise UserError(
                    f"{path}: its {name} is {facts.get(name) or 'not known'}, that of {paths[0]} "
                    f"{shared[name] or 'not known'}; name results of one dataset"
                )
        own_keys = [_key(row) for row in rows]
        keys = keys or own_keys
        if own_keys != keys:
            anchor_id, image_id = min(set(keys) ^ set(own_keys))
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
        results: The model's results.
        resamples: Draws of videos for the intervals of delta.
        seed: Seed of these draws, and of the draw of random neighbours.
    """
    sets, ks = results.sets, results.ks
    pairs = pairs_within(sets, ks)
    subsets = _subsets(results)
    intervals = _delta_intervals(results, list(subsets.values()), resamples, seed)
    for (subset, members), ends in zip(subsets.items(), intervals, strict=True):
        successes = results.correct_within[members].sum(axis=0).tolist()
        n_pairs = pairs[members].sum(axis=0).tolist()
        anchors = int(members.sum())
        for k, count, n, low, high in zip(ks, successes, n_pairs, *ends, strict=True):
            deltas = {"delta": (successes[0] - count) / anchors}
            deltas |= {"delta_low": low, "delta_high": high}
            share = clopper_pearson(count, anchors)
            yield _row(results.model, subset, "pm_k", k, share, n) | deltas
        if subset == "all":
            yield from _average_cases(results, n_pairs, seed)


def _average_cases(results: SetResults, pairs: Sequence[int], seed: int) -> Iterator[Row]:
    """Yield the accuracy on a random neighbour, and the rate of pairs whose predictions differ."""
    distances = list(zip(results.ks, pairs, strict=True))[1:]
    for k, n_pairs in distances:
        share = random_neighbour_accuracy(results.correct, results.sets, seed, k)
        if share:
            yield _row(results.model, "all", "random_neighbour", k, share, n_pairs)
    for k, n_pairs in distances:
        differ, n = flips(results.predicted, results.sets, k)
        share = Proportion(differ, n, differ / n, 0, 0)
        without = {"low": None, "high": None, "interval": ""}
        yield _row(results.model, "all", "flip_rate", k, share, n_pairs) | without


def _subsets(results: SetResults) -> dict[str, Bools]:
    """Return the sets of each subset, shape (sets,)."""
    labels = [frozenset(row["labels"]) for row in results.anchors]
    classes = sorted(frozenset[str]().union(*labels))
    everything = {"all": np.ones(results.sets.count, bool)}
    return everything | {
        f"class={wnid}": np.array([wnid in own for own in labels]) for wnid in classes
    }


def _delta_intervals(
    results: SetResults, subsets: Sequence[Bools], resamples: int, seed: int
) -> Iterator[tuple[list[float], list[float]]]:
    """Yield, for each subset, lower and upper ends of delta at each distance."""
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
        **asdict(share),
        "pairs": pairs,
        "interval": CLOPPER_PEARSON_95,
        "delta": None,
        "delta_low": None,
        "delta_high": None,
    }


def set_pairs(results: Sequence[SetResults], resamples: int, seed: int) -> Iterator[Row]:
    """Yield the rows of ``SET_PAIRS``: each pair of models, on anchors and at the largest distance.

    Args:
        results: Of `read_set_results`.
        resamples: Draws of videos for the intervals of the difference of delta.
        seed: Seed of the draws.
    """
    for a, b in combinations(results, 2):
        for column, k in {0: a.ks[0], len(a.ks) - 1: a.ks[-1]}.items():
            counts = contingency(a.correct_within[:, column], b.correct_within[:, column])
            difference = (a.lost - b.lost)[:, [column]]
            low, high = _by_video(a, difference, np.ones_like(difference), resamples, seed)
            ends = {"low": float(low[0]), "high": float(high[0])}
            named = {"model_a": a.model, "model_b": b.model, "k": k}
            yield named | counts | {"delta_difference": float(difference.mean())} | ends
