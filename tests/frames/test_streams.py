"""Of random streams, each frame asked alone, in company or on the grid is that of a full decode.

The environment variable ``WILDFRAME_STREAMS`` says of how many; a seed makes a stream again.
"""

import os
import random
from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import NamedTuple

import av
import numpy as np
import pytest
from streams import RATE, Stream, make_stream
from videos import Image

from wildframe.frames.decode import Frame, MediaError, read_frames
from wildframe.sources.probe import UnusableError, probe

STREAMS = int(os.environ.get("WILDFRAME_STREAMS", "60"))
BATCH = 20


class Truth(NamedTuple):
    """What a full decode gives."""

    time_base: Fraction
    frames: list[tuple[int | None, Image]]
    """Time and image, in the order of output."""


@pytest.mark.parametrize("first", range(0, STREAMS, BATCH))
def test_a_frame_is_that_of_a_full_decode_or_says_why_not(tmp_path, monkeypatch, first):
    statuses: Counter[str] = Counter()
    faults = []
    for seed in range(first, first + BATCH):
        path, stream = make_stream(seed, tmp_path)
        about = f"stream {seed}, {stream.codec} in {stream.suffix}, {', '.join(stream.steps)}"
        truth = decode_through(path)
        few = random.Random(seed).choice([1, 30_000, 400_000_000])
        monkeypatch.setattr("wildframe.frames.decode.BYTES_AT_A_TIME", few)
        for numbers in requests(seed, len(truth.frames)):
            for rate in (None, Fraction(RATE)):
                frames = ask(path, numbers, rate)
                statuses.update(frame.status for frame in frames)
                found = (fault(path, frame, rate, stream, truth) for frame in frames)
                faults += [f"{about}: {len(numbers)} at {rate}: {text}" for text in found if text]
        if stream.sound and truth.frames and count(path) != len(truth.frames):
            faults.append(f"{about}: {count(path)} frames are counted, {len(truth.frames)} decoded")
        path.unlink()
    assert not faults
    assert statuses["ok"] > statuses.total() / 2


def decode_through(path: Path, last: int | None = None) -> Truth:
    """Decode a file past what fails, to its end or to the packet of a time."""
    decoded = []
    try:
        container = av.open(str(path))
    except av.FFmpegError:  # nothing is left of it
        return Truth(Fraction(0), [])
    with container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1  # several leave different ruins of what is damaged
        packets = list(container.demux(stream))
        if last is not None:
            packets = packets[: [packet.pts for packet in packets].index(last) + 1]
        for packet in [*(packet for packet in packets if packet.size), None]:
            try:
                frames = stream.codec_context.decode(packet)
            except av.FFmpegError:
                continue
            decoded += [(frame.pts, frame.to_ndarray(format="rgb24")) for frame in frames]
        return Truth(stream.time_base or Fraction(0), decoded)


def requests(seed: int, length: int) -> Iterator[list[int]]:
    """Ask for some frames alone, for half of them, and for all and what is beside them."""
    rng = random.Random(seed)
    for number in rng.sample(range(length), min(5, length)):
        yield [number]
    yield rng.sample(range(length), length // 2)
    yield [*range(length), length, -1]


def ask(path: Path, numbers: list[int], rate: Fraction | None) -> list[Frame]:
    try:
        return read_frames(path, numbers, rate=rate)
    except MediaError as error:
        return [Frame(number, "decode_failed", detail=str(error)) for number in numbers]


def count(path: Path) -> int | str:
    try:
        return probe(path).frames
    except UnusableError as error:
        return str(error)


def fault(path: Path, frame: Frame, rate: Fraction | None, stream: Stream, truth: Truth) -> str:
    """Return what is wrong with a frame, empty if nothing is."""
    is_due = stream.sound and rate is None and 0 <= frame.number < len(truth.frames)
    if frame.image is None:
        if is_due or not frame.detail:
            return f"{frame.number} is {frame.status}: {frame.detail!r}"
        return ""
    images = [image for pts, image in truth.frames if pts == frame.pts]
    if not images and not stream.sound:
        # What fails after a frame may take it along before it is given out.
        before = decode_through(path, frame.pts)
        images = [image for pts, image in before.frames if pts == frame.pts]
    if not any(np.array_equal(frame.image, image) for image in images):
        return f"{frame.number} is another image than decoded at {frame.pts} ({frame.route})"
    if is_due and not np.array_equal(frame.image, truth.frames[frame.number][1]):
        return f"{frame.number} is not the image of this number ({frame.route})"
    if stream.sound and rate is None and not is_due:
        return f"{frame.number} is beyond {len(truth.frames)} frames"
    if rate is not None and frame.pts is not None:
        first = min(pts for pts, _ in truth.frames if pts is not None)
        ticks = 1 / (rate * truth.time_base)
        if stream.sound and abs(frame.pts - first - frame.number * ticks) > ticks / 4 + 1:
            return f"{frame.number} is shown {frame.pts - first} ticks after the first"
    return ""
