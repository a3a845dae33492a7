"""Station 7: the predictions of each model. The only station that needs a GPU."""

from collections.abc import Mapping
from pathlib import Path

from wildframe.core.schemas import PREDICTIONS
from wildframe.core.tables import Row, read_table

__all__ = ["own_wnids", "read_top"]


def own_wnids(facts: Mapping[str, str]) -> list[str] | None:
    """Return the classes of a label space of the model's own, by index; None for a known one.

    Args:
        facts: Metadata of a predictions file.
    """
    return facts["wnids"].split() if "wnids" in facts else None


def read_top(path: Path) -> list[Row]:
    """Read ``image_id``, ``view_key`` and ``top`` of a predictions file."""
    rows: list[Row] = read_table(path, PREDICTIONS, ["image_id", "view_key", "top"]).to_pylist()
    return rows
