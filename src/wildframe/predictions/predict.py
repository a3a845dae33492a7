"""Run one model on the images of one dataset and view."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from wildframe.core.errors import UserError
from wildframe.core.schemas import PREDICTIONS
from wildframe.core.tables import Row, write_rows

if TYPE_CHECKING:
    from wildframe.predictions.inference import ExportedInference, Inference
    from wildframe.predictions.memo import AdaptedInference

    AnyInference = Inference | ExportedInference | AdaptedInference

TOP = 100
MAX_SCORES = 1000
"""Logits of all classes are kept in label spaces up to this size."""


def predict(inference: "AnyInference", output: Path, facts: Mapping[str, str]) -> None:
    """Write the predictions of one model on its images.

    Args:
        inference: The model and its images.
        output: Table to write.
        facts: How the images are shown, where preprocessed images do not say it.

    Raises:
        UserError: A logit is NaN or infinite; names the model and the image.
    """
    config = {"model": inference.entry.name}
    known = {**inference.facts, **facts}
    write_rows(output, PREDICTIONS, _rows(inference), config=config, facts=known)


def _rows(inference: "AnyInference") -> Iterator[Row]:
    for image_ids, view_keys, logits in inference.predictions():
        require_finite(inference.entry.name, image_ids, logits)
        for image_id, view_key, row in zip(image_ids, view_keys, logits, strict=True):
            yield {
                "image_id": image_id,
                "view_key": view_key,
                "top": top_classes(row),
                "scores": row.tolist() if len(row) <= MAX_SCORES else None,
            }


def require_finite(model: str, image_ids: Sequence[str], logits: npt.NDArray[np.float32]) -> None:
    """Raise a `UserError` that names the first image with a logit that is NaN or infinite."""
    sound = np.isfinite(logits).all(axis=1)
    if not sound.all():
        raise UserError(
            f"{model}: image {image_ids[int(sound.argmin())]}: a logit is NaN or infinite; check "
            "the weights of the model"
        )


def top_classes(logits: npt.NDArray[np.float32], k: int = TOP) -> list[Row]:
    """Return the ``k`` most probable classes, best first; ties go to the lower index."""
    exact = logits.astype(np.float64)
    probabilities = np.exp(exact - exact.max())
    probabilities /= probabilities.sum()
    order = np.argsort(-exact, kind="stable")[:k]
    return [
        {"class_index": int(index), "probability": float(probabilities[index])} for index in order
    ]
