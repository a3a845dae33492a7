"""Fields of a publisher's record, each validated as it is read.

An absent or null field is None; one of another type raises `BadRecordError`, whose text becomes the
record's ``problem``.
"""

import re
import reprlib
from collections.abc import Iterator, Mapping
from typing import Any

from wildframe.core.files import is_safe_id
from wildframe.core.tables import Row

Fields = Mapping[str, Any]

# Control characters, halves of surrogate pairs and noncharacters, which nothing can display.
_NOT_TEXT = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

_TOO_LARGE = 2**31
"""Too large for the tables' columns, and for any frame number or size."""

_SIDES = ("x", "y", "width", "height")

# An invalid value may be of any size.
_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = 80
_SHORT.maxlevel = 1


class BadRecordError(Exception):
    """Why one record cannot be read."""


def mapping(value: Any, where: str) -> Fields:
    """Return an object."""
    if not isinstance(value, dict):
        raise BadRecordError(f"{where} is not an object")
    return value


def optional_mapping(fields: Fields, key: str) -> Fields:
    """Return an object, empty if it is absent."""
    value = fields.get(key)
    return {} if value is None else mapping(value, key)


def items(value: Any, where: str) -> list[Any]:
    """Return a list, empty if it is absent."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise BadRecordError(f"{where} is not a list")
    return value


def string(fields: Fields, key: str) -> str | None:
    """Return a text that can be displayed."""
    value = fields.get(key)
    if value is None:
        return None
    if not isinstance(value, str):
        raise BadRecordError(f"{key} is {_SHORT.repr(value)}, not a string")
    if _NOT_TEXT.search(value):
        raise BadRecordError(
            f"{key} is {_SHORT.repr(value)}, which has characters that are not text"
        )
    return value


def free_text(fields: Fields, key: str) -> str | None:
    """Return what a person typed on one line; None if empty."""
    value = fields.get(key)
    if not isinstance(value, str):
        return string(fields, key)
    return " ".join(_NOT_TEXT.sub(" ", value).split()) or None


def uid(fields: Fields, key: str) -> str | None:
    """Return an id that may become part of a path."""
    value = string(fields, key)
    if value is not None and not is_safe_id(value):
        raise BadRecordError(f"{key} {_SHORT.repr(value)} cannot be the name of a file")
    return value


def flag(fields: Fields, key: str) -> bool | None:
    """Return true or false."""
    value = fields.get(key)
    if value is not None and not isinstance(value, bool):
        raise BadRecordError(f"{key} is {_SHORT.repr(value)}, not true or false")
    return value


def integer(fields: Fields, key: str, least: int = 0) -> int | None:
    """Return a whole number that is at least ``least`` and fits a table."""
    value = fields.get(key)
    if value is None:
        return None
    # 64.0 is how some writers give an integer; a bool is no number here.
    if type(value) is float and value.is_integer():
        value = int(value)
    if type(value) is not int:
        raise BadRecordError(f"{key} is {_SHORT.repr(value)}, not a whole number")
    if not least <= value < _TOO_LARGE:
        raise BadRecordError(f"{key} is {_SHORT.repr(value)}, not between {least} and {_TOO_LARGE}")
    return value


def boxes(value: Any, record_id: str, role: str, where: str) -> Iterator[Row]:
    """Yield the rows of the ``objects`` table for a moment's list of boxes, of either version.

    Args:
        value: The list as annotated; None is empty.
        record_id: Record of the boxes.
        role: Moment of the boxes.
        where: Name of the list, for messages.
    """
    for position, item in enumerate(items(value, where)):
        place = f"{where}[{position}]"
        item = mapping(item, place)
        box = mapping(item.get("bbox"), f"{place}.bbox")
        yield {
            "record_id": record_id,
            "role": role,
            "position": position,
            "object_type": string(item, "object_type") or "",
            "noun": string(item, "structured_noun"),
            "freeform_noun": free_text(item, "freeform_noun"),
            "instance": integer(item, "instance_number"),
            "box": {side: _pixels(box, side, place) for side in _SIDES},
        }


def _pixels(box: Fields, side: str, where: str) -> float:
    value = box.get(side)
    if type(value) is not float and type(value) is not int:
        raise BadRecordError(f"{where}: {side} is {_SHORT.repr(value)}, not a number")
    # Written so that NaN does not pass.
    if not abs(value) < _TOO_LARGE:
        raise BadRecordError(f"{where}: {side} is {_SHORT.repr(value)}, not a number of pixels")
    return float(value)
