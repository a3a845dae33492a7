"""Exact frames of video files: the requested frame, or a reason, never a neighbouring frame.

A clip is read in one of two ways. *Sparse*: its packets are listed without decoding, which gives
the true timeline; then each wanted frame is decoded from its key frame on, skipping frames that no
other refers to. *Sequential*: the clip is decoded from its start. Sparse reading needs a container
with exact seeking, packets of one frame each and parameter sets that never change; in any doubt
the clip is read again sequentially. What is certain is known only when all is decoded: more images
than fit into memory are then decoded once more, each to be handed out by itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from av.video.frame import VideoFrame

from wildframe.core.allocator import return_freed_memory
from wildframe.core.errors import UserError
from wildframe.core.pixels import Pixels
from wildframe.core.video.media import Clip, UnusableError, displayed, open_video, survey
from wildframe.core.video.timeline import Tally
from wildframe.frames.routes import (
    CHANGED,
    DAMAGED,
    Found,
    Frame,
    Request,
    Route,
    Status,
    read_counted,
    read_sparse,
    read_through,
    tallied,
    times_of,
)

__all__ = ["Frame", "MediaError", "Route", "Status", "frame_times", "iter_frames", "read_frames"]

BYTES_AT_A_TIME = 400_000_000
"""Bytes of frames of one file in memory at a time: 64 frames of 1080p, 16 of 4K."""


class MediaError(UserError):
    """A video file that cannot be used."""


def read_frames(path: Path, numbers: Sequence[int], *, rate: Fraction | None = None) -> list[Frame]:
    """Read frames of a clip by number.

    Args:
        path: Video file.
        numbers: 0-based frame numbers, in any order, with or without duplicates.
        rate: None: number n is the n-th displayed frame, as of a full decode. A rate (frames a
            second): number n is the frame displayed n / rate seconds after the first one, within a
            quarter of a step (see `wildframe.core.video.timeline.Grid`). Ego4D numbers frames this
            way, at 30.

    Returns:
        One entry per number, in the given order; never a neighbouring frame. Damage is only known
        where the decoder detects it: video streams have no checksums.

    Raises:
        MediaError: The file cannot be opened, has no video stream that can be decoded, is HDR, or
            is WebM with an alpha channel.
        ValueError: The rate is not positive.
    """
    frames = {frame.number: frame for frame in iter_frames(path, sorted(set(numbers)), rate=rate)}
    return [frames[number] for number in numbers]


def iter_frames(
    path: Path, numbers: Sequence[int], *, rate: Fraction | None = None
) -> Iterator[Frame]:
    """Yield frames of a clip by number, as `read_frames` does, in bounded memory.

    Args:
        path: Video file.
        numbers: 0-based frame numbers, ascending, without duplicates.
        rate: As of `read_frames`.

    Raises:
        MediaError, ValueError: As of `read_frames`.
    """
    if rate is not None and rate <= 0:
        raise ValueError(f"rate must be positive, got {rate}")
    if not numbers:
        return
    try:
        with open_video(path) as (container, stream):
            clip = survey(path, container, stream)
            count = max(1, BYTES_AT_A_TIME // max(1, 3 * stream.width * stream.height))
            yield from _read(clip, numbers, rate, count)
    except UnusableError as error:
        raise MediaError(f"{path}: {error}") from error


def frame_times(path: Path) -> tuple[list[float], str]:
    """Return when the frames of a clip are displayed, in seconds after the first of them.

    Entry n is of frame n of `iter_frames`. Where frames have no usable time stamps, they are as far
    apart as the file's rate says.

    Returns:
        The times, and why there may have been frames behind the last of them, empty if there were
        none.

    Raises:
        MediaError: As of `read_frames`, or the file tells neither times nor a rate.
    """
    try:
        with open_video(path) as (container, stream):
            clip = survey(path, container, stream)
            stamps, lost = _stamps(clip)
            known = [pts for pts in stamps if pts is not None]
            if stream.time_base and len(known) == len(stamps) and sorted(set(known)) == known:
                return [float((p - known[0]) * stream.time_base) for p in known], lost
            if not stream.average_rate:
                raise UnusableError("its frames have no times, and it states no rate")
            return [float(number / stream.average_rate) for number in range(len(stamps))], lost
    except UnusableError as error:
        raise MediaError(f"{path}: {error}") from error


def _stamps(clip: Clip) -> tuple[Sequence[int | None], str]:
    """Return the times of the frames that no lost one can precede, and why there may be others."""
    if clip.timeline:
        return clip.timeline.pts[: clip.complete], clip.broken
    tally = Tally(Fraction(0))
    stamps = [frame.pts for _, frame in tallied(clip, tally)]
    if tally.certain > tally.count:
        return stamps, ""
    certain = int(tally.certain)
    return stamps[:certain], clip.broken or DAMAGED.format(certain)


def _read(clip: Clip, numbers: Sequence[int], rate: Fraction | None, count: int) -> Iterator[Frame]:
    """Yield frames by number, with images of so many in memory.

    They are read sparsely, but for one piece in doubt; from a second one on the rest is read in one
    other way.
    """
    times = times_of(clip, numbers, rate)
    done, doubted = 0, not clip.seekable
    for piece in _pieces(clip, numbers, times, count):
        if done:
            return_freed_memory()
        request, rest = (
            Request(some, times, rate, keeps=len(some) <= count) for some in (piece, numbers[done:])
        )
        found = read_sparse(clip, request)
        if found is None and (doubted or not request.keeps):
            request, found = rest, read_through(clip, rest)
        elif found is None:
            doubted, found = True, read_through(clip, request)
        if found is None:
            request, found = rest, read_counted(clip, rest)
        yield from found.frames if request.keeps else _show(clip, found, count)
        if request is rest:
            return
        del found  # before the next piece is read
        done += len(piece)


def _pieces(
    clip: Clip, numbers: Sequence[int], times: Mapping[int, int], count: int
) -> Iterator[Sequence[int]]:
    """Split numbers into pieces of so many; only those of one key frame may be more."""
    spans = clip.timeline.spans if clip.timeline else {}
    keys: list[int | None] = [None]
    for number in numbers:
        keys.append(spans[times[number]].first if number in times else keys[-1])
    piece: list[int] = []
    for _, group in groupby(zip(numbers, keys[1:], strict=True), key=itemgetter(1)):
        together = [number for number, _ in group]
        if piece and len(piece) + len(together) > count:
            yield piece
            piece = []
        piece += together
    yield piece


def _show(clip: Clip, found: Found, count: int) -> Iterator[Frame]:
    """Decode again, and yield each frame with its image as soon as it is there.

    Raises:
        UnusableError: Something else is decoded than before.
    """
    due = {found.places[frame.number]: frame for frame in found.frames if frame.status == "ok"}
    images: dict[int, Pixels] = {}
    output: Iterator[tuple[int, VideoFrame]] = iter(())
    begun = None
    for done, frame in enumerate(found.frames):
        if done % count == 0:
            return_freed_memory()
        while frame.status == "ok" and frame.number not in images:
            place, decoded = next(output, (-1, None))
            if decoded is None:
                # Only where frames are output far from the order of their times, more than once.
                if begun == frame.number:
                    raise UnusableError(CHANGED)
                begun, output = frame.number, enumerate(found.decode([]))
                continue
            other = due.get(place)
            if other and other.pts == decoded.pts and (other is frame or len(images) < count):
                images[other.number] = displayed(decoded, clip.crop)
                del due[place]
        yield replace(frame, image=images.pop(frame.number, None))
