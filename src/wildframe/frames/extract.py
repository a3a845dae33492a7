"""The wanted frames of a shard's videos, each with its own status: none kills, none vanishes."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from wildframe.core.choices import Encoding
from wildframe.core.progress import progress
from wildframe.core.tables import Row
from wildframe.frames import shard_of
from wildframe.frames.decode import Frame, MediaError, read_frames
from wildframe.frames.encode import encode

AT_A_TIME = 64
"""Frames of one file that are held in memory together; 1080p takes 6 MB a frame."""


def extract_shard(
    manifest: Iterable[Mapping[str, Any]],
    root: Path,
    shard: str,
    shards: int,
    encoding: Encoding,
) -> Iterator[Row]:
    """Yield the ``frames`` rows of one shard, file by file and in the order of frames.

    Args:
        manifest: Rows of the manifest.
        root: Folder that ``media`` is relative to.
        shard: Name of the shard, ``<i>-of-<shards>``.
        shards: Number of shards.
        encoding: How pictures are kept.
    """
    by_media: dict[tuple[str, str | None], list[Mapping[str, Any]]] = defaultdict(list)
    for row in manifest:
        if shard_of(row["media"], shards) == shard:
            by_media[row["media"], row["rate"]].append(row)
    files = progress(sorted(by_media.items()), total=len(by_media), unit="file", label="frames")
    for (media, rate), rows in files:
        rows.sort(key=lambda row: row["frame"])
        for start in range(0, len(rows), AT_A_TIME):
            yield from _extract(root / media, rate, rows[start : start + AT_A_TIME], encoding)


def _extract(
    path: Path, rate: str | None, rows: list[Mapping[str, Any]], encoding: Encoding
) -> Iterator[Row]:
    grid = None if rate is None else Fraction(rate)
    try:
        if not path.is_file():
            for row in rows:
                detail = f"{path.name}: no such file in {path.parent.name}"
                yield _failed(row, "media_missing", detail)
            return
        frames = read_frames(path, [row["frame"] for row in rows], rate=grid)
    except (MediaError, OSError, ValueError) as error:
        for row in rows:
            yield _failed(row, "media_unreadable", str(error).replace(str(path), path.name))
        return
    for row, frame in zip(rows, frames, strict=True):
        yield _frame_row(row, frame, encoding)


def _frame_row(row: Mapping[str, Any], frame: Frame, encoding: Encoding) -> Row:
    if frame.image is None:
        return _failed(row, frame.status, frame.detail)
    height, width, _ = frame.image.shape
    return {
        "image_id": row["image_id"],
        "status": "ok",
        "detail": "",
        "route": frame.route,
        "pts": frame.pts,
        "width": width,
        "height": height,
        "encoding": encoding,
        "image": encode(frame.image, encoding),
        "sha256": hashlib.sha256(frame.image.tobytes()).hexdigest(),
    }


def _failed(row: Mapping[str, Any], status: str, detail: str) -> Row:
    blank = dict.fromkeys(("route", "pts", "width", "height", "encoding", "image", "sha256"))
    return {"image_id": row["image_id"], "status": status, "detail": detail, **blank}
