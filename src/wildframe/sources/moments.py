"""The rows that the readers of both versions yield: moments of a record with their boxes."""

from wildframe.core.schemas import RECORDS
from wildframe.core.tables import Row

ROLES = ("pre", "pnr", "post")

Moment = tuple[Row, list[Row]]
"""A row of the ``records`` table and its rows of the ``objects`` table."""


def blank(split: str, number: int, role: str) -> Row:
    """Return an empty row of the ``records`` table for a moment of the n-th record of a split."""
    return dict.fromkeys(RECORDS.schema.names) | {
        "record_id": f"{split}-{number:06d}",
        "dataset": "ego4d",
        "split": split,
        "role": role,
        "boxes": 0,
    }
