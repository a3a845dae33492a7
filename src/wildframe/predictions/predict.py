"""Run one model on the images of one dataset and view."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from wildframe.core.arrays import Floats32
from wildframe.core.errors import UserError
from wildframe.core.schemas import PREDICTIONS
from wildframe.core.tables import write_batches
from wildframe.predictions.predicted import Predicted

if TYPE_CHECKING:
    from wildframe.predictions.inference import ExportedInference, Inference
    from wildframe.predictions.memo import AdaptedInference

    AnyInference = Inference | ExportedInference | AdaptedInference

MAX_SCORES = 1000
"""Logits of all classes are kept in label spaces up to this size."""


def predict(
    inference: "AnyInference", crops: Iterable[Any], output: Path, facts: Mapping[str, str]
) -> None:
    """Write the predictions of one model on its images.

    Args:
        inference: The model.
        crops: The images, as its `predicted` takes them.
        output: Table to write.
        facts: How the images are shown, where preprocessed images do not say it.

    Raises:
        UserError: A logit is NaN or infinite; names the model and the image.
    """
    config = {"model": inference.entry.name}
    known = {**inference.facts, **facts}
    write_batches(output, PREDICTIONS, _batches(inference, crops), config=config, facts=known)


def _batches(inference: "AnyInference", crops: Iterable[Any]) -> Iterator[pa.RecordBatch]:
    for predicted in inference.predicted(crops):
        require_finite(inference.entry.name, predicted.image_ids, predicted.logits)
        yield as_record_batch(predicted)


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


def require_finite(model: str, image_ids: Sequence[str], logits: Floats32) -> None:
    """Raise a `UserError` that names the first image with a logit that is NaN or infinite."""
    sound = np.isfinite(logits).all(axis=1)
    if not sound.all():
        raise UserError(
            f"{model}: image {image_ids[int(sound.argmin())]}: a logit is NaN or infinite; check "
            "the weights of the model"
        )
