"""Ego4D's state-change object detection annotations (FHO, SCOD), version 1.

Source: the publisher's annotation schema, ``fho_scod_<split>.json``. One entry of ``clips`` is one
state change with up to three annotated moments, not a video clip: many entries share a clip.
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from wildframe.core.config import Source
from wildframe.core.errors import UserError
from wildframe.core.files import is_safe_id, require_file
from wildframe.core.schemas import OBJECTS, RECORDS
from wildframe.core.tables import Row, write_rows

ROLES = ("pre", "pnr", "post")

_FETCH = (
    "fetch it with the publisher's command `ego4d -o <root> --version v1 --datasets annotations "
    "--benchmarks FHO -y` or correct the source's root and split"
)

# Control characters, halves of surrogate pairs and what Unicode promises never to be a character:
# no table, figure or terminal shows them as they are.
_NOT_TEXT = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")

_TOO_LARGE = 2**31
"""No frame number or size reaches it; the tables' columns could not hold it."""


def annotation_path(source: Source) -> Path:
    """Return where the publisher's CLI puts the annotations of a source's split."""
    return Path(source.root) / source.version / "annotations" / f"fho_scod_{source.split}.json"


def require_annotations(source: Source) -> str:
    """Return the path of a source's annotations.

    Raises:
        UserError: There is no such file; says how to fetch it.
    """
    return str(require_file(annotation_path(source), _FETCH))


def annotated_media(source: Source) -> frozenset[str]:
    """Return the videos that a source's annotations name, as paths under its root.

    Quick, for the planning of a run: the file is searched, not parsed.

    Raises:
        UserError: There are no annotations.
    """
    path = Path(require_annotations(source))
    key = "clip_uid" if source.media == "clips" else "video_uid"
    uids = _search(path, path.stat().st_mtime_ns, key)
    return frozenset(f"{source.version}/{source.media}/{uid}.mp4" for uid in uids)


@cache
def _search(path: Path, _changed: int, key: str) -> frozenset[str]:
    found = re.findall(rb'"%s"\s*:\s*"([^"\\]+)"' % key.encode(), path.read_bytes())
    return frozenset(
        uid for uid in (text.decode("utf-8", "replace") for text in found) if is_safe_id(uid)
    )


def write_tables(annotations: Path, split: str, records: Path, objects: Path) -> None:
    """Read an annotation file into the ``records`` and ``objects`` tables.

    Args:
        annotations: ``fho_scod_<split>.json``.
        split: The publisher's split; must be the file's own where the file names one.
        records: Table to write, one row per record and moment.
        objects: Table to write, one row per annotated box.

    Raises:
        UserError: The file is not such a JSON file.
    """
    entries = load_entries(annotations, split)
    parsed = [
        _parse_moment(entry, f"{split}-{position:06d}", split, role)
        for position, entry in enumerate(entries)
        for role in ROLES
    ]
    config = {"annotations": annotations.name, "split": split}
    write_rows(records, RECORDS, (record for record, _ in parsed), config=config)
    write_rows(objects, OBJECTS, (box for _, boxes in parsed for box in boxes), config=config)


def load_entries(annotations: Path, split: str) -> list[Any]:
    """Return the list of records of an annotation file; errors as in `write_tables`."""
    require_file(annotations, _FETCH)
    try:
        with annotations.open(encoding="utf-8-sig") as file:
            content = json.load(file)
    except (ValueError, RecursionError) as error:
        raise UserError(f"{annotations}: not JSON ({error}); fetch the file again") from error
    entries = content.get("clips") if isinstance(content, dict) else None
    if not isinstance(entries, list):
        raise UserError(
            f"{annotations}: no list 'clips' at the top level; is this a fho_scod_*.json of "
            "version 1?"
        )
    if content.get("split", split) != split:
        raise UserError(
            f"{annotations}: the file says split {content['split']!r}, the config {split!r}; "
            "correct sources.<name>.split"
        )
    return entries


class _BadRecordError(Exception):
    """What is wrong with one record; becomes its ``problem``."""


def _parse_moment(entry: Any, record_id: str, split: str, role: str) -> tuple[Row, list[Row]]:
    record: Row = {field.name: None for field in RECORDS.fields}
    record |= {
        "record_id": record_id,
        "dataset": "ego4d",
        "split": split,
        "role": role,
        "boxes": 0,
    }
    boxes: list[Row] = []
    try:
        entry = _mapping(entry, "the record")
        record["video_id"] = _uid(entry, "video_uid")
        record["clip_id"] = _uid(entry, "clip_uid")
        if entry.get(f"{role}_frame") is not None:
            moment = _mapping(entry[f"{role}_frame"], f"{role}_frame")
            record["frame"] = _integer(moment, "frame_number")
            record["clip_frame"] = _integer(moment, "clip_frame_number")
            record["frame_width"] = _integer(moment, "width", least=1)
            record["frame_height"] = _integer(moment, "height", least=1)
            boxes = list(_parse_boxes(moment.get("bbox"), record_id, role))
            record["boxes"] = len(boxes)
    except _BadRecordError as error:
        record["problem"] = str(error)
        boxes = []
    return record, boxes


def _parse_boxes(boxes: Any, record_id: str, role: str) -> Iterator[Row]:
    if boxes is None:
        return
    if not isinstance(boxes, list):
        raise _BadRecordError(f"{role}_frame.bbox is not a list")
    for position, item in enumerate(boxes):
        where = f"{role}_frame.bbox[{position}]"
        item = _mapping(item, where)
        box = _mapping(item.get("bbox"), f"{where}.bbox")
        yield {
            "record_id": record_id,
            "role": role,
            "position": position,
            "object_type": _string(item, "object_type") or "",
            "noun": _string(item, "structured_noun"),
            "instance": _integer(item, "instance_number"),
            "box": {side: _number(box, side, where) for side in ("x", "y", "width", "height")},
        }


def _mapping(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _BadRecordError(f"{where} is not an object")
    return value


def _uid(entry: Mapping[str, Any], key: str) -> str | None:
    value = _string(entry, key)
    if value is not None and not is_safe_id(value):
        raise _BadRecordError(f"{key} {value!r} cannot be the name of a file")
    return value


def _string(entry: Mapping[str, Any], key: str) -> str | None:
    value = entry.get(key)
    if value is None:
        return None
    if not isinstance(value, str):
        raise _BadRecordError(f"{key} is {value!r}, not a string")
    if _NOT_TEXT.search(value):
        raise _BadRecordError(f"{key} is {value!r}, which holds more than text")
    return value


def _integer(entry: Mapping[str, Any], key: str, least: int = 0) -> int | None:
    value = entry.get(key)
    if value is None:
        return None
    # bool is an int in Python, and 64.0 is how some writers give an integer.
    whole = isinstance(value, int | float) and not isinstance(value, bool) and value % 1 == 0
    if not whole:
        raise _BadRecordError(f"{key} is {value!r}, not a whole number")
    if not least <= value < _TOO_LARGE:
        raise _BadRecordError(f"{key} is {value!r}, not between {least} and {_TOO_LARGE}")
    return int(value)


def _number(box: Mapping[str, Any], side: str, where: str) -> float:
    value = box.get(side)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _BadRecordError(f"{where}: {side} is {value!r}, not a number")
    # Written so that NaN does not pass.
    if not abs(value) < _TOO_LARGE:
        raise _BadRecordError(f"{where}: {side} is {value!r}, not a number of pixels")
    return float(value)
