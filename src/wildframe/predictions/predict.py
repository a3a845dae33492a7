"""Run one model on the images of one dataset and view."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from wildframe.core.errors import UserError
from wildframe.core.schemas import PREDICTIONS
from wildframe.core.tables import write_batches

if TYPE_CHECKING:
    from wildframe.predictions.inference import ExportedInference, Inference
    from wildframe.predictions.memo import AdaptedInference

    AnyInference = Inference | ExportedInference | AdaptedInference

Logits = npt.NDArray[np.float32]
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
    write_batches(output, PREDICTIONS, _batches(inference), config=config, facts=known)


def _batches(inference: "AnyInference") -> Iterator[pa.RecordBatch]:
    for predicted in inference.predicted():
        require_finite(inference.entry.name, predicted.image_ids, predicted.logits)
        yield as_record_batch(predicted)


@dataclass(frozen=True, slots=True)
class Predicted:
    """What a model predicts on the images of a batch."""

    image_ids: Sequence[str]
    view_keys: Sequence[str]
    logits: Logits
    """Of all classes, shape (n, classes)."""
    class_index: npt.NDArray[np.int64]
    """Of the most probable classes, best first, shape (n, k); like their probabilities."""
    probability: npt.NDArray[np.float64]


def with_top(
    predictions: Iterable[tuple[Sequence[str], Sequence[str], Logits]],
) -> Iterator[Predicted]:
    """Yield what a model predicts from ``image_id``, ``view_key`` and logits of each batch."""
    for image_ids, view_keys, logits in predictions:
        yield Predicted(image_ids, view_keys, logits, *top_classes(logits))


def as_record_batch(predicted: Predicted) -> pa.RecordBatch:
    """Return the rows of ``PREDICTIONS`` of a batch."""
    schema = PREDICTIONS.schema
    of_class = schema.field("top").type.value_type
    values = predicted.class_index, predicted.probability
    columns = [
        pa.array(found.ravel(), field.type) for found, field in zip(values, of_class, strict=True)
    ]
    top = pa.StructArray.from_arrays(columns, fields=list(of_class))
    images, classes = predicted.logits.shape
    scores = (
        _lists(pa.array(predicted.logits.ravel()), classes)
        if classes <= MAX_SCORES
        else pa.nulls(images, schema.field("scores").type)
    )
    arrays = [
        pa.array(predicted.image_ids),
        pa.array(predicted.view_keys),
        _lists(top, predicted.class_index.shape[1]),
        scores,
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _lists(values: pa.Array, width: int) -> pa.ListArray:
    """Return values as lists of so many."""
    ends = np.arange(0, len(values) + 1, width, dtype=np.int32)
    return pa.ListArray.from_arrays(pa.array(ends), values)


def require_finite(model: str, image_ids: Sequence[str], logits: Logits) -> None:
    """Raise a `UserError` that names the first image with a logit that is NaN or infinite."""
    sound = np.isfinite(logits).all(axis=1)
    if not sound.all():
        raise UserError(
            f"{model}: image {image_ids[int(sound.argmin())]}: a logit is NaN or infinite; check "
            "the weights of the model"
        )


def top_classes(
    logits: Logits, k: int = TOP
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
