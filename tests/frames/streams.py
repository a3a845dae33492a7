"""Random streams out of every encoder at hand, as cutting, joining and remuxing leave them."""

import io
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from av.bitstream import BitStreamFilterContext
from mp4 import TICKS, Sample, description, write_mp4

RATE = 30
BASE = Fraction(1, RATE * TICKS)
Size = tuple[int, int]


@dataclass(frozen=True)
class Packet:
    """A coded frame; times in ticks of ``BASE``."""

    data: bytes
    pts: int
    dts: int
    key: bool
    part: int = 0


@dataclass
class Stream:
    """A random stream, and what was done to it."""

    codec: str
    size: Size
    suffix: str
    sources: list[bytes] = field(default_factory=list)
    """The parts as encoded, each a file."""
    packets: list[Packet] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    sound: bool = True
    """Whether every frame that is shown can be decoded."""


def make_stream(seed: int, folder: Path) -> tuple[Path, Stream]:
    """Write the stream of a seed."""
    rng = random.Random(seed)
    codec = rng.choices(list(CODECS), [weight for weight, _, _ in CODECS.values()])[0]
    _, options, suffixes = CODECS[codec]
    size = rng.choice([(64, 48), (80, 64), (52, 36)])
    stream = Stream(codec, size, rng.choice(suffixes))
    style = rng.random()
    for part in range(rng.choice([1, 1, 2, 3])):
        # Parts of one recorder differ in little, which decoders do not notice.
        style = style if rng.random() < 0.6 else rng.random()
        chosen = options(random.Random(style), rng.choice([14, 24, 34]))
        if part and rng.random() < 0.1 and stream.suffix in ("mp4", "mov"):
            size = (size[0] + 16, size[1])
        stream.steps.append(f"encode {chosen}")
        stream.sources.append(_encode(rng, codec, size, chosen, start=1000 * part))
        offset = max((packet.pts for packet in stream.packets), default=-TICKS) + TICKS
        late = max((packet.dts for packet in stream.packets), default=-(10**9))
        new = _packets(stream.sources[-1], part)
        # Decoding times go on, so that muxers accept what they are given.
        shift = max(0, late + TICKS - (new[0].dts + offset))
        stream.packets += [
            replace(packet, pts=packet.pts + offset + shift, dts=packet.dts + offset + shift)
            for packet in new
        ]
    for change in CHANGES:
        change(rng, stream)
    return _write(rng, stream, folder / f"{seed}.{stream.suffix}"), stream


def _x264(rng: random.Random, quality: int) -> dict[str, str]:
    params = {
        "scenecut": 0,
        "bframes": rng.choice([0, 0, 1, 3]),
        "b-pyramid": rng.choice(["none", "strict", "normal"]),
        "b-adapt": rng.choice([0, 1]),
        "ref": rng.choice([1, 2, 4]),
        "weightp": rng.choice([0, 2]),
        "cabac": rng.choice([0, 1]),
        "8x8dct": rng.choice([0, 1]),
        "slices": rng.choice([1, 1, 2]),
        "open-gop": rng.choice([0, 0, 1]),
        "repeat-headers": rng.choice([0, 0, 1]),
        "chroma-qp-offset": rng.choice([0, 0, 6]),
    }
    if rng.random() < 0.1:
        params |= {rng.choice(["interlaced", "intra-refresh"]): 1}
    text = ":".join(f"{name}={value}" for name, value in params.items())
    return {"preset": "ultrafast", "qp": str(quality), "x264-params": text}


def _x265(rng: random.Random, quality: int) -> dict[str, str]:
    params = {
        "log-level": "none",
        "pools": "none",
        "frame-threads": 1,
        "scenecut": 0,
        "bframes": rng.choice([0, 2, 4]),
        "b-adapt": 0,
        "b-pyramid": rng.choice([0, 1]),
        "ref": rng.choice([1, 3]),
        "open-gop": rng.choice([0, 1]),
        "repeat-headers": rng.choice([0, 0, 1]),
        "sao": rng.choice([0, 1]),
        "qp": quality,
        "cbqpoffs": (quality - 24) // 3,
    }
    text = ":".join(f"{name}={value}" for name, value in params.items())
    return {"preset": "ultrafast", "x265-params": text}


def _vpx(rng: random.Random, quality: int) -> dict[str, str]:
    hidden = {
        "auto-alt-ref": "1",
        "lag-in-frames": str(rng.choice([5, 12])),
        "b": f"{2 * quality}k",
    }
    direct = {"crf": str(quality), "b": "0", "lag-in-frames": "0"}
    return {"deadline": "good", "cpu-used": "5"} | rng.choice([hidden, direct])


def _svt(rng: random.Random, quality: int) -> dict[str, str]:
    params = {"lp": 1, "hierarchical-levels": rng.choice([2, 3]), "pred-struct": 2}
    text = ":".join(f"{name}={value}" for name, value in params.items())
    return {"preset": "12", "crf": str(quality), "svtav1-params": text}


def _mpeg(rng: random.Random, quality: int) -> dict[str, str]:
    return {"bf": str(rng.choice([0, 2])), "b": f"{8 * quality}k"}


CODECS: dict[str, tuple[float, Callable[[random.Random, int], dict[str, str]], list[str]]] = {
    "libx264": (48, _x264, ["mp4", "mp4", "mov", "mkv", "mkv", "ts"]),
    "libx265": (14, _x265, ["mp4", "mkv", "mkv", "ts"]),
    "libvpx-vp9": (22, _vpx, ["mp4", "webm", "mkv"]),
    "libvpx": (5, _vpx, ["webm", "mkv"]),
    "libsvtav1": (4, _svt, ["mp4", "mkv"]),
    "mpeg4": (4, _mpeg, ["mp4", "mkv", "avi"]),
    "mpeg2video": (3, _mpeg, ["mkv", "ts"]),
}
"""Of each encoder, how often it is taken, its options, and the formats of files."""
CODECS = {name: entry for name, entry in CODECS.items() if name in av.codecs_available}


def _draw(number: int, size: Size) -> npt.NDArray[np.uint8]:
    """Draw a scene that moves, with as much of its own as tells it from any other frame."""
    width, height = size
    scene = np.random.default_rng(number // 1000).integers(0, 256, (8, 8, 3), np.uint8)
    image = np.roll(scene.repeat(-(-height // 8), 0).repeat(-(-width // 8), 1), 2 * number, 1)
    image = image[:height, :width].copy()
    image[:16, :16] = np.random.default_rng(number).integers(0, 256, 3, np.uint8)
    return image


def _encode(
    rng: random.Random, codec: str, size: Size, options: dict[str, str], start: int
) -> bytes:
    """Encode a part with frames of its own times; give it as a file."""
    file = io.BytesIO()
    gop, count = rng.choice([1, 4, 7, 12, 100]), rng.randint(8, 24)
    with av.open(file, "w", format="mp4" if codec not in ("libvpx",) else "matroska") as container:
        stream: Any = container.add_stream(codec, rate=RATE, options=options)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        stream.codec_context.gop_size, stream.codec_context.thread_count = gop, 1
        for number in range(count):
            frame = av.VideoFrame.from_ndarray(_draw(start + number, size), format="rgb24")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()


def _packets(source: bytes, part: int) -> list[Packet]:
    with av.open(io.BytesIO(source)) as container:
        stream = container.streams.video[0]

        def ticks(time: int | None) -> int:
            assert time is not None
            assert stream.time_base is not None
            return round(time * stream.time_base / BASE / TICKS) * TICKS

        return [
            Packet(bytes(packet), ticks(packet.pts), ticks(packet.dts), packet.is_keyframe, part)
            for packet in container.demux(stream)
            if packet.size
        ]


def _carry_sets(rng: random.Random, stream: Stream) -> None:
    """Put the parameter sets of later parts into their packets, or where they cannot be found."""
    if len(stream.sources) == 1 or stream.codec not in ("libx264", "libx265", "mpeg4"):
        return
    way = rng.choice(["once", "at key frames", "not at all", "described", "described"])
    if way == "described":
        if stream.codec == "libx264" and stream.suffix in ("mp4", "mov"):
            stream.steps.append("describe each part")
            return
        way = "once"
    if way == "not at all" and stream.codec == "libx265":
        way = "once"  # of slices that it cannot read, this decoder shows what memory holds
    stream.steps.append(f"sets {way}")
    # A transport stream repeats those of the first part at each key frame.
    stream.sound &= way != "not at all" and stream.codec != "mpeg4" and stream.suffix != "ts"
    seen = {0}
    for at, packet in enumerate(stream.packets):
        is_due = packet.part not in seen or (way == "at key frames" and packet.part and packet.key)
        if is_due and way != "not at all" and stream.codec != "mpeg4":
            sets = sets_of(stream.codec, header_of(stream.sources[packet.part]))
            stream.packets[at] = replace(packet, data=sets + packet.data)
        seen.add(packet.part)


def _cut(rng: random.Random, stream: Stream) -> None:
    """Drop packets at the start, at the end, or one of them."""
    if rng.random() < 0.25:
        first = rng.randrange(len(stream.packets) // 2)
        stream.packets = stream.packets[first:]
        stream.steps.append(f"cut {first}")
        stream.sound &= not first
    if rng.random() < 0.05:
        lost = rng.randrange(len(stream.packets))
        del stream.packets[lost]
        stream.steps.append(f"lose {lost}")
        stream.sound = False


def _ruin(rng: random.Random, stream: Stream) -> None:
    # FFmpeg looks into these packets as it writes them, and refuses what it finds.
    is_inspected = stream.suffix == "ts" or stream.codec == "libsvtav1"
    if rng.random() < 0.05 and not is_inspected:
        at = rng.randrange(len(stream.packets))
        packet = stream.packets[at]
        stream.packets[at] = replace(packet, data=b"\xff" * len(packet.data))
        stream.steps.append(f"ruin {at}")
        stream.sound = False


def _split(rng: random.Random, stream: Stream) -> None:
    """Make a packet of each frame that is coded, hidden ones included."""
    splitters = {"libvpx-vp9": "vp9_superframe_split", "libsvtav1": "av1_frame_split"}
    if stream.codec not in splitters or rng.random() < 0.6:
        return
    packets = []
    with av.open(io.BytesIO(stream.sources[0])) as container:
        splitter = BitStreamFilterContext(splitters[stream.codec], container.streams.video[0])
        for packet in stream.packets:
            whole = av.Packet(packet.data)
            whole.pts = whole.dts = packet.pts
            frames = [bytes(part) for part in splitter.filter(whole)]
            for back, data in zip(range(len(frames) - 1, -1, -1), frames, strict=True):
                times = {"pts": packet.pts - back, "dts": packet.dts - back}
                packets.append(replace(packet, data=data, **times))
    stream.steps.append(f"split {len(stream.packets)} into {len(packets)}")
    stream.packets = packets


def _misname_keys(rng: random.Random, stream: Stream) -> None:
    """Claim of some packets that decoding can start there, or that it cannot."""
    if rng.random() < 0.15:
        stream.steps.append("wrong key frames")
        # Edit lists begin where they say that decoding can start.
        stream.sound &= stream.suffix not in ("mp4", "mov")
        stream.packets = [
            replace(packet, key=packet.key != (at > 0 and rng.random() < 0.2))
            for at, packet in enumerate(stream.packets)
        ]


def _space(rng: random.Random, stream: Stream) -> None:
    """Leave gaps in time, as recorders do that lose frames, or hide the start by an edit list."""
    if rng.random() < 0.2:
        later, gaps = {}, 0
        for pts in sorted(packet.pts for packet in stream.packets):
            gaps += TICKS * (rng.random() < 0.1)
            later[pts] = pts + gaps
        stream.packets = [replace(packet, pts=later[packet.pts]) for packet in stream.packets]
        stream.steps.append("gaps")
    if rng.random() < 0.15 and stream.suffix in ("mp4", "mov"):
        hidden = TICKS * rng.randrange(1, len(stream.packets) // 2)
        first = min(packet.pts for packet in stream.packets)
        stream.packets = [
            replace(packet, pts=packet.pts - first - hidden, dts=packet.dts - first - hidden)
            for packet in stream.packets
        ]
        stream.steps.append(f"hide {hidden // TICKS}")


def _hide(rng: random.Random, stream: Stream) -> None:
    """Clear the "show" bit of key frames of VP9, and show some of them by a packet of their own."""
    if stream.codec != "libvpx-vp9" or rng.random() < 0.6:
        return
    packets = []
    for packet in stream.packets:
        if packet.key and rng.random() < 0.5:
            packets.append(replace(packet, data=bytes([packet.data[0] & ~2]) + packet.data[1:]))
            if rng.random() < 0.5:
                # A key frame fills all slots; this shows the first.
                late = {"pts": packet.pts + TICKS // 2, "dts": packet.dts + TICKS // 2}
                packets.append(replace(packet, data=b"\x88", key=False, **late))
            stream.steps.append("hide a key frame")
        else:
            packets.append(packet)
    stream.packets = packets


CHANGES = (_carry_sets, _cut, _ruin, _hide, _split, _misname_keys, _space)


def header_of(source: bytes) -> bytes:
    with av.open(io.BytesIO(source)) as container:
        return container.streams.video[0].codec_context.extradata or b""


def sets_of(codec: str, header: bytes) -> bytes:
    """Return the parameter sets of an avcC or hvcC box, each after its length in four bytes."""
    arrays: list[int] = []
    at = 5 if codec == "libx264" else 23
    sets = b""
    for number in range(2 if codec == "libx264" else header[22]):
        if codec == "libx264":
            count, at = header[at] & (255 if number else 31), at + 1
        else:
            count, at = int.from_bytes(header[at + 1 : at + 3]), at + 3
        arrays.append(count)
        for _ in range(count):
            length = int.from_bytes(header[at : at + 2])
            sets += bytes(2) + header[at : at + 2 + length]
            at += 2 + length
    return sets


def _write(rng: random.Random, stream: Stream, path: Path) -> Path:
    if "describe each part" in stream.steps:
        descriptions = [
            description("avc1", _size_of(source), header_of(source)) for source in stream.sources
        ]
        samples = [Sample(p.data, p.pts, p.dts, p.key, p.part) for p in stream.packets]
        return write_mp4(path, samples, descriptions)
    mux = {"fflags": "-autobsf"} if any(s.startswith("split") for s in stream.steps) else {}
    if stream.suffix in ("mp4", "mov"):
        fragmented = {"movflags": "frag_keyframe+empty_moov+default_base_moof"}
        mux |= rng.choice([{}, {}, {"movflags": "faststart"}, fragmented])
    with (
        av.open(io.BytesIO(stream.sources[0])) as source,
        av.open(str(path), "w", options=mux) as container,
    ):
        copy = container.add_stream_from_template(source.streams.video[0], opaque=True)
        for packet in stream.packets:
            out = av.Packet(packet.data)
            out.pts, out.dts, out.time_base = packet.pts, packet.dts, BASE
            out.is_keyframe, out.stream = packet.key, copy
            container.mux(out)
    return path


def _size_of(source: bytes) -> Size:
    with av.open(io.BytesIO(source)) as container:
        stream = container.streams.video[0]
        return stream.width, stream.height
