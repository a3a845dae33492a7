"""Frames of a source and statuses of a dataset, written by hand: an image of each video."""

import hashlib
import io
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from wildframe.core.schemas import FRAMES, STATUSES
from wildframe.core.tables import Row, write_rows

STATUSES_FILE = "statuses.parquet"


def kept(image_id: str, image: bytes, **values: object) -> Row:
    """Return an image that could be read: a row of STATUSES and of FRAMES in one."""
    opened = Image.open(io.BytesIO(image))
    return _row(
        image_id,
        status="ok",
        detail="",
        width=opened.width,
        height=opened.height,
        encoding=(opened.format or "").lower(),
        sha256=hashlib.sha256(opened.convert("RGB").tobytes()).hexdigest(),
        image_sha256=hashlib.sha256(image).hexdigest(),
        image=image,
        **values,
    )


def lost(image_id: str, status: str = "media_missing", detail: str = "gone") -> Row:
    """Return an image that could not be read."""
    return _row(image_id, status=status, detail=detail)


def write_frames(folder: Path, *shards: Sequence[Row]) -> tuple[list[Path], Path]:
    """Write shards of frames, and the statuses of a dataset that has an image of each frame.

    Returns:
        The shards, ``0-of-<n>.parquet`` and so on, and the statuses.
    """
    paths = [folder / f"{number}-of-{len(shards)}.parquet" for number in range(len(shards))]
    for path, rows in zip(paths, shards, strict=True):
        frames = [{name: row[name] for name in FRAMES.schema.names} for row in rows]
        write_rows(path, FRAMES, frames)
    images = sorted((row for rows in shards for row in rows), key=lambda row: row["image_id"])
    statuses = [{name: row[name] for name in STATUSES.schema.names} for row in images]
    config = {"shards": [str(path) for path in paths]}
    write_rows(folder / STATUSES_FILE, STATUSES, statuses, config=config)
    return paths, folder / STATUSES_FILE


def _row(image_id: str, **values: object) -> Row:
    key = {"media": f"v1/clips/{image_id}.mp4", "rate": "30", "frame": 0}
    return dict.fromkeys(FRAMES.schema.names) | {"image_id": image_id} | key | values
