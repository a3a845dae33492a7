"""The images of a shard, each with its status: a bad one neither stops the job nor is lost."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import zip_longest
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np

from wildframe.core.choices import Encoding
from wildframe.core.progress import progress
from wildframe.core.tables import Row
from wildframe.frames import media_of, shard_of
from wildframe.frames.decode import Frame, MediaError, read_frames
from wildframe.frames.encode import Pixels, encode, import_image

_ABSENT = "{}: no such file in {}"

AT_A_TIME = 64
"""Frames of one file in memory at a time; 1080p takes 6 MB per frame."""


def extract_shard(
    manifest: Iterable[Mapping[str, Any]], root: Path, shard: str, shards: int, encoding: Encoding
) -> Iterator[Row]:
    """Yield the ``frames`` rows of one shard, by video and frame.

    Frames of videos are decoded; image files are imported as they are.

    Args:
        manifest: Rows of the manifest.
        root: Folder that ``media`` is relative to.
        shard: Name of the shard, ``<i>-of-<shards>``.
        shards: Number of shards.
        encoding: Encoding of decoded frames.
    """
    by_media: dict[tuple[str, str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for row in manifest:
        video = media_of(row)
        if shard_of(video, shards) == shard:
            by_media[video, row["rate"] or "", row["media_kind"]].append(row)
    videos = progress(sorted(by_media.items()), total=len(by_media), unit="video", label="frames")
    for (media, rate, kind), rows in videos:
        if kind == "image":
            for row in sorted(rows, key=itemgetter("media")):
                yield _import(root / row["media"], row, encoding)
            continue
        rows.sort(key=itemgetter("frame"))
        for start in range(0, len(rows), AT_A_TIME):
            yield from _extract(
                root / media, rate or None, rows[start : start + AT_A_TIME], encoding
            )


def _import(path: Path, row: Mapping[str, Any], encoding: Encoding) -> Row:
    try:
        if not path.is_file():
            return _failed(row, "media_missing", _ABSENT.format(path.name, path.parent.name))
        imported = import_image(path.read_bytes(), encoding)
    except (OSError, ValueError) as error:
        why = str(error).replace(str(path), path.name)
        return _failed(row, "media_unreadable", f"{path.name} cannot be read as an image: {why}")
    return _kept(row, "file", None, imported.pixels, imported.encoding, imported.data)


def _extract(
    path: Path, rate: str | None, rows: list[Mapping[str, Any]], encoding: Encoding
) -> Iterator[Row]:
    problem = "media_missing", _ABSENT.format(path.name, path.parent.name)
    frames: list[Frame] = []
    try:
        if path.is_file():
            grid = None if rate is None else Fraction(rate)
            frames = read_frames(path, [row["frame"] for row in rows], rate=grid)
    except (MediaError, OSError, ValueError) as error:
        problem = "media_unreadable", str(error).replace(str(path), path.name)
    for row, frame in zip_longest(rows, frames):
        if frame is None:
            yield _failed(row, *problem)
        elif frame.image is None:
            yield _failed(row, frame.status, frame.detail)
        else:
            kept = encode(frame.image, encoding)
            yield _kept(row, frame.route, frame.pts, frame.image, encoding, kept)


def _kept(
    row: Mapping[str, Any],
    route: str | None,
    pts: int | None,
    pixels: Pixels,
    encoding: Encoding,
    image: bytes,
) -> Row:
    height, width, _ = pixels.shape
    return {
        "image_id": row["image_id"],
        "status": "ok",
        "detail": "",
        "route": route,
        "pts": pts,
        "width": width,
        "height": height,
        "encoding": encoding,
        "image": image,
        "sha256": hashlib.sha256(np.ascontiguousarray(pixels).data).hexdigest(),
    }


def _failed(row: Mapping[str, Any], status: str, detail: str) -> Row:
    blank = dict.fromkeys(("route", "pts", "width", "height", "encoding", "image", "sha256"))
    return {"image_id": row["image_id"], "status": status, "detail": detail, **blank}
