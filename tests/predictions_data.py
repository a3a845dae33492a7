"""Predictions written by hand."""

from typing import Any

import numpy as np

from wildframe.predictions.predicted import TOP, top_classes


def top_rows(logits: np.ndarray, k: int = TOP) -> list[dict[str, Any]]:
    """Return column ``top`` of an image with these logits, shape (classes,)."""
    (indices,), (probabilities,) = top_classes(logits[None], k)
    pairs = zip(indices.tolist(), probabilities.tolist(), strict=True)
    return [{"class_index": index, "probability": probability} for index, probability in pairs]
