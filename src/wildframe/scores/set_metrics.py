"""Accuracy under natural perturbations: is a model correct on a frame and on its neighbours?

A set is an anchor and the neighbouring frames that reviewers accepted as showing the same.
`sets_of` takes one row a frame of a set, in any order: the anchor of the set, and the offset in
frames, 0 for the anchor itself. The metrics take its result, and arrays in the order of the rows.

Source: *A systematic framework for natural perturbations from videos*, section 3.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wildframe.core.arrays import Bools, Floats, Integers
from wildframe.core.errors import UserError
from wildframe.core.statistics import clopper_pearson
from wildframe.core.tables import Row


def is_any_of(predicted: Integers, labels: Sequence[Sequence[int]]) -> Bools:
    """Tell of each image whether the predicted class is one of its labels, shape (images,)."""
    pairs = zip(predicted.tolist(), labels, strict=True)
    return np.array([index in own for index, own in pairs], bool)


@dataclass(frozen=True, slots=True)
class Sets:
    """Sets of frames; arrays are of shape (rows,) but for the names."""

    anchors: npt.NDArray[np.str_]
    """Names of the sets, sorted."""
    position: Integers
    """Index of the set."""
    distance: Integers
    """Frames between the frame and its anchor."""
    is_neighbour: Bools

    @property
    def count(self) -> int:
        """Number of sets."""
        return len(self.anchors)

    @property
    def of_anchors(self) -> Integers:
        """The row of each set's anchor, shape (sets,)."""
        rows = np.empty(self.count, np.int64)
        anchors = np.flatnonzero(~self.is_neighbour)
        rows[self.position[anchors]] = anchors
        return rows


def sets_of(anchor_ids: Sequence[str], offsets: npt.ArrayLike) -> Sets:
    """Group rows into sets by anchor; offsets are in frames, shape (rows,).

    Raises:
        UserError: There are no rows, or a set has not exactly one anchor.
    """
    names, position = np.unique(np.asarray(anchor_ids, str), return_inverse=True)
    if not len(names):
        raise UserError("there are no anchors to score; check the sets of frames")
    distance = np.abs(np.asarray(offsets, np.int64))
    anchors = np.bincount(position[distance == 0], minlength=len(names))
    if (faulty := np.flatnonzero(anchors != 1)).size:
        first = faulty[0]
        raise UserError(
            f"{names[first]}: its set has {anchors[first]} frames at offset 0 and needs one, the "
            f"anchor ({faulty.size} such sets); correct the sets of frames"
        )
    return Sets(names, position, distance, distance > 0)


def correct_within(correct: npt.ArrayLike, sets: Sets, ks: Sequence[int]) -> Bools:
    """Tell of each set whether the anchor and all frames up to distances are correct: (sets, ks).

    ``correct`` has shape (rows,). An anchor without other frames counts alone.
    """
    # The nearest incorrect frame of a set is sufficient; the distance of an anchor is 0.
    nearest_incorrect = np.full(sets.count, np.inf)
    incorrect = ~np.asarray(correct, bool)
    np.minimum.at(nearest_incorrect, sets.position[incorrect], sets.distance[incorrect])
    return nearest_incorrect[:, None] > np.asarray(ks)


def pairs_within(sets: Sets, ks: Sequence[int]) -> Integers:
    """Return the number of other frames of each set up to distances, shape (sets, ks)."""
    counts = [_of_each_set(sets.is_neighbour & (sets.distance <= k), sets) for k in ks]
    return np.stack(counts, axis=1)


def pm_k(correct: npt.ArrayLike, sets: Sets, ks: Sequence[int]) -> list[Row]:
    """Return the accuracy on anchors with all frames of their sets up to each distance.

    Returns:
        A row for each distance: ``k``, ``anchors``, ``pairs`` (of an anchor and another frame
        within the distance), ``successes``, ``accuracy`` with its exact 95 % interval ``low`` to
        ``high`` over anchors, and ``delta``, the drop of accuracy since distance 0.
    """
    successes = correct_within(correct, sets, ks).sum(axis=0).tolist()
    at_anchors = int(correct_within(correct, sets, [0]).sum())
    rows = []
    for k, count, pairs in zip(ks, successes, pairs_within(sets, ks).sum(axis=0), strict=True):
        share = clopper_pearson(count, sets.count)
        rows.append(
            {
                "k": k,
                "anchors": sets.count,
                "pairs": int(pairs),
                "successes": count,
                "accuracy": share.value,
                "low": share.low,
                "high": share.high,
                "delta": (at_anchors - count) / sets.count,
            }
        )
    return rows


def flips(predicted: npt.ArrayLike, sets: Sets, k: int) -> tuple[Integers, Integers]:
    """Count in each set the pairs of the anchor and another frame with different predictions.

    Whether these are correct does not matter.

    Args:
        predicted: Class indices, shape (rows,); one index for all outside the label space.
        sets: The sets.
        k: Largest distance.

    Returns:
        Pairs that differ, and all pairs; each of shape (sets,).
    """
    classes = np.asarray(predicted)
    pairs = sets.is_neighbour & (sets.distance <= k)
    differ = pairs & (classes != classes[sets.of_anchors][sets.position])
    return _of_each_set(differ, sets), _of_each_set(pairs, sets)


def neighbour_accuracy(correct: npt.ArrayLike, sets: Sets, k: int) -> Floats:
    """Return the share of other frames that are correct in each set: (sets,), NaN without any.

    It is the expected accuracy on a random neighbour: the average case beside the worst of `pm_k`.
    """
    pairs = sets.is_neighbour & (sets.distance <= k)
    with np.errstate(invalid="ignore"):
        shares: Floats = _of_each_set(pairs & np.asarray(correct, bool), sets) / _of_each_set(
            pairs, sets
        )
    return shares


def _of_each_set(rows: Bools, sets: Sets) -> Integers:
    return np.bincount(sets.position[rows], minlength=sets.count)
