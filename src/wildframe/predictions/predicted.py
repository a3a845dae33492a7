"""What a model predicts on the images of a batch: logits, and the most probable classes."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from wildframe.models.exported import Logits

TOP = 100
"""How many of the most probable classes are kept."""


@dataclass(frozen=True, slots=True)
class Predicted:
    """What a model predicts on the images of a batch."""

    image_ids: Sequence[str]
    view_keys: Sequence[str]
    logits: "Logits"
    """Of all classes, shape (n, classes)."""
    class_index: npt.NDArray[np.int64]
    """Of the most probable classes, best first, shape (n, k); like their probabilities."""
    probability: npt.NDArray[np.float64]


def with_top(
    predictions: "Iterable[tuple[Sequence[str], Sequence[str], Logits]]",
) -> Iterator[Predicted]:
    """Yield what a model predicts from ``image_id``, ``view_key`` and logits of each batch."""
    for image_ids, view_keys, logits in predictions:
        yield Predicted(image_ids, view_keys, logits, *top_classes(logits))


def top_classes(
    logits: "Logits", k: int = TOP
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Return index and probability of the most probable classes, best first, shape (n, k) each.

    Ties go to the lower index. Where there are fewer classes, k is their number.

    Args:
        logits: Of all classes, shape (n, classes).
        k: How many classes.
    """
    exact = logits.astype(np.float64)
    probabilities = np.exp(exact - exact.max(axis=1, keepdims=True))
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    order = np.argsort(-exact, axis=1, kind="stable")[:, :k]
    return order, np.take_along_axis(probabilities, order, axis=1)
