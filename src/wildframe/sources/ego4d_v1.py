"""Version 1 of Ego4D's state changes: ``fho_scod_<split>.json``.

Source: the publisher's annotation schema. One entry of ``clips`` is one state change with up to
three annotated moments, not a video clip: many entries share a clip.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from wildframe.core.errors import UserError
from wildframe.core.tables import Row
from wildframe.sources.fields import BadRecordError, boxes, integer, mapping, uid
from wildframe.sources.moments import ROLES, Moment, blank
from wildframe.sources.stream import iter_list


def iter_moments(
    annotations: Path, split: str, check: Callable[[str, Any], None], remedy: str
) -> Iterator[Moment]:
    """Yield the moments of a file's records, three each, in the order of the file.

    Args:
        annotations: ``fho_scod_<split>.json``.
        split: The publisher's split.
        check: Called with the other members of the file.
        remedy: How to get the file.

    Raises:
        UserError: The file is not such a JSON file, or has no record.
    """
    kind = "a fho_scod_*.json of version 1"
    entries = iter_list(annotations, "clips", kind=kind, remedy=remedy, check=check)
    empty = True
    for number, entry in enumerate(entries):
        empty = False
        for role in ROLES:
            yield _parse(entry, blank(split, number, role))
    if empty:
        raise UserError(f"{annotations}: holds no record of split {split!r}; {remedy}")


def _parse(entry: Any, record: Row) -> Moment:
    found: list[Row] = []
    role = record["role"]
    try:
        entry = mapping(entry, "the record")
        record["video_id"] = uid(entry, "video_uid")
        record["clip_id"] = uid(entry, "clip_uid")
        if entry.get(f"{role}_frame") is not None:
            moment = mapping(entry[f"{role}_frame"], f"{role}_frame")
            record["frame"] = integer(moment, "frame_number")
            record["clip_frame"] = integer(moment, "clip_frame_number")
            record["frame_width"] = integer(moment, "width", least=1)
            record["frame_height"] = integer(moment, "height", least=1)
            found = list(boxes(moment.get("bbox"), record["record_id"], role, f"{role}_frame.bbox"))
            record["boxes"] = len(found)
    except BadRecordError as error:
        record["problem"] = str(error)
        found = []
    return record, found
