"""Station 4: exact frames of videos, and the preprocessed images that models share."""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from wildframe.core.errors import UserError
from wildframe.core.schemas import FRAMES, STATUSES
from wildframe.core.tables import Row, iter_rows, read_table

__all__ = [
    "iter_readable",
    "media_state",
    "read_images",
    "read_readable",
    "read_statuses",
    "shard_names",
    "shard_of",
]


def shard_names(shards: int) -> list[str]:
    """Return the names of the shards of a dataset: ``0-of-4`` to ``3-of-4``."""
    return [f"{shard}-of-{shards}" for shard in range(shards)]


def shard_of(media: str, shards: int) -> str:
    """Return the shard of a video or folder of images, by hash: new files do not move old ones."""
    digest = hashlib.sha256(media.encode()).digest()
    return f"{int.from_bytes(digest[:8]) % shards}-of-{shards}"


def media_of(row: Mapping[str, Any]) -> str:
    """Return the video of a row of a manifest: a file, or a folder of images."""
    media: str = row["media"]
    return media.rpartition("/")[0] if row["media_kind"] == "image" else media


def media_state(root: Path, media: Iterable[str], shard: str | None = None, shards: int = 1) -> str:
    """Return a hash of the names, sizes and times of a shard's videos; absent ones are skipped.

    A folder of images changes when an image is added, removed or renamed, not when overwritten.

    Args:
        root: Folder of the source.
        media: Paths of its videos below the root: files, or folders of images.
        shard: Name of the shard; all of them if None.
        shards: Number of shards.
    """
    state = []
    for name in sorted(media):
        if shard is None or shard_of(name, shards) == shard:
            try:
                file = (root / name).stat()
            except OSError:
                continue
            state.append(f"{name} {file.st_size} {file.st_mtime_ns}")
    return hashlib.sha256("\n".join(state).encode()).hexdigest()[:16]


def read_statuses(path: Path) -> list[Row]:
    """Read the status of each image of a dataset."""
    rows: list[Row] = read_table(path, STATUSES).to_pylist()
    return rows


def read_readable(path: Path) -> set[str]:
    """Return the images of a dataset that could be read, by its statuses.

    Raises:
        UserError: There is none.
    """
    readable = {row["image_id"] for row in read_statuses(path) if row["status"] == "ok"}
    if not readable:
        raise UserError(
            f"{path}: no image could be read; `wildframe frames show {path}` says why, "
            "`wildframe doctor` looks for the videos"
        )
    return readable


def iter_readable(shard: Path) -> Iterator[Row]:
    """Yield the rows of a shard of the ``frames`` table whose image could be read."""
    return (row for row in iter_rows(shard, FRAMES, batch_size=32) if row["status"] == "ok")


def read_images(frames: Iterable[Path], wanted: Collection[str]) -> dict[str, bytes]:
    """Return the wanted encoded images that could be read, by ``image_id``, from some shards."""
    return {
        row["image_id"]: row["image"]
        for path in frames
        for row in iter_readable(path)
        if row["image_id"] in wanted
    }
