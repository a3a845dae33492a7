"""Station 7: the predictions of each model. The only station that needs a GPU."""

from pathlib import Path

from wildframe.core.schemas import PREDICTIONS
from wildframe.core.tables import Row, read_facts, read_table

__all__ = ["label_space_of", "read_top"]


def label_space_of(path: Path) -> str:
    """Return the label space that the indices of a predictions file belong to."""
    return read_facts(path, PREDICTIONS)["label_space"]


def read_top(path: Path) -> list[Row]:
    """Read ``image_id``, ``view_key`` and ``top`` of a predictions file."""
    rows: list[Row] = read_table(path, PREDICTIONS, ["image_id", "view_key", "top"]).to_pylist()
    return rows
