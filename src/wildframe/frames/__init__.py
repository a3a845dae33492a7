"""Station 4: exact frames of videos, and the preprocessed images that models share.

Functions that read tables import what they need: commands without tables start in half the time.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wildframe.core.errors import UserError

if TYPE_CHECKING:
    import pyarrow as pa

    from wildframe.core.tables import Row

__all__ = [
    "LOCATED_BY",
    "Place",
    "iter_images",
    "locate_images",
    "media_states",
    "none_readable",
    "read_readable",
    "read_statuses",
    "select_images",
    "shard_names",
    "shard_of",
]

FrameKey = tuple[str, str | None, int | None]
"""Media, rate and frame: what identifies a frame within a source."""

LOCATED_BY = ("media", "rate", "frame", "image_sha256")
"""Columns of statuses that `locate_images` reads."""

_BUFFER = 2**20
"""Bytes of a shard read at a time; without, a row group would be held twice."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the encoded image of a frame lies."""

    shard: Path
    row_group: int
    row: int
    """In the row group."""

    def read(self, status: Row) -> bytes:
        """Return the encoded image of the status that was located here.

        Raises:
            UserError: It is damaged, or was moved since.
        """
        return self.take(_read_row_group(self.shard, self.row_group), status)

    def take(self, encoded: pa.ChunkedArray, status: Row) -> bytes:
        """Return the encoded image out of those of its row group; errors as of `read`."""
        image = encoded[self.row].as_py() if self.row < len(encoded) else None
        if image is None or hashlib.sha256(image).hexdigest() != status["image_sha256"]:
            raise UserError(
                f"{self.shard}: image {status['image_id']} is damaged; delete the file and rerun"
            )
        return bytes(image)


def shard_names(shards: int) -> list[str]:
    """Return the names of the shards of a source: ``0-of-4`` to ``3-of-4``."""
    return [f"{shard}-of-{shards}" for shard in range(shards)]


def shard_of(media: str, shards: int) -> str:
    """Return the shard of a video or folder of images, by hash: new files do not move old ones."""
    digest = hashlib.sha256(media.encode()).digest()
    return f"{int.from_bytes(digest[:8]) % shards}-of-{shards}"


def media_of(row: Mapping[str, Any]) -> str:
    """Return the video of a row of a manifest: a file, or a folder of images."""
    media: str = row["media"]
    return media.rpartition("/")[0] if row["media_kind"] == "image" else media


def frame_key(row: Mapping[str, Any]) -> FrameKey:
    """Return the key of the frame of a row of a manifest, of FRAMES or of STATUSES."""
    return row["media"], row["rate"], row["frame"]


def media_states(root: Path, media: Iterable[str], shards: int) -> dict[str | None, str]:
    """Return a hash of the names, sizes and times of each shard's videos; absent ones are skipped.

    A folder of images changes when an image is added, removed or renamed, not when overwritten.

    Args:
        root: Folder of the source.
        media: Paths of its videos below the root: files, or folders of images.
        shards: Number of shards.

    Returns:
        By the name of the shard; that of all videos by None.
    """
    states: dict[str | None, list[str]] = {name: [] for name in (None, *shard_names(shards))}
    for name in sorted(media):
        try:
            file = (root / name).stat()
        except OSError:
            continue
        state = f"{name} {file.st_size} {file.st_mtime_ns}"
        states[None].append(state)
        states[shard_of(name, shards)].append(state)
    return {
        shard: hashlib.sha256("\n".join(state).encode()).hexdigest()[:16]
        for shard, state in states.items()
    }


def read_statuses(path: Path, columns: Sequence[str] | None = None) -> list[Row]:
    """Read the status of each image of a dataset; all columns if None."""
    from wildframe.core.schemas import STATUSES
    from wildframe.core.tables import read_table

    rows: list[Row] = read_table(path, STATUSES, columns).to_pylist()
    return rows


def read_readable(path: Path) -> set[str]:
    """Return the images of a dataset that could be read, by its statuses.

    Raises:
        UserError: There is none.
    """
    rows = read_statuses(path, ["image_id", "status"])
    readable = {row["image_id"] for row in rows if row["status"] == "ok"}
    if not readable:
        raise none_readable(path)
    return readable


def none_readable(path: Path) -> UserError:
    """Return the error that no image of a dataset could be read, by its statuses."""
    return UserError(
        f"{path}: no image could be read; `wildframe frames show {path}` says why, "
        "`wildframe doctor` looks for the files"
    )


def select_images(
    statuses: Path,
    wanted: Collection[str] | None = None,
    columns: Sequence[str] | None = None,
) -> list[Row]:
    """Return the statuses of those of the wanted images (None: all) that could be read.

    Args:
        statuses: STATUSES of the dataset.
        wanted: ``image_id`` of each; all if None.
        columns: Columns beside ``image_id`` and ``status``; all if None.

    Raises:
        UserError: A wanted image is not in the table.
    """
    rows = read_statuses(statuses, columns and ["image_id", "status", *columns])
    if wanted is not None:
        rows = [row for row in rows if row["image_id"] in wanted]
        if missing := sorted(set(wanted) - {row["image_id"] for row in rows}):
            raise UserError(
                f"image {missing[0]} is not in {statuses} ({len(missing)} such); "
                "name the statuses of its dataset: <results>/frames/<dataset>.parquet"
            )
    return [row for row in rows if row["status"] == "ok"]


def locate_images(images: Iterable[Row], shards: Iterable[Path]) -> Iterator[tuple[Row, Place]]:
    """Yield each image and where it lies, in the order of shards, of their frames, of images.

    Args:
        images: Statuses of images that could be read, as `select_images` returns them; several
            may be of one frame.
        shards: All shards of the source.

    Raises:
        UserError: A frame is in no shard, or differs from what its status says.
    """
    from wildframe.core.schemas import FRAMES
    from wildframe.core.tables import open_table, read_table

    by_frame: dict[FrameKey, list[Row]] = defaultdict(list)
    for row in images:
        by_frame[frame_key(row)].append(row)
    for shard in shards:
        read_table(shard, FRAMES, columns=[])
        with open_table(shard) as file:
            for group in range(file.num_row_groups):
                table = file.read_row_group(group, columns=[*LOCATED_BY])
                for number, frame in enumerate(table.to_pylist()):
                    for row in by_frame.pop(frame_key(frame), ()):
                        if row["image_sha256"] != frame["image_sha256"]:
                            raise UserError(
                                f"{shard}: image {row['image_id']} differs from what its status "
                                "says; rerun the rule frames_collect"
                            )
                        yield row, Place(shard, group, number)
    if by_frame:
        lost = next(iter(by_frame.values()))[0]
        raise UserError(
            f"image {lost['image_id']} of {lost['media']} is in none of the shards; "
            "name all shards of its source: <results>/frames/<source>/*.parquet"
        )


def iter_images(
    shards: Iterable[Path],
    statuses: Path,
    wanted: Collection[str] | None = None,
    *,
    label: str = "images",
) -> Iterator[tuple[Row, bytes]]:
    """Yield frame, size and encoded image of images that could be read, in bounded memory.

    Order and errors are those of `locate_images` and `select_images`.

    Args:
        shards: All shards of the source.
        statuses: STATUSES of the dataset.
        wanted: ``image_id`` of those to yield; all if None.
        label: Of the progress bar.
    """
    from wildframe.core.progress import progress

    images = select_images(statuses, wanted, [*LOCATED_BY, "width", "height"])

    def read() -> Iterator[tuple[Row, bytes]]:
        # Only row groups that hold one of them: a shard has the frames of all datasets.
        found = groupby(locate_images(images, shards), key=_row_group_of)
        for (shard, group), located in found:
            yield from _of_row_group(shard, group, located)

    return progress(read(), total=len(images), unit="image", label=label)


def _row_group_of(located: tuple[Row, Place]) -> tuple[Path, int]:
    return located[1].shard, located[1].row_group


def _of_row_group(
    shard: Path, group: int, located: Iterable[tuple[Row, Place]]
) -> Iterator[tuple[Row, bytes]]:
    """Yield images of a row group of a shard; it is out of memory before the next one is read."""
    encoded = _read_row_group(shard, group)
    for row, place in located:
        yield row, place.take(encoded, row)


def _read_row_group(shard: Path, group: int) -> pa.ChunkedArray:
    """Read the encoded images of a row group of a shard."""
    from wildframe.core.tables import open_table

    with open_table(shard, pre_buffer=False, buffer_size=_BUFFER) as file:
        return file.read_row_group(group, columns=["image"]).column("image")
