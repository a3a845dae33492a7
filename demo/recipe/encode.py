"""Writes frames as Ego4D-like MP4 files: 30 fps, 15,360 ticks a second."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np
from numpy.typing import NDArray

from recipe.catalog import FPS, Codec

TICKS_PER_SECOND = 15360
TRUNCATED_BYTES = 6000

ENCODERS: dict[Codec, tuple[str, dict[str, str]]] = {
    "vp9": (
        "libvpx-vp9",
        # Constrained quality: a quality target under a bit-rate ceiling.
        {"crf": "34", "cpu-used": "4", "row-mt": "0", "threads": "1"},
    ),
    "h264": (
        "libx264",
        # Macroblock trees come out differently each time, even in one thread.
        {"crf": "25", "preset": "medium", "bf": "3", "b-adapt": "1", "mbtree": "0", "threads": "1"},
    ),
}
VP9_CEILING = 1_500_000


def encode(
    path: Path,
    frames: Iterable[NDArray[np.uint8]],
    size: tuple[int, int],
    codec: Codec,
    gop: int,
    rate: int = FPS,
    start_frame: int = 0,
    dropped: frozenset[int] = frozenset(),
) -> None:
    """Encode `frames` on the grid of `rate` frames a second.

    The stream starts `start_frame` grid positions late; positions in `dropped` stay empty while
    all later frames keep their times.
    """
    name, options = ENCODERS[codec]
    container_options = {"video_track_timescale": str(TICKS_PER_SECOND)}
    with av.open(str(path), "w", container_options=container_options) as container:
        stream = cast(
            av.VideoStream,
            container.add_stream(name, rate=rate, options={**options, "g": str(gop)}),
        )
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = Fraction(1, rate)
        if codec == "vp9":
            stream.bit_rate = VP9_CEILING
        for index, image in enumerate(frames):
            if index in dropped:
                continue
            frame = av.VideoFrame.from_ndarray(image, format="rgb24")
            frame.pts = start_frame + index
            frame.time_base = Fraction(1, rate)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def truncate(path: Path) -> None:
    """Cut a file off before its index, as an interrupted download would."""
    path.write_bytes(path.read_bytes()[:TRUNCATED_BYTES])
