"""Robustness of models to natural perturbations, from their results on each frame of each set.

Intervals of accuracies are exact, over anchors, and beside them over videos; all others are over
videos alone: these are left out in turn, since sets of one are not independent.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from wildframe.core.arrays import Bools, Floats, Integers
from wildframe.core.clusters import Counts, or_none, share_ends
from wildframe.core.errors import UserError
from wildframe.core.schemas import COPIES, IMAGE_RESULTS
from wildframe.core.tables import Row, paths_by_model, read_facts, read_table
from wildframe.reviews import pair_of
from wildframe.scores import unit_of
from wildframe.scores.accuracy import share_columns
from wildframe.scores.conditions import Condition
from wildframe.scores.pairs import compare_all
from wildframe.scores.set_metrics import (
    Sets,
    correct_within,
    flips,
    neighbour_accuracy,
    pairs_within,
    sets_of,
)

COLUMNS = (
    *("anchor_id", "image_id", "offset", "group_id", "video_id"),
    *("labels", "predicted", "correct_top1"),
)

_SHARED = ("dataset", "review", "targets", "restrict_to_label_space", COPIES)
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
    def units(self) -> list[str]:
        """The video of each set, or else its clip."""
        return [unit_of(row) for row in self.anchors]

    @cached_property
    def video(self) -> Integers:
        """Number of each set's video, from 0, shape (sets,)."""
        _, video = np.unique(self.units, return_inverse=True)
        return video

    def counts(self, successes: npt.ArrayLike, trials: npt.ArrayLike) -> Counts:
        """Return sums over videos of values of sets, shape (sets, proportions)."""
        return Counts.of(self.video, successes, trials)


def read_set_results(paths: Sequence[Path]) -> tuple[Iterator[SetResults], dict[str, str]]:
    """Read the results of several models on the same sets, in the order given, and `_SHARED`.

    Models are read as they are taken: together they would not fit into a job's memory.

    Raises:
        UserError: A file is absent, something else or of single images, two are of one model, or
            they are not of the same sets; names the file.
    """
    by_model = paths_by_model(paths, IMAGE_RESULTS)
    shared: dict[str, str] = {}
    for path in by_model.values():
        facts = read_facts(path, IMAGE_RESULTS)
        if "review" not in facts:
            raise UserError(
                f"{path}: is of single images, which have no neighbours; robustness needs the "
                "results of a dataset of kind sets"
            )
        for name in _SHARED:
            if shared.setdefault(name, facts.get(name, "")) != facts.get(name, ""):
                raise UserError(
                    f"{path}: its {name} is {facts.get(name) or 'not known'}, that of {paths[0]} "
                    f"{shared[name] or 'not known'}; name results of one dataset"
                )
    told = {name: fact for name, fact in shared.items() if fact or name != COPIES}
    return _of_same_sets(by_model), told


def _of_same_sets(by_model: Mapping[str, Path]) -> Iterator[SetResults]:
    keys: list[tuple[str, str]] = []
    for model, path in by_model.items():
        rows = sorted(read_table(path, IMAGE_RESULTS, COLUMNS).to_pylist(), key=pair_of)
        own_keys = [pair_of(row) for row in rows]
        if len(set(own_keys)) < len(own_keys):
            raise UserError(
                f"{path}: an image has several predictions; robustness needs one of each image: "
                "a view of one crop, or one with aggregate"
            )
        keys = keys or own_keys
        if own_keys != keys:
            anchor_id, image_id = min(set(keys) ^ set(own_keys))
            raise UserError(
                f"{path}: image {image_id} of the set of {anchor_id} is in this file or in "
                f"{next(iter(by_model.values()))}, but not in both; make them from the same reviews"
            )
        yield SetResults(model, rows)


def robustness(results: SetResults) -> Iterator[Row]:
    """Yield the rows of ``ROBUSTNESS`` of one model, without dataset and review.

    Distances are those that occur. An anchor of several labels counts in the subset of each.
    """
    sets, ks = results.sets, results.ks
    pairs = pairs_within(sets, ks)
    for subset, members in _subsets(results).items():
        n_pairs = pairs[members].sum(axis=0).tolist()
        trials = np.repeat(members[:, None], len(ks), axis=1)
        shares = share_columns(results.counts(results.correct_within & trials, trials))
        ends = share_ends(results.counts(results.lost * trials, trials))
        for k, share, n, low, high in zip(ks, shares, n_pairs, *ends, strict=True):
            yield {
                **_row(results.model, subset, "pm_k", k, n),
                "videos": share.pop("clusters"),
                **share,
                "delta": (shares[0]["successes"] - share["successes"]) / share["n"],
                "delta_low": or_none(low),
                "delta_high": or_none(high),
            }
        if subset == "all":
            yield from _average_cases(results, n_pairs)


def _average_cases(results: SetResults, pairs: Sequence[int]) -> Iterator[Row]:
    """Yield the accuracy on a random neighbour, and the rate of pairs whose predictions differ."""
    for k, n_pairs in list(zip(results.ks, pairs, strict=True))[1:]:
        for metric, successes, trials in _averages(results, k):
            counts = results.counts(successes[:, None], trials[:, None])
            (low,), (high,) = share_ends(counts)
            yield {
                **_row(results.model, "all", metric, k, n_pairs),
                "value": float(counts.shares[0]),
                "successes": int(successes.sum()) if metric == "flip_rate" else None,
                "n": int(trials.sum()),
                "low": or_none(low),
                "high": or_none(high),
                "interval": "t-95 over videos",
                "videos": int(counts.clusters[0]),
            }


def _averages(results: SetResults, k: int) -> list[tuple[str, Floats, Integers]]:
    """Return successes and trials of each set for the metrics of single pairs up to a distance."""
    differ, pairs = flips(results.predicted, results.sets, k)
    expected = np.nan_to_num(neighbour_accuracy(results.correct, results.sets, k))
    return [
        ("random_neighbour", expected, (pairs > 0).astype(np.int64)),
        ("flip_rate", differ.astype(np.float64), pairs),
    ]


def _subsets(results: SetResults) -> dict[str, Bools]:
    """Return the sets of each subset, shape (sets,)."""
    labels = [frozenset(row["labels"]) for row in results.anchors]
    classes = sorted(frozenset[str]().union(*labels))
    everything = {"all": np.ones(results.sets.count, bool)}
    return everything | {
        f"class={wnid}": np.array([wnid in own for own in labels]) for wnid in classes
    }


def _row(model: str, subset: str, metric: str, k: int, pairs: int) -> Row:
    of_pm_k = dict.fromkeys(("cluster_low", "cluster_high", "delta", "delta_low", "delta_high"))
    return {"model": model, "subset": subset, "metric": metric, "k": k, "pairs": pairs} | of_pm_k


def set_pairs(results: Iterable[SetResults], seed: int) -> list[Row]:
    """Return the rows of ``PAIRS`` of each pair of models: on anchors and at the largest distance.

    Args:
        results: Of `read_set_results`.
        seed: Seed of the tests.
    """
    conditions: list[Condition] = []
    units: list[str] = []
    for model in results:
        conditions += conditions_of(model)
        units = model.units
    return compare_all(conditions, units, seed)


def conditions_of(results: SetResults) -> Iterator[Condition]:
    """Yield what is compared of a model; without neighbours, the accuracy on anchors alone."""
    last = results.ks[-1]
    every = np.ones(results.sets.count, bool)
    for column, k in {0: 0, len(results.ks) - 1: last}.items():
        yield Condition(results.model, "all", "pm_k", k, results.correct_within[:, column], every)
    if last:
        yield Condition(results.model, "all", "delta", last, results.lost[:, -1], every)
        for metric, successes, trials in _averages(results, last):
            yield Condition(results.model, "all", metric, last, successes, trials)
