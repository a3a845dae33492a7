"""The frames that were kept of clips, for those who are shown them: training, tests, exhibits."""

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
from PIL import Image

from wildframe.core.errors import UserError
from wildframe.core.files import require_file
from wildframe.core.schemas import KEPT_CLIPS
from wildframe.core.tables import Row, check_schema


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
        """Return a frame by its position among the kept ones, RGB.

        Raises:
            UserError: It cannot be decoded.
        """
        try:
            return Image.open(io.BytesIO(self.jpegs[position].as_py())).convert("RGB")
        except OSError as error:
            raise UserError(
                f"clip {self.clip_id}: kept frame {position} cannot be decoded ({error}); "
                "delete the shard and rerun the rule frames_clips"
            ) from error


class KeptClips(Mapping[str, KeptClip]):
    """The readable clips of some shards by their id, mapped into memory."""

    stride: int
    """Frames of the media from each kept frame to the next."""

    def __init__(self, shards: Sequence[Path]) -> None:
        """Open the shards of one dataset.

        Raises:
            UserError: A shard is absent or is none, or no clip could be read.
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
            clip["clip_id"]: (batch, row)
            for table in tables
            for batch in table.to_batches()
            for row, clip in enumerate(batch.select(["clip_id", "status"]).to_pylist())
            if clip["status"] == "ok"
        }
        if not self._places:
            raise UserError(
                f"{shards[0]}: no clip could be read; `wildframe frames show-clips` says why"
            )

    def __getitem__(self, clip_id: str) -> KeptClip:
        batch, row = self._places[clip_id]
        frames, times, width, height = (
            batch.column(name)[row].as_py() for name in ("frames", "times", "width", "height")
        )
        return KeptClip(clip_id, frames, times, width, height, batch.column("images")[row].values)

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
    require_file(path, "make it with the rule frames_clips")
    try:
        with pa.memory_map(str(path)) as source, pa.ipc.open_file(source) as reader:
            table = reader.read_all()
    except (pa.ArrowInvalid, OSError) as error:
        raise UserError(f"{path}: not an Arrow file ({error}); delete it and rerun") from error
    check_schema(path, table.schema, KEPT_CLIPS)
    return table


def _stride_of(shard: pa.Table) -> int:
    stride: int = json.loads(shard.schema.metadata[b"config"])["stride"]
    return stride
