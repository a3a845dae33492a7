"""Predictions of any model, read block by block as arrays."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from wildframe.core.arrays import Floats, Floats32, Integers
from wildframe.core.choices import Aggregate
from wildframe.core.errors import UserError
from wildframe.core.schemas import PREDICTIONS
from wildframe.core.tables import iter_rows, open_table, read_table
from wildframe.predictions.crops import of_images

_BLOCK = 512
"""Images whose scores are in memory at a time."""


@dataclass(frozen=True, slots=True)
class Block:
    """The predictions of some images."""

    image_ids: list[str]
    view_keys: list[str]
    scores: Floats32 | None
    """Of all classes, shape (images, classes); None where they are not kept."""
    image: Integers
    """Position in the block of each of the most probable classes; like the next two, shape (n,)."""
    class_index: Integers
    probability: Floats
    """NaN where external predictions give none."""

    def listed(self) -> Iterator[Sequence[tuple[int, float]]]:
        """Yield the most probable classes of each image and their probabilities, best first."""
        ends = np.searchsorted(self.image, np.arange(len(self.image_ids)), side="right").tolist()
        pairs = list(zip(self.class_index.tolist(), self.probability.tolist(), strict=True))
        return (pairs[start:end] for start, end in pairwise([0, *ends]))


def iter_blocks(path: Path, aggregate: Aggregate | None = None) -> Iterator[Block]:
    """Yield the predictions of a file in bounded memory.

    Args:
        path: Predictions of one model.
        aggregate: How those on the crops of an image become one; as they are if None.

    Raises:
        UserError: The file is no predictions file, or its images have scores of several lengths.
    """
    read_table(path, PREDICTIONS, columns=[])
    widths: set[int | None] = set()
    for batch in _batches_of_images(path, aggregate) if aggregate else _batches(path):
        widths.update(pc.unique(pc.list_value_length(batch.column("scores"))).to_pylist())
        if len(widths) != 1:
            raise UserError(f"{path}: images have scores of different lengths; delete it and rerun")
        yield _block(batch, *widths)


def _batches(path: Path) -> Iterator[pa.RecordBatch]:
    # The buffer would hold the whole file.
    with open_table(path, pre_buffer=False) as file:
        yield from file.iter_batches(_BLOCK, columns=["image_id", "view_key", "top", "scores"])


def _batches_of_images(path: Path, aggregate: Aggregate) -> Iterator[pa.RecordBatch]:
    rows = of_images(iter_rows(path, PREDICTIONS, batch_size=_BLOCK), aggregate)
    while block := list(islice(rows, _BLOCK)):
        yield pa.RecordBatch.from_pylist(block, schema=PREDICTIONS.schema)


def _block(batch: pa.RecordBatch, width: int | None) -> Block:
    scores = batch.column("scores").flatten().to_numpy(zero_copy_only=False)
    top = batch.column("top")
    classes = top.flatten()
    sizes = pc.list_value_length(top).to_numpy(zero_copy_only=False)
    return Block(
        batch.column("image_id").to_pylist(),
        batch.column("view_key").to_pylist(),
        None if width is None else scores.reshape(-1, width),
        np.repeat(np.arange(len(sizes)), sizes),
        classes.field("class_index").to_numpy(zero_copy_only=False).astype(np.int64),
        classes.field("probability").to_numpy(zero_copy_only=False).astype(np.float64),
    )
