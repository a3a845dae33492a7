"""The file of the frames that were kept of clips: training, tests and exhibits read it."""

import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
from PIL import Image

from wildframe.core.arrow_files import arrow_writer, checksum, damaged, read_arrow
from wildframe.core.errors import UserError
from wildframe.core.schemas import KEPT_CLIPS
from wildframe.core.tables import Row

_BATCH_ROWS, _BATCH_BYTES = 256, 2**25

_LISTED = ("clip_id", "status", "detail")
_TEXTS = (*_LISTED, "frames", "times", "width", "height")


@dataclass(frozen=True, slots=True)
class KeptClip:
    """The kept frames of one clip."""

    clip_id: str
    frames: Sequence[int]
    """Numbers of the frames in the media."""
    times: Sequence[float]
    """Of the frames, in seconds of the media."""
    width: int
    height: int
    jpegs: pa.BinaryArray

    def __len__(self) -> int:
        return len(self.jpegs)

    def image(self, position: int) -> Image.Image:
        """Return a frame by its position among the kept ones, RGB."""
        return Image.open(io.BytesIO(self.jpegs[position].as_py())).convert("RGB")


class KeptClips(Mapping[str, KeptClip]):
    """The readable clips of some shards by their id, mapped into memory.

    Its frames are checked when it is taken out: a `UserError` names the shard if it is damaged.
    """

    stride: int
    """Frames of the media from each kept frame to the next."""

    def __init__(self, shards: Sequence[Path]) -> None:
        """Open the shards of one dataset.

        Raises:
            UserError: A shard is absent, damaged or something else, or no clip could be read.
        """
        tables = [_read_shard(path) for path in shards]
        strides = set(map(_stride_of, tables))
        if len(strides) > 1:
            found = " and ".join(map(str, sorted(strides)))
            raise UserError(
                f"{shards[0]}: frames are kept at strides of {found}; name shards of one dataset"
            )
        (self.stride,) = strides
        self._places = {
            clip["clip_id"]: (path, batch, row)
            for path, table in zip(shards, tables, strict=True)
            for batch in table.to_batches()
            for row, clip in enumerate(batch.select(["clip_id", "status"]).to_pylist())
            if clip["status"] == "ok"
        }
        if not self._places:
            raise UserError(
                f"{shards[0]}: no clip could be read; `wildframe frames show-clips` says why"
            )

    def __getitem__(self, clip_id: str) -> KeptClip:
        path, batch, row = self._places[clip_id]
        texts = [batch.column(name)[row].as_py() for name in _TEXTS]
        jpegs = batch.column("images")[row].values
        if checksum(texts, (jpeg.as_buffer() for jpeg in jpegs)) != batch["crc32"][row].as_py():
            raise _altered(path, clip_id)
        _, _, _, frames, times, width, height = texts
        return KeptClip(clip_id, frames, times, width, height, jpegs)

    def __iter__(self) -> Iterator[str]:
        return iter(self._places)

    def __len__(self) -> int:
        return len(self._places)


def clip_statuses(shards: Sequence[Path]) -> list[Row]:
    """Return id, status, detail and number of kept frames of each clip of some shards."""
    return [
        {**row, "frames": len(row["frames"])}
        for path in shards
        for row in _read_shard(path).select(["clip_id", "status", "detail", "frames"]).to_pylist()
    ]


def _read_shard(path: Path) -> pa.Table:
    table = read_arrow(path, KEPT_CLIPS, "frames_clips")
    for row in table.select([*_LISTED, "listed_crc32"]).to_pylist():
        if checksum([row[name] for name in _LISTED]) != row["listed_crc32"]:
            raise _altered(path, row["clip_id"])
    return table


def _altered(path: Path, clip_id: str) -> UserError:
    return damaged(path, f"clip {clip_id!r} differs from what was written")


def _stride_of(shard: pa.Table) -> int:
    stride: int = json.loads(shard.schema.metadata[b"config"])["stride"]
    return stride


def write_shard(path: Path, rows: Iterable[Row], config: Mapping[str, Any]) -> None:
    """Write a shard in bounded memory.

    Args:
        path: Arrow file to write.
        rows: Of KEPT_CLIPS, without the checksums.
        config: Choices that determine the content, the stride among them.
    """
    with arrow_writer(path, KEPT_CLIPS, config) as writer:
        for some in _batches(rows):
            writer.write_batch(pa.RecordBatch.from_pylist(some, schema=KEPT_CLIPS.schema))


def _batches(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Yield rows in lists that are held in memory; readers look a clip up by its batch."""
    batch: list[Row] = []
    size = 0
    for row in rows:
        check = checksum([row[name] for name in _TEXTS], row["images"])
        listed = checksum([row[name] for name in _LISTED])
        batch.append({**row, "crc32": check, "listed_crc32": listed})
        size += sum(map(len, row["images"]))
        if len(batch) == _BATCH_ROWS or size >= _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch
