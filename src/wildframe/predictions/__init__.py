"""Station 7: what each model said about each picture. The only station that needs a GPU."""

from pathlib import Path

from wildframe.core.schemas import PREDICTIONS
from wildframe.core.tables import Row, read_facts, read_table

__all__ = ["class_space_of", "read_top"]


def class_space_of(path: Path) -> str:
    """Return the class space that the indices of a predictions file belong to."""
    return read_facts(path, PREDICTIONS)["class_space"]


def read_top(path: Path) -> list[Row]:
    """Read ``image_id``, ``view_key`` and ``top`` of a predictions file."""
    rows: list[Row] = read_table(path, PREDICTIONS, ["image_id", "view_key", "top"]).to_pylist()
    return rows
