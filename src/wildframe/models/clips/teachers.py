"""What teachers say of clips: their mean logits, or the embeddings that they are made of."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow.compute as pc
import torch
from torch import Tensor

from wildframe.core.errors import UserError
from wildframe.core.schemas import CLIP_PREDICTIONS
from wildframe.core.tables import read_table


class Teacher:
    """One vector per clip, out of a table of predictions."""

    def __init__(self, path: Path, column: str, head: str | None = None) -> None:
        """Read it.

        Args:
            path: CLIP_PREDICTIONS.
            column: scores or embedding.
            head: Head that the scores are of; embeddings are the same for all heads.

        Raises:
            UserError: The table has no such head, no embeddings, or vectors of several lengths.
        """
        table = read_table(path, CLIP_PREDICTIONS, ["clip_id", "head", column])
        head = head or str(table.column("head")[0].as_py() if len(table) else "")
        table = table.filter(pc.equal(table.column("head"), head))
        vectors = table.column(column).combine_chunks()
        if not len(table) or vectors.null_count:
            what = f"{column} of the head {head}" if column == "scores" else "embeddings"
            raise UserError(f"{path}: it has no {what}; name the predictions of another model")
        values = vectors.flatten().to_numpy()
        if pc.count_distinct(pc.list_value_length(vectors)).as_py() > 1:
            raise UserError(f"{path}: {column} of clips differ in length; make the table anew")
        self._path = path
        self._values = values.reshape(len(table), -1)
        self._row_of = {
            clip_id: row for row, clip_id in enumerate(table.column("clip_id").to_pylist())
        }

    @property
    def size(self) -> int:
        """Length of a vector."""
        return int(self._values.shape[1])

    def of(self, clip_ids: Sequence[str]) -> Tensor:
        """Return the vectors of clips: (B, size) float32.

        Raises:
            UserError: The teacher has not seen one of them.
        """
        for clip_id in clip_ids:
            if clip_id not in self._row_of:
                raise UserError(
                    f"{self._path}: no clip {clip_id}, which is to be learnt from; predict all "
                    "clips of the dataset again"
                )
        rows = [self._row_of[clip_id] for clip_id in clip_ids]
        return torch.from_numpy(np.asarray(self._values[rows], np.float32))


def append_embeddings(teachers: Sequence[Teacher], clip_ids: Sequence[str]) -> Tensor | None:
    """Return the vectors of several teachers side by side, (B, D); None of no teacher."""
    vectors = [teacher.of(clip_ids) for teacher in teachers]
    return torch.cat(vectors, dim=1) if vectors else None
