"""A writer of MP4 with what FFmpeg's does not write: several sample descriptions, a clean aperture.

One track of video, one chunk a sample (ISO/IEC 14496-12).
"""

import struct
from collections.abc import Sequence
from itertools import accumulate, groupby, pairwise
from pathlib import Path
from typing import NamedTuple

TICKS = 512
"""Of a frame at 30 a second."""


class Sample(NamedTuple):
    """A packet, its times in ticks, and the number of its description."""

    data: bytes
    pts: int
    dts: int
    key: bool = False
    description: int = 0


def box(kind: str, *parts: bytes) -> bytes:
    content = b"".join(parts)
    return struct.pack(">I4s", 8 + len(content), kind.encode()) + content


def full_box(kind: str, *parts: bytes) -> bytes:
    return box(kind, bytes(4), *parts)


def description(
    kind: str, size: tuple[int, int], header: bytes, clap: Sequence[int] | None = None
) -> bytes:
    """Describe samples of ``avc1`` or ``hvc1``: ``header`` is the stream's extradata.

    ``clap`` has width, height and the offsets of the centre, each as two terms of a fraction.
    """
    looks = struct.pack(">6xH16xHHIIIH32xHh", 1, *size, 0x480000, 0x480000, 0, 1, 24, -1)
    aperture = () if clap is None else (box("clap", struct.pack(">8i", *clap)),)
    return box(kind, looks, box({"avc1": "avcC", "hvc1": "hvcC"}[kind], header), *aperture)


def write_mp4(path: Path, samples: Sequence[Sample], descriptions: Sequence[bytes]) -> Path:
    steps = [after.dts - sample.dts for sample, after in pairwise(samples)] + [TICKS]
    count, ticks = len(samples), sum(steps)
    sizes = [len(sample.data) for sample in samples]
    matrix = struct.pack(">9I", 1 << 16, 0, 0, 0, 1 << 16, 0, 0, 0, 1 << 30)

    def table(kind: str, *rows: Sequence[int]) -> bytes:
        numbers = (struct.pack(f">{len(row)}I", *row) for row in rows)
        return full_box(kind, struct.pack(">I", len(rows)), *numbers)

    def moov(first: int) -> bytes:
        places = list(accumulate(sizes, initial=first))[:count]
        runs, at = [], 1
        for number, run in groupby(samples, key=lambda sample: sample.description):
            runs.append((at, 1, number + 1))
            at += len(list(run))
        stbl = box(
            "stbl",
            full_box("stsd", struct.pack(">I", len(descriptions)), *descriptions),
            table("stts", *((1, step) for step in steps)),
            table("ctts", *((1, sample.pts - sample.dts) for sample in samples)),
            table("stss", *((n,) for n, sample in enumerate(samples, 1) if sample.key)),
            table("stsc", *runs),
            full_box("stsz", struct.pack(f">II{count}I", 0, count, *sizes)),
            table("stco", *((place,) for place in places)),
        )
        dinf = box("dinf", full_box("dref", struct.pack(">I", 1), box("url ", b"\0\0\0\1")))
        minf = box("minf", box("vmhd", b"\0\0\0\1", bytes(8)), dinf, stbl)
        mdia = box(
            "mdia",
            full_box("mdhd", struct.pack(">8xIIHH", TICKS * 30, ticks, 0x55C4, 0)),
            full_box("hdlr", struct.pack(">4x4s12x", b"vide"), b"\0"),
            minf,
        )
        tkhd = box("tkhd", struct.pack(">IIIIII16x", 3, 0, 0, 1, 0, ticks), matrix, bytes(8))
        mvhd = struct.pack(">8xIIIH10x", TICKS * 30, ticks, 1 << 16, 1 << 8)
        return box(
            "moov",
            full_box("mvhd", mvhd, matrix, bytes(24), struct.pack(">I", 2)),
            box("trak", tkhd, mdia),
        )

    start = box("ftyp", b"isom", bytes(4), b"isomavc1")
    first = len(start) + len(moov(0)) + 8
    data = box("mdat", *(sample.data for sample in samples))
    path.write_bytes(start + moov(first) + data)
    return path
