"""Station 7: metrics with intervals, as counts."""

from pathlib import Path

from wildframe.core.schemas import SCORES
from wildframe.core.tables import Row, read_table

__all__ = ["read_scores"]


def read_scores(path: Path) -> list[Row]:
    """Read a scores table."""
    rows: list[Row] = read_table(path, SCORES).to_pylist()
    return rows
