"""The frames of a shard, each with its status: a bad one neither stops the job nor is lost."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from wildframe.core.allocator import return_freed_memory
from wildframe.core.choices import Encoding
from wildframe.core.progress import progress
from wildframe.core.rates import parse_rate
from wildframe.core.schemas import FRAMES
from wildframe.core.tables import Row
from wildframe.frames import media_of
from wildframe.frames.decode import MediaError, iter_frames
from wildframe.frames.embedded import iter_embedded
from wildframe.frames.encode import EncodedImage, encode, import_image
from wildframe.sources.folders import is_file

_DECODED = 1_000_000_000
"""Bytes of pixels after which memory is returned: a part of them fits nowhere any more."""

_ABSENT = "{}: no such file in {}"


def extract_frames(
    wanted: Iterable[Mapping[str, Any]], root: Path, encoding: Encoding, border: int
) -> Iterator[Row]:
    """Return the rows of FRAMES of wanted frames, in their order, as they are made.

    Frames of videos are decoded; images in files or in rows of Parquet files are imported as they
    are.

    Args:
        wanted: Frames of one shard, as `wildframe.frames.wanted` lists them.
        root: Folder that ``media`` is relative to.
        encoding: Encoding of decoded frames.
        border: Pixels to cut off each side of images in files.
    """
    listed = [*wanted]
    rows = _rows(listed, root, encoding, border)
    return progress(rows, total=len(listed), unit="image", label="frames")


def _rows(
    wanted: Iterable[Mapping[str, Any]], root: Path, encoding: Encoding, border: int
) -> Iterator[Row]:
    decoded = 0
    for _, frames_of_one in groupby(wanted, key=_video_of):
        frames = [*frames_of_one]
        media, rate, kind = (frames[0][name] for name in ("media", "rate", "media_kind"))
        if kind == "image":
            for frame in frames:
                yield _import(root / frame["media"], frame, encoding, border)
            continue
        if kind == "shard":
            yield from _import_rows(root / media, frames, encoding)
            continue
        for row in _extract(root / media, rate, frames, encoding):
            decoded += 3 * (row["width"] or 0) * (row["height"] or 0)
            yield row
        if decoded > _DECODED:
            return_freed_memory()
            decoded = 0


def _video_of(frame: Mapping[str, Any]) -> tuple[str, str | None, str]:
    return media_of(frame), frame["rate"], frame["media_kind"]


def _import(path: Path, row: Mapping[str, Any], encoding: Encoding, border: int) -> Row:
    try:
        if not path.is_file():
            return _failed(row, "media_missing", _ABSENT.format(path.name, path.parent.name))
        imported = import_image(path.read_bytes(), encoding, border)
    except (OSError, ValueError) as error:
        why = str(error).replace(str(path), path.name)
        remedy = "after a repair under its name, `touch` its folder"
        detail = f"{path.name} cannot be read as an image: {why}; {remedy}"
        return _failed(row, "media_unreadable", detail)
    return _kept(row, "file", None, imported)


def _import_rows(
    path: Path, rows: Sequence[Mapping[str, Any]], encoding: Encoding
) -> Iterator[Row]:
    """Import images in the rows of a Parquet file, which are ascending."""
    if not is_file(path):
        absent = _ABSENT.format(path.name, path.parent.name)
        yield from (_failed(row, "media_missing", absent) for row in rows)
        return
    images = iter_embedded(path, [row["frame"] for row in rows])
    for row, image in zip(rows, images, strict=True):
        try:
            if isinstance(image, str):
                raise ValueError(image)
            imported = import_image(image, encoding)
        except ValueError as error:
            why = f"row {row['frame']} of {path.name} cannot be read as an image: {error}"
            yield _failed(row, "media_unreadable", why)
            continue
        yield _kept(row, "row", None, imported)


def _extract(
    path: Path, rate: str | None, rows: list[Mapping[str, Any]], encoding: Encoding
) -> Iterator[Row]:
    problem = "media_missing", _ABSENT.format(path.name, path.parent.name)
    done = 0
    try:
        if path.is_file():
            grid = None if rate is None else parse_rate(rate)
            for frame in iter_frames(path, [row["frame"] for row in rows], rate=grid):
                if frame.image is None:
                    yield _failed(rows[done], frame.status, frame.detail)
                else:
                    data = encode(frame.image, encoding)
                    image = EncodedImage(data, encoding, frame.image)
                    yield _kept(rows[done], frame.route, frame.pts, image)
                done += 1
    except (MediaError, OSError, ValueError) as error:
        problem = "media_unreadable", str(error).replace(str(path), path.name)
    yield from (_failed(row, *problem) for row in rows[done:])


def _kept(row: Mapping[str, Any], route: str | None, pts: int | None, image: EncodedImage) -> Row:
    height, width, _ = image.pixels.shape
    return {
        **{name: row[name] for name in FRAMES.key},
        "status": "ok",
        "detail": "",
        "route": route,
        "pts": pts,
        "width": width,
        "height": height,
        "sha256": hashlib.sha256(np.ascontiguousarray(image.pixels).data).hexdigest(),
        "encoding": image.encoding,
        "image_sha256": hashlib.sha256(image.data).hexdigest(),
        "image": image.data,
    }


def _failed(row: Mapping[str, Any], status: str, detail: str) -> Row:
    key = {name: row[name] for name in FRAMES.key}
    return dict.fromkeys(FRAMES.schema.names) | key | {"status": status, "detail": detail}
