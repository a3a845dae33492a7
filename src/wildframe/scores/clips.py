"""Metrics of models of clips: mAP of several labels, and accuracy of verbs, nouns and actions.

An action is correct at k if its verb and its noun are both among the k most probable of their own
heads, as the published code of Ego-Exo counts; the EPIC-Kitchens challenge ranks pairs of verb and
noun instead, so that its action top-5 is another number.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from wildframe.core.arrays import Bools, Integers
from wildframe.core.clusters import or_none, share_ends
from wildframe.core.tables import Row
from wildframe.predictions.predicted import softmax
from wildframe.scores.conditions import Condition, counts_of
from wildframe.scores.multi_label import MeanPrecision, average_precisions, mean_precision

KS = (1, 5)
MAP = "map"
_ACTION = ("verb", "noun")

Floats = npt.NDArray[np.floating]


@dataclass(frozen=True)
class ClipLabels:
    """The labels of the evaluated clips of a dataset; arrays of shape (clips,)."""

    clip_ids: Sequence[str]
    video_ids: Sequence[str]
    classes: Mapping[str, Integers]
    """Class index by head, of heads that predict one class; -1 of a clip without a label."""
    names: Mapping[str, Sequence[str]]
    """The classes of each head, in the order of indices."""
    actions: Bools
    """Whether a clip shows each class of the head ``action``, shape (clips, actions)."""
    participants: Mapping[str, Bools]
    """Whether the participant is ``seen`` in a training clip, or ``unseen``; empty if not known."""
    tail: Mapping[str, Bools]
    """Whether the class is rare, by head; of an action, whether verb or noun is."""
    multi_label: bool
    """Whether the head ``action`` predicts several classes a clip, as probabilities."""

    @property
    def video(self) -> Integers:
        """Number of each clip's video, from 0."""
        numbers: Integers = np.unique(self.video_ids, return_inverse=True)[1]
        return numbers


@dataclass(frozen=True)
class ClipResults:
    """What one model, or ensemble, got right."""

    training: str
    seed: int
    shares: Sequence[Condition]
    precisions: npt.NDArray[np.float64] | None
    """`average_precisions` of the head ``action``, of several labels a clip; None of others."""

    @property
    def mean_precision(self) -> MeanPrecision | None:
        """Its mAP; None of one label a clip, or if no evaluated clip has a label."""
        return None if self.precisions is None else mean_precision(self.precisions)


def results_of(
    training: str, seed: int, scores: Mapping[str, Floats], labels: ClipLabels
) -> ClipResults:
    """Return what a model got right.

    Args:
        training: Name of its training.
        seed: Seed of the training.
        scores: By head, shape (clips, classes).
        labels: Of the same clips.
    """
    single = {head: one for head, one in scores.items() if not shows_several(head, labels)}
    precisions = None
    if len(single) < len(scores):
        precisions = average_precisions(scores["action"], labels.actions, labels.video)
    return ClipResults(training, seed, tuple(_shares(training, single, labels)), precisions)


def shows_several(head: str, labels: ClipLabels) -> bool:
    """Tell whether a head predicts several classes a clip."""
    return head == "action" and labels.multi_label


def _shares(training: str, scores: Mapping[str, Floats], labels: ClipLabels) -> Iterator[Condition]:
    """Yield every metric on every subset that has a labelled clip, in the order of the table."""
    known = {head: labels.classes[head] >= 0 for head in scores}
    ranks = {head: rank_of(of_head, labels.classes[head]) for head, of_head in scores.items()}
    correct = {(head, k): ranks[head] < k for head in scores for k in KS}
    if all(head in scores for head in _ACTION):
        known["action"] = np.logical_and(*(known[head] for head in _ACTION))
        correct |= {
            ("action", k): np.logical_and(*(correct[head, k] for head in _ACTION)) for k in KS
        }
    everything = np.ones(len(labels.clip_ids), np.bool_)
    for head, has_label in known.items():
        subsets = {"all": everything, **labels.participants, "tail": labels.tail.get(head)}
        for subset, members in subsets.items():
            if members is not None and (members & has_label).any():
                counted = members & has_label
                for k in KS:
                    of_k = correct[head, k] & counted
                    yield Condition(training, subset, f"{head}_top{k}", k, of_k, counted)


def rank_of(scores: Floats, classes: Integers) -> Integers:
    """Return how many classes are predicted before the labelled one, shape (clips,).

    Of equal scores the lower index is first. Without meaning where a class is negative.

    Args:
        scores: Shape (clips, classes).
        classes: Index of the labelled class of each clip.
    """
    own = np.take_along_axis(scores, classes[:, None], axis=1)
    is_before = np.arange(scores.shape[1]) < classes[:, None]
    ranks: Integers = ((scores > own) | ((scores == own) & is_before)).sum(axis=1)
    return ranks


def ensemble_of(members: Sequence[Mapping[str, Floats]], labels: ClipLabels) -> dict[str, Floats]:
    """Return the mean probability of several models, by head.

    Args:
        members: Scores of each model, by head: logits, or probabilities of several labels a clip.
        labels: Of the same clips.
    """
    return {
        head: np.mean(
            [
                member[head] if shows_several(head, labels) else softmax(member[head])
                for member in members
            ],
            axis=0,
        )
        for head in members[0]
    }


def score_rows(results: ClipResults, labels: ClipLabels) -> list[Row]:
    """Return the rows of ``CLIP_SCORES`` of one model; intervals are over videos."""
    named = {"training": results.training, "seed": results.seed}
    rows: list[Row] = []
    if found := results.mean_precision:
        low, high = found.ends
        of_map = {"subset": "all", "metric": MAP, "value": found.value, "successes": None}
        sizes = {"n": len(labels.clip_ids), "videos": len(found.left_out)}
        rows.append(named | of_map | sizes | {"low": low, "high": high})
    if not results.shares:
        return rows
    counts = counts_of(results.shares, labels.video_ids)
    ends = zip(*share_ends(counts), strict=True)
    for share, value, videos, (low, high) in zip(
        results.shares, counts.shares.tolist(), counts.clusters.tolist(), ends, strict=True
    ):
        rows.append(
            {
                **named,
                "subset": share.subset,
                "metric": share.metric,
                "value": value,
                "successes": int(share.successes.sum()),
                "n": int(share.trials.sum()),
                "videos": videos,
                "low": or_none(low),
                "high": or_none(high),
            }
        )
    return rows


def class_rows(results: ClipResults, labels: ClipLabels) -> list[Row]:
    """Return the rows of ``CLIP_CLASS_SCORES`` of one model: of each class with a positive clip."""
    if results.precisions is None:
        return []
    columns = zip(
        labels.names["action"],
        results.precisions[0].tolist(),
        labels.actions.sum(axis=0).tolist(),
        strict=True,
    )
    return [
        {
            "training": results.training,
            "seed": results.seed,
            "class": name,
            "ap": precision,
            "positives": positives,
            "n": len(labels.clip_ids),
        }
        for name, precision, positives in columns
        if positives
    ]


@dataclass(frozen=True, slots=True)
class OverSeeds:
    """A metric over the seeds of a training."""

    mean: float
    deviation: float | None
    """Standard deviation over seeds; None of one seed."""
    seeds: int


def over_seeds(rows: Iterable[Mapping[str, Any]]) -> dict[tuple[str, str, str], OverSeeds]:
    """Return mean and spread over seeds by training, subset and metric.

    Args:
        rows: Rows of ``CLIP_SCORES``.
    """
    values: dict[tuple[str, str, str], list[float]] = {}
    for row in rows:
        key = row["training"], row["subset"], row["metric"]
        values.setdefault(key, []).append(row["value"])
    return {
        key: OverSeeds(
            float(np.mean(found)),
            float(np.std(found, ddof=1)) if len(found) > 1 else None,
            len(found),
        )
        for key, found in values.items()
    }
