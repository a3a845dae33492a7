"""Small sources: trees of annotations, films of a few frames."""

from fractions import Fraction

import av
import numpy as np
import pytest


@pytest.fixture
def film():
    """Write a video of grey frames."""

    def write(path, frames=12, *, codec="libx264", rate=30, size=(64, 48), turned=0):
        path.parent.mkdir(parents=True, exist_ok=True)
        with av.open(str(path), "w") as container:
            stream = container.add_stream(codec, rate=Fraction(rate))
            stream.width, stream.height = size
            stream.pix_fmt = "yuv420p"
            stream.codec_context.thread_count, stream.codec_context.gop_size = 1, 12
            for number in range(frames):
                grey = np.full((size[1], size[0], 3), 10 * number % 256, np.uint8)
                frame = av.VideoFrame.from_ndarray(grey, format="rgb24")
                frame.pts = number
                frame.time_base = 1 / Fraction(rate)
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
        if turned:
            _turn(path)
        return path

    return write


@pytest.fixture
def remux():
    """Copy the packets of a film unchanged, from one of them on; the index comes first."""

    def copy(path, target, first=0):
        with (
            av.open(str(path)) as inlet,
            av.open(str(target), "w", options={"movflags": "faststart"}) as outlet,
        ):
            stream = inlet.streams.video[0]
            new = outlet.add_stream_from_template(stream)
            for packet in [packet for packet in inlet.demux(stream) if packet.size][first:]:
                packet.stream = new
                outlet.mux(packet)
        return target

    return copy


def _turn(path):
    """Write into the track header that players turn the film by a quarter."""
    data = bytearray(path.read_bytes())
    upright = b"".join(n.to_bytes(4, "big") for n in (65536, 0, 0, 0, 65536, 0, 0, 0, 1 << 30))
    turned = b"".join(
        (n % (1 << 32)).to_bytes(4, "big") for n in (0, 65536, 0, -65536, 0, 0, 0, 0, 1 << 30)
    )
    at = data.index(upright, data.index(b"tkhd"))
    data[at : at + len(turned)] = turned
    path.write_bytes(data)
