"""What a model predicts on the images of a batch: logits, and the most probable classes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from wildframe.core.arrays import Floats, Floats32, Integers

TOP = 100
"""How many of the most probable classes are kept."""


@dataclass(frozen=True, slots=True)
class Predicted:
    """What a model predicts on the images of a batch."""

    image_ids: Sequence[str]
    view_keys: Sequence[str]
    logits: Floats32
    """Of all classes, shape (n, classes)."""
    class_index: Integers
    """Of the most probable classes, best first, shape (n, k); like their probabilities."""
    probability: Floats


def top_classes(logits: Floats32, k: int = TOP) -> tuple[Integers, Floats]:
    """Return index and probability of the most probable classes, best first, shape (n, k) each.

    Ties go to the lower index. Where there are fewer classes, k is their number.

    Args:
        logits: Of all classes, shape (n, classes).
        k: How many classes.
    """
    order = np.argsort(-logits, axis=1, kind="stable")[:, :k]
    return order, np.take_along_axis(softmax(logits), order, axis=1)


def softmax(logits: npt.NDArray[np.floating[Any]]) -> Floats:
    """Return the softmax of each row in double precision, shape (images, classes).

    Minus infinity excludes a class; if all are excluded, the probabilities are 0.
    """
    exact = logits.astype(np.float64)
    highest = exact.max(axis=1, keepdims=True)
    weights = np.exp(exact - np.where(np.isneginf(highest), 0, highest))
    sums = weights.sum(axis=1, keepdims=True)
    return weights / np.where(sums > 0, sums, 1)
