"""Small clips whose every frame carries its own number as a bar code.

A frame is 4 x 4 black or white blocks over faint noise: twelve bits of number, in Gray code so that
neighbours resemble each other as in real video, and a four-bit check sum. The blocks survive lossy
coding; a broken image does not read.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
from av.video.frame import PictureType
from av.video.stream import VideoStream

Image = npt.NDArray[np.uint8]

SIZE = (160, 96)
RATE = Fraction(30)
X264 = {
    "preset": "veryfast",
    "crf": "24",
    "x264-params": "scenecut=0:b-adapt=0:bframes=3:b-pyramid=normal:weightp=0",
}
VP9 = {"deadline": "realtime", "cpu-used": "8", "crf": "30", "b": "0", "lag-in-frames": "0"}


def draw(number: int, size: tuple[int, int] = SIZE) -> Image:
    """Draw the bar code of a number (0 to 4095) as (height, width, 3) RGB."""
    width, height = size
    gray = number ^ number >> 1
    code = gray << 4 | _check_sum(gray)
    bits = np.array([code >> i & 1 for i in range(16)], dtype=np.uint8).reshape(4, 4)
    rows = np.arange(height) * 4 // height
    columns = np.arange(width) * 4 // width
    noise = np.random.default_rng(0).integers(0, 24, (height, width), dtype=np.uint8)
    luma = bits[np.ix_(rows, columns)] * np.uint8(190) + np.uint8(20) + noise
    return np.repeat(luma[:, :, None], 3, axis=2)


def read(image: Image | None) -> int | None:
    """Read the number back; None for no image or one whose check sum is wrong."""
    if image is None:
        return None
    height, width = image.shape[:2]
    code = 0
    for i in range(16):
        y, x = height * (2 * (i // 4) + 1) // 8, width * (2 * (i % 4) + 1) // 8
        code |= int(image[y - 4 : y + 5, x - 4 : x + 5].mean() > 127) << i
    number = gray = code >> 4
    while gray := gray >> 1:
        number ^= gray
    return number if _check_sum(code >> 4) == code & 15 else None


def write(
    path: Path,
    numbers: Sequence[int],
    *,
    codec: str = "libx264",
    gop: int = 12,
    options: Mapping[str, str] | None = None,
    mux: Mapping[str, str] | None = None,
    time: Callable[[int], int] = lambda number: number,
    time_base: Fraction = 1 / RATE,
    size: tuple[int, int] = SIZE,
    pixels: str = "yuv420p",
    audio: bool = False,
    fresh: Collection[int] = (),
) -> Path:
    """Encode one frame per number, shown at ``time(number)`` ticks of ``time_base``.

    Frames in ``fresh`` are coded as key frames.
    """
    defaults = X264 if codec == "libx264" else VP9 if codec == "libvpx-vp9" else {}
    with av.open(str(path), "w", options=dict(mux or {})) as container:
        chosen = defaults | dict(options or {})
        if codec == "libx264" and options and "x264-params" in options:
            chosen["x264-params"] = f"{defaults['x264-params']}:{options['x264-params']}"
        stream = container.add_stream(codec, rate=RATE, options=chosen)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height = size
        stream.pix_fmt = pixels
        context = stream.codec_context
        context.time_base, context.gop_size, context.thread_count = time_base, gop, 1
        sound = container.add_stream("aac", rate=48000, layout="mono") if audio else None
        for number in numbers:
            frame = av.VideoFrame.from_ndarray(draw(number, size), format="rgb24")
            frame.pts, frame.time_base = time(number), time_base
            if number in fresh:
                frame.pict_type = PictureType.I
            container.mux(stream.encode(frame))
            if sound is not None:
                container.mux(sound.encode(silence(number)))
        container.mux(stream.encode(None))
        if sound is not None:
            container.mux(sound.encode(None))
    return path


def silence(number: int) -> av.AudioFrame:
    """Give the sound that goes with a frame: a thirtieth of a second of nothing."""
    samples = 1600
    sound = av.AudioFrame.from_ndarray(np.zeros((1, samples), np.float32), "fltp", "mono")
    sound.sample_rate, sound.pts = 48000, samples * number
    sound.time_base = Fraction(1, 48000)
    return sound


def remux(
    source: Path,
    target: Path,
    *,
    mux: Mapping[str, str] | None = None,
    tags: Mapping[str, str] | None = None,
    shift: int = 0,
    first: int = 0,
    last: int | None = None,
) -> Path:
    """Copy packets ``first`` to ``last`` (decode order) unchanged, earlier by ``shift`` ticks.

    ``tags`` are what the container says of the stream.
    """
    with (
        av.open(str(source)) as inlet,
        av.open(str(target), "w", options=dict(mux or {})) as outlet,
    ):
        stream = inlet.streams.video[0]
        copy = outlet.add_stream_from_template(stream)
        copy.metadata.update(tags or {})
        packets = [packet for packet in inlet.demux(stream) if packet.size]
        for packet in packets[first:last]:
            assert packet.pts is not None
            assert packet.dts is not None
            packet.pts, packet.dts = packet.pts - shift, packet.dts - shift
            packet.stream = copy
            outlet.mux(packet)
    return target


def decode_all(path: Path) -> list[tuple[int | None, Image]]:
    """Decode a clip from end to end: the truth that sparse reading is held to."""
    with av.open(str(path)) as container:
        return [
            (frame.pts, frame.to_ndarray(format="rgb24")) for frame in container.decode(video=0)
        ]


def _check_sum(code: int) -> int:
    return (code ^ code >> 4 ^ code >> 8 ^ 0b1010) & 15
