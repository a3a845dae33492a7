"""What tests of predictions on clips share."""

import io
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
from PIL import Image

from wildframe.core.pixels import Pixels
from wildframe.core.schemas import CLIPS
from wildframe.core.tables import Row, write_rows
from wildframe.frames.kept import write_shard


def _jpeg(pixels: Pixels) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=95, subsampling=0)
    return buffer.getvalue()


@pytest.fixture
def write_kept() -> Callable[..., Path]:
    """Return a function that writes kept frames by clip, every ``stride``-th of the media."""

    def write(path: Path, clips: Mapping[str, Sequence[Pixels]], stride: int = 1) -> Path:
        rows: list[Row] = [
            {
                "clip_id": clip_id,
                "status": "ok",
                "detail": "",
                "frames": [stride * number for number in range(len(images))],
                "times": [float(number) for number in range(len(images))],
                "width": images[0].shape[1],
                "height": images[0].shape[0],
                "images": [_jpeg(pixels) for pixels in images],
            }
            for clip_id, images in clips.items()
        ]
        write_shard(path, rows, {"stride": stride})
        return path

    return write


@pytest.fixture
def write_clips(blank: Callable[..., Row]) -> Callable[..., Path]:
    """Return a function that writes a manifest of clips: keywords are the columns of a row."""

    def write(path: Path, *clips: Row) -> Path:
        text = {"dataset": "d", "split": "train", "media": "m.mp4", "media_kind": "video"}
        rows = [blank(CLIPS, **{**text, "actions": [], **clip}) for clip in clips]
        write_rows(path, CLIPS, rows)
        return path

    return write
