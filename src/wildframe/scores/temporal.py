"""Accuracy under natural perturbations: is a model right on a frame and on all that surround it?

A set is an anchor and the frames near it that reviewers found to show the same. `sets_of` takes one
row a frame of a set, in any order: which anchor's set it belongs to, and its offset from the anchor
in frames, 0 for the anchor itself. All else takes what it returns, and arrays in the same order.

Source: *A systematic framework for natural perturbations from videos*, section 3.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wildframe.core.errors import UserError
from wildframe.core.statistics import Proportion, clopper_pearson
from wildframe.core.tables import Row

K = 10
"""Largest distance from the anchor, in frames, that the paper examines."""

Bools = npt.NDArray[np.bool_]
Integers = npt.NDArray[np.int64]


def is_any_of(predicted: Integers, labels: Sequence[Sequence[int]]) -> Bools:
    """Tell of each image whether the answer is one of its labels.

    Args:
        predicted: Class indices, shape (images,); negative for an answer that no label can be.
        labels: Class indices that are right, for each image.
    """
    sizes = [len(found) for found in labels]
    image = np.repeat(np.arange(len(sizes)), sizes)
    flat = np.array([label for found in labels for label in found], np.int64)
    hits = image[predicted[image] == flat]
    return np.bincount(hits, minlength=len(sizes)) > 0


@dataclass(frozen=True, slots=True)
class Sets:
    """Sets of frames; arrays are of shape (rows,) but for the names."""

    anchors: npt.NDArray[np.str_]
    """Names of the sets, sorted."""
    position: Integers
    """Which set, 0 to ``count`` - 1."""
    distance: Integers
    """Frames between the frame and its anchor."""
    is_neighbour: Bools
    order: Integers
    """Rows by set and offset: an order that does not depend on that of the rows."""

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
    """Sort rows into sets.

    Args:
        anchor_ids: Names the set of each row.
        offsets: Frames from the anchor, shape (rows,).

    Raises:
        UserError: There are no rows, or a set has not exactly one anchor.
    """
    names, position = np.unique(np.asarray(anchor_ids, str), return_inverse=True)
    if not len(names):
        raise UserError("there are no anchors to score; look at the sets of frames")
    signed = np.asarray(offsets, np.int64)
    distance = np.abs(signed)
    anchors = np.bincount(position[distance == 0], minlength=len(names))
    if (faulty := np.flatnonzero(anchors != 1)).size:
        first = faulty[0]
        raise UserError(
            f"{names[first]}: its set has {anchors[first]} frames at offset 0 and needs one, the "
            f"anchor ({faulty.size} such sets); correct the sets of frames"
        )
    return Sets(names, position, distance, distance > 0, np.lexsort((signed, position)))


def correct_within(right: npt.ArrayLike, sets: Sets, ks: Sequence[int]) -> Bools:
    """Tell of each set whether the anchor and all frames up to some distances are right.

    An anchor without other frames is judged by itself.

    Args:
        right: Whether the model is right on the frame, shape (rows,).
        sets: The sets.
        ks: Largest distances.

    Returns:
        Shape (sets, ks).
    """
    # All that matters of a set is the nearest frame that is wrong; an anchor's own distance is 0.
    nearest_incorrect = np.full(sets.count, np.inf)
    wrong = ~np.asarray(right, bool)
    np.minimum.at(nearest_incorrect, sets.position[wrong], sets.distance[wrong])
    return nearest_incorrect[:, None] > np.asarray(ks)


def pairs_within(sets: Sets, ks: Sequence[int]) -> Integers:
    """Return how many other frames each set has up to some distances, shape (sets, ks)."""
    counts = [
        np.bincount(sets.position[sets.is_neighbour & (sets.distance <= k)], minlength=sets.count)
        for k in ks
    ]
    return np.stack(counts, axis=1)


def pm_k(right: npt.ArrayLike, sets: Sets, ks: Sequence[int]) -> list[Row]:
    """Return how often an anchor and all frames of its set up to some distance are right.

    Args:
        right: Whether the model is right on the frame, shape (rows,).
        sets: The sets.
        ks: Largest distances.

    Returns:
        A row for each distance: ``k``, ``anchors``, ``pairs`` (of an anchor and another frame
        within the distance), ``successes``, ``accuracy`` with its exact 95 % interval ``low`` to
        ``high`` over anchors, and ``delta``, what accuracy has lost since distance 0.
    """
    successes = correct_within(right, sets, ks).sum(axis=0).tolist()
    at_anchors = int(correct_within(right, sets, [0]).sum())
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


def flips(predicted: npt.ArrayLike, sets: Sets, k: int = K) -> tuple[int, int]:
    """Count the pairs of an anchor and another frame on which a model's answers differ.

    Right or wrong does not matter. Pairs of one set are not independent, so that their share (the
    flip rate) has no binomial interval.

    Args:
        predicted: Class indices, shape (rows,); all answers that are no target are one.
        sets: The sets.
        k: Largest distance.

    Returns:
        Pairs whose answers differ, and all pairs.
    """
    said = np.asarray(predicted)
    of_anchor = said[sets.of_anchors]
    pairs = sets.is_neighbour & (sets.distance <= k)
    differ = said[pairs] != of_anchor[sets.position[pairs]]
    return int(differ.sum()), int(pairs.sum())


def random_neighbour_accuracy(
    right: npt.ArrayLike, sets: Sets, seed: int, k: int = K
) -> Proportion | None:
    """Return how often one frame near each anchor, drawn at random, is right.

    The average case beside the worst case of `pm_k`. Anchors without other frames within the
    distance do not count.

    Args:
        right: Whether the model is right on the frame, shape (rows,).
        sets: The sets.
        seed: Of the draw, which does not depend on the order of the rows.
        k: Largest distance.

    Returns:
        Share of anchors with its exact 95 % interval; None if no anchor has another frame.
    """
    rows = sets.order[(sets.is_neighbour & (sets.distance <= k))[sets.order]]
    if not len(rows):
        return None
    _, first, sizes = np.unique(sets.position[rows], return_index=True, return_counts=True)
    drawn = rows[first + np.random.default_rng(seed).integers(sizes)]
    return clopper_pearson(int(np.asarray(right, bool)[drawn].sum()), len(drawn))
