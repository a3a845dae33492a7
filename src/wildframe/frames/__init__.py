"""Station 4: exact frames out of video, and the resized pictures that models share."""

import hashlib
from pathlib import Path

from wildframe.core.schemas import STATUSES
from wildframe.core.tables import Row, read_table

__all__ = ["read_statuses", "shard_names", "shard_of"]


def shard_names(shards: int) -> list[str]:
    """Return the names of the shards of a dataset: ``0-of-4`` to ``3-of-4``."""
    return [f"{shard}-of-{shards}" for shard in range(shards)]


def shard_of(group_id: str, shards: int) -> str:
    """Return the shard of a clip: by hash, so that new clips move no old ones."""
    digest = hashlib.sha256(group_id.encode()).digest()
    return f"{int.from_bytes(digest[:8]) % shards}-of-{shards}"


def read_statuses(path: Path) -> list[Row]:
    """Read what became of each picture of a dataset."""
    rows: list[Row] = read_table(path, STATUSES).to_pylist()
    return rows
