"""What the readers of both versions make: the moments of a record, each with its boxes."""

from wildframe.core.schemas import RECORDS
from wildframe.core.tables import Row

ROLES = ("pre", "pnr", "post")

Moment = tuple[Row, list[Row]]
"""A row of the ``records`` table and its rows of the ``objects`` table."""

_COLUMNS = RECORDS.schema.names


def blank(split: str, number: int, role: str) -> Row:
    """Return a row of the ``records`` table about which nothing is known yet.

    Args:
        split: The publisher's split.
        number: Position in the publisher's list.
        role: Moment.
    """
    record: Row = dict.fromkeys(_COLUMNS)
    return record | {
        "record_id": f"{split}-{number:06d}",
        "dataset": "ego4d",
        "split": split,
        "role": role,
        "boxes": 0,
    }
