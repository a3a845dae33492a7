"""Station 4: exact frames out of video, and the resized pictures that models share."""

import hashlib
from pathlib import Path

from wildframe.core.schemas import STATUSES
from wildframe.core.tables import Row, read_table

__all__ = ["media_state", "read_statuses", "shard_names", "shard_of"]


def shard_names(shards: int) -> list[str]:
    """Return the names of the shards of a dataset: ``0-of-4`` to ``3-of-4``."""
    return [f"{shard}-of-{shards}" for shard in range(shards)]


def shard_of(media: str, shards: int) -> str:
    """Return the shard of a video file: by hash, so that new files move no old ones.

    Args:
        media: Path of the file under the source's root.
        shards: Number of shards.
    """
    digest = hashlib.sha256(media.encode()).digest()
    return f"{int.from_bytes(digest[:8]) % shards}-of-{shards}"


def media_state(root: Path, folder: str, shard: str, shards: int) -> str:
    """Return a hash of the video files that belong to a shard: their names and sizes.

    A file that is fetched later or replaced changes it; a folder that is absent has no files.

    Args:
        root: Folder of the source.
        folder: Folder of the videos under it, such as ``v1/clips``.
        shard: Name of the shard.
        shards: Number of shards.
    """
    files = sorted(
        f"{file.name} {file.stat().st_size}"
        for file in (root / folder).glob("*.mp4")
        if shard_of(f"{folder}/{file.name}", shards) == shard
    )
    return hashlib.sha256("\n".join(files).encode()).hexdigest()[:16]


def read_statuses(path: Path) -> list[Row]:
    """Read what became of each picture of a dataset."""
    rows: list[Row] = read_table(path, STATUSES).to_pylist()
    return rows
