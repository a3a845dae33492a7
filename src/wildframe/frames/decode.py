"""Exact frames of video files: the requested frame, or a reason, never a neighbouring frame.

A clip is read in one of two ways. *Sparse*: its packets are listed without decoding, which gives
the true timeline; then each wanted frame is decoded from its key frame on, skipping frames that no
other refers to. *Sequential*: the clip is decoded from its start. Sparse reading needs a container
with exact seeking, packets of one frame each and parameter sets that never change; in any doubt
the clip is read again sequentially.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import dropwhile, islice
from pathlib import Path
from typing import Literal

import av
from av.video.frame import PictureType, VideoFrame
from av.video.stream import VideoStream

from wildframe.core.allocator import return_freed_memory
from wildframe.core.errors import UserError
from wildframe.core.pixels import Pixels
from wildframe.core.video.media import (
    Clip,
    UnusableError,
    displayed,
    feed,
    list_packets,
    open_video,
    survey,
)
from wildframe.core.video.timeline import Tally, Timeline

__all__ = ["Frame", "MediaError", "Route", "Status", "frame_times", "iter_frames", "read_frames"]

BYTES_AT_A_TIME = 400_000_000
"""Bytes of frames of one file in memory at a time: 64 frames of 1080p, 16 of 4K."""

Status = Literal["ok", "frame_missing", "decode_failed"]
Route = Literal["sparse", "sequential"]

_DAMAGED = "frame {} is damaged, or is decoded from one that is"


@dataclass(frozen=True, slots=True)
class Frame:
    """One requested frame."""

    number: int
    status: Status
    """``decode_failed``: the frame, or one it is decoded from, is damaged."""
    pts: int | None = None
    """Presentation time in ticks of the stream's time base, None if not ok."""
    route: Route | None = None
    """How the clip was read, None if nothing had to be decoded."""
    image: Pixels | None = None
    """(height, width, 3) uint8 RGB, upright, None if not ok. Duplicates share it."""
    detail: str = ""
    """Why the status is not ok, in one sentence."""


class MediaError(UserError):
    """A video file that cannot be used."""


class _MisfitError(Exception):
    """The decoded frames do not match the packets: a more careful way is needed."""


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
            for start in range(0, len(numbers), count):
                if start:
                    return_freed_memory()
                yield from _read(clip, numbers[start : start + count], rate).values()
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
    stamps = [frame.pts for _, frame in _tallied(clip, tally)]
    if tally.certain > tally.count:
        return stamps, ""
    certain = int(tally.certain)
    return stamps[:certain], clip.broken or _DAMAGED.format(certain)


def _read(clip: Clip, wanted: Sequence[int], rate: Fraction | None) -> dict[int, Frame]:
    """Read frames by number, which are ascending."""
    try:
        return _read_timed(clip, wanted, rate)
    except _MisfitError:
        return _read_counted(clip, wanted, rate)


def _read_timed(clip: Clip, wanted: Sequence[int], rate: Fraction | None) -> dict[int, Frame]:
    """Read frames by the times of packets; raise `_MisfitError` if packets have none."""
    timeline = clip.timeline
    if timeline is None:
        raise _MisfitError
    targets: dict[int, int] = {}
    for number in wanted:
        pts = timeline.by_order(number) if rate is None else timeline.on_grid(number, rate)
        if pts is not None and (rate is not None or number < clip.complete):
            targets[number] = pts
    route: Route | None = None
    images: dict[int, Pixels] = {}
    if targets:
        try:
            images, route = _read_sparse(clip, timeline, set(targets.values())), "sparse"
        except (_MisfitError, av.FFmpegError):
            images, route = _read_through(clip, timeline, set(targets.values())), "sequential"
    frames = {}
    for number in wanted:
        pts = targets.get(number)
        if pts is None:
            frames[number] = replace(_absent(clip, timeline, number, rate), route=route)
        elif pts in images:
            frames[number] = Frame(number, "ok", pts, route, images[pts])
        else:
            detail = _DAMAGED.format(number)
            frames[number] = Frame(number, "decode_failed", route=route, detail=detail)
    return frames


def _absent(clip: Clip, timeline: Timeline, number: int, rate: Fraction | None) -> Frame:
    """Return why the timeline has no frame of this number."""
    count, known = len(timeline.pts), timeline.pts[: clip.complete]
    if rate is None or not timeline.pts:
        beyond, detail = (number >= len(known), f"there is no frame {number}: {_extent(count)}")
    else:
        grid = timeline.grid(rate)
        due = grid.due(number)
        beyond = not known or due > known[-1]
        detail = (
            f"no frame is shown {float((due - grid.start) * grid.time_base):.4f} s after the "
            f"first one, where frame {number} is due at {rate} a second: {_extent(count)}"
        )
        if grid.is_ambiguous:
            detail = f"the time base {grid.time_base} s is too coarse for {rate} frames a second"
    if clip.broken and beyond:
        return Frame(number, "decode_failed", detail=f"frame {number} is lost: {clip.broken}")
    return Frame(number, "frame_missing", detail=detail)


def _read_sparse(clip: Clip, timeline: Timeline, targets: set[int]) -> dict[int, Pixels]:
    """Decode each target from its key frame on, with one seek per key frame.

    Raises:
        _MisfitError: In any doubt about any target.
    """
    if not clip.seekable or any(timeline.depends_on(pts, clip.gaps) for pts in targets):
        raise _MisfitError
    groups: dict[int, set[int]] = {}
    for pts in targets:
        groups.setdefault(timeline.spans[pts].first, set()).add(pts)
    images: dict[int, Pixels] = {}
    for first in sorted(groups):
        images |= _read_group(clip, timeline, first, groups[first])
    return images


def _read_group(clip: Clip, timeline: Timeline, first: int, targets: set[int]) -> dict[int, Pixels]:
    """Decode the targets that share the key packet at position ``first``."""
    container, stream = clip.container, clip.stream
    last = max(timeline.spans[pts].last for pts in targets)
    key, stamps = timeline.stamps[first], timeline.stamps[first : last + 1]
    # Nothing refers to H.264's non-reference frames; other layers may refer to HEVC's.
    skips = stream.codec.canonical_name == "h264"
    needed = targets | {key} if skips else targets.union(stamps)
    # Frames displayed before the key frame may lack their references; no target needs them.
    floor = key if min(targets) >= key else min(stamps)
    needed = {pts for pts in needed if pts in timeline.spans and pts >= floor}

    def packets() -> Iterator[av.Packet[VideoStream]]:
        container.seek(key, stream=stream, backward=True)
        landed = dropwhile(lambda packet: packet.pts != key, list_packets(container, stream))
        for pts, packet in zip(stamps, landed, strict=False):
            if packet.pts != pts:
                raise _MisfitError
            skip = skips and pts not in targets
            stream.codec_context.skip_frame = "NONREF" if skip else "DEFAULT"
            yield packet

    images: dict[int, Pixels] = {}
    damage: list[int] = []
    for frame in feed(stream, packets(), damage):
        pts = frame.pts
        if pts is None or pts < floor:
            continue
        not_key = pts == key and frame.pict_type != PictureType.I
        if frame.is_corrupt or frame.interlaced_frame or not_key:
            raise _MisfitError
        needed.discard(pts)
        if pts in targets:
            images[pts] = displayed(frame, clip.crop)
    # Damage detected in flushing has no packet; a target that it affects is still needed.
    if needed or any(stamps[at] >= floor for at in damage if at < len(stamps)):
        raise _MisfitError
    return images


def _read_through(clip: Clip, timeline: Timeline, targets: set[int]) -> dict[int, Pixels]:
    """Decode from the start to the last target, without targets that damage may have reached.

    Raises:
        _MisfitError: There are fewer frames than packets without damage, or interlaced frames,
            which may take two packets.
    """
    # Frames displayed earlier are counted too, however late they are decoded.
    final = max(targets)
    last = max(span.last for pts, span in timeline.spans.items() if pts <= final)
    damage: list[int] = []
    seen: set[int] = set()
    images: dict[int, Pixels] = {}
    with open_video(clip.path) as (container, stream):
        for frame in feed(stream, islice(list_packets(container, stream), last + 1), damage):
            if frame.interlaced_frame:
                raise _MisfitError
            if frame.pts is None or frame.pts not in timeline.spans:
                continue
            seen.add(frame.pts)
            if frame.is_corrupt:
                damage.append(timeline.spans[frame.pts].last)
            elif frame.pts in targets:
                images[frame.pts] = displayed(frame, clip.crop)
    damage = [position for position in damage if position >= clip.start]
    damage += clip.losses
    lost = [s.last for pts, s in timeline.spans.items() if s.last <= last and pts not in seen]
    if lost and not damage:
        raise _MisfitError
    return {p: i for p, i in images.items() if not timeline.depends_on(p, damage + lost)}


def _read_counted(clip: Clip, wanted: Sequence[int], rate: Fraction | None) -> dict[int, Frame]:
    """Decode the whole clip and number the frames in the order of output."""
    images: dict[int, tuple[int | None, Pixels]] = {}
    chosen = set(wanted)
    tally = Tally(clip.stream.time_base or Fraction(0), rate)
    for number, frame in _tallied(clip, tally):
        if number is not None and number in chosen:
            images[number] = frame.pts, displayed(frame, clip.crop)
    frames = {}
    for number in wanted:
        status: Status = "frame_missing"
        detail = f"there is no frame {number}: {_extent(tally.count)}"
        if not tally.stamped:
            detail = f"the frames have no usable time stamps to find number {number} by"
        elif tally.is_certain(number):
            frames[number] = Frame(number, "ok", images[number][0], "sequential", images[number][1])
            continue
        elif number >= 0 and tally.certain <= tally.count:
            status, detail = "decode_failed", _DAMAGED.format(number)
        frames[number] = Frame(number, status, route="sequential", detail=detail)
    return frames


def _tallied(clip: Clip, tally: Tally) -> Iterator[tuple[int | None, VideoFrame]]:
    """Decode the whole clip; yield each frame with the number that the tally gives it."""
    damage: list[int] = []
    with open_video(clip.path) as (container, stream):
        packets = islice(list_packets(container, stream), len(clip.packets))
        for frame in feed(stream, packets, damage):
            if damage and damage[-1] >= clip.start:
                tally.doubt(tally.count)
            number = tally.take(frame.pts, key=frame.key_frame, corrupt=frame.is_corrupt)
            yield number, frame
    if clip.broken or (damage and damage[-1] >= clip.start):
        tally.doubt(tally.count)


def _extent(count: int) -> str:
    return f"the clip has {count} frames, from 0 to {count - 1}" if count else "it has no frames"
