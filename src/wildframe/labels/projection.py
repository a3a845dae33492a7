"""Scores of a model's own classes projected to the targets, a coarser label space.

If predictions are restricted to the label space, only classes of some target can be predicted, and
the other 712 of ImageNet-1K are no errors; so do the authors of ImageNet-Vid-Robust. Otherwise all
classes can be predicted, and one of no target is incorrect.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from wildframe.core.arrays import Floats, Integers
from wildframe.core.choices import Merge

NO_TARGET = -1
"""Stands for the prediction of a class of no target."""

Scores = npt.NDArray[np.floating[Any]]


def project(scores: Scores, members: Sequence[Sequence[int]], merge: Merge) -> Floats:
    """Return scores of targets; the highest is the prediction restricted to the label space.

    With ``max`` the prediction is the same for logits and probabilities; with ``sum`` and ``mean``
    it is not.

    Args:
        scores: Shape (images, classes).
        members: Indices of the classes of each target, from `labels.hypernyms.members`.
        merge: How the scores of a target's classes are merged.

    Returns:
        Shape (images, targets). A target without classes scores minus infinity and is never
        predicted; with zeros, as the authors had until 2021, it beats all logits below zero.
    """
    projected = np.full((len(scores), len(members)), -np.inf)
    for target, classes in enumerate(members):
        if classes:
            # Half precision would create ties.
            of_target = scores[:, classes].astype(np.float64)
            projected[:, target] = getattr(of_target, merge)(axis=1)
    return projected


def targets_of_top(scores: Scores, members: Sequence[Sequence[int]]) -> Integers:
    """Return the unrestricted predictions: the target of the class with the highest score.

    Args:
        scores: Shape (images, classes); of equal scores the lowest class counts.
        members: Indices of the classes of each target, no class in two.

    Returns:
        Indices of targets or `NO_TARGET`, shape (images,).
    """
    target_of = np.full(scores.shape[1], NO_TARGET, np.int64)
    for target, classes in enumerate(members):
        target_of[classes] = target
    predicted: Integers = target_of[scores.argmax(axis=1)]
    return predicted
