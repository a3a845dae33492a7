"""The ways that frames of a clip are decoded: sparsely, through to the last of them, counted."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from itertools import dropwhile, islice
from typing import Literal

import av
from av.video.frame import PictureType, VideoFrame
from av.video.stream import VideoStream

from wildframe.core.pixels import Pixels
from wildframe.core.video.media import (
    Clip,
    UnusableError,
    displayed,
    feed,
    list_packets,
    open_video,
)
from wildframe.core.video.timeline import Tally, Timeline

CHANGED = "it was changed while it was read; read it again"
DAMAGED = "frame {} is damaged, or is decoded from one that is"

Status = Literal["ok", "frame_missing", "decode_failed"]
Route = Literal["sparse", "sequential"]


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


Decode = Callable[[list[int]], Iterator[VideoFrame]]
"""Decodes the same frames at each call; appends positions of damaged packets to the list."""

_Output = dict[int, tuple[int, Pixels | None]]
"""Of decoded frames, by time or number: which of the output it is, and the image if it is kept."""


@dataclass(frozen=True, slots=True)
class Request:
    """Frames to be read in one way."""

    numbers: Sequence[int]
    times: Mapping[int, int]
    """Those that the timeline has; also of other requests."""
    rate: Fraction | None
    keeps: bool
    """Whether images are kept; otherwise they are to be decoded again."""


@dataclass(frozen=True, slots=True)
class Found:
    """What became of a request."""

    frames: Sequence[Frame]
    places: Mapping[int, int]
    """By number, which of the output it is."""
    decode: Decode


class _MisfitError(UnusableError):
    """The decoded frames do not match the packets: a more careful way is needed."""


def times_of(clip: Clip, numbers: Sequence[int], rate: Fraction | None) -> dict[int, int]:
    """Return the times of those frames that the timeline has."""
    timeline = clip.timeline
    times: dict[int, int] = {}
    if timeline is None:
        return times
    for number in numbers:
        pts = timeline.by_order(number) if rate is None else timeline.on_grid(number, rate)
        if pts is not None and (rate is not None or number < clip.complete):
            times[number] = pts
    return times


def _of_timeline(
    clip: Clip,
    timeline: Timeline,
    request: Request,
    route: Route | None,
    output: _Output,
    decode: Decode,
) -> Found:
    """Return what became of frames that are told by their times."""
    frames = []
    places = {}
    for number in request.numbers:
        pts = request.times.get(number)
        if pts is None:
            frames.append(replace(_absent(clip, timeline, number, request.rate), route=route))
        elif pts in output:
            places[number], image = output[pts]
            frames.append(Frame(number, "ok", pts, route, image))
        else:
            detail = DAMAGED.format(number)
            frames.append(Frame(number, "decode_failed", route=route, detail=detail))
    return Found(frames, places, decode)


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


def read_sparse(clip: Clip, request: Request) -> Found | None:
    """Decode frames from their key frames on, with one seek per key frame.

    Returns:
        None in any doubt about any of them.
    """
    timeline = clip.timeline
    if timeline is None:
        return None
    groups: dict[int, set[int]] = {}
    for pts in (request.times[number] for number in request.numbers if number in request.times):
        if not clip.seekable or timeline.depends_on(pts, clip.gaps):
            return None
        groups.setdefault(timeline.spans[pts].first, set()).add(pts)
    output: _Output = {}
    decode: Decode = partial(_decode, clip, 0)
    try:
        for first in sorted(groups):
            part, decode = _read_group(clip, timeline, first, groups[first], request.keeps)
            output |= part
    except (_MisfitError, av.FFmpegError):
        return None
    return _of_timeline(clip, timeline, request, "sparse" if groups else None, output, decode)


def _read_group(
    clip: Clip, timeline: Timeline, first: int, targets: set[int], keeps: bool
) -> tuple[_Output, Decode]:
    """Decode the targets that share the key packet at position ``first``.

    Raises:
        _MisfitError: In any doubt about any of them.
    """
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
                raise _MisfitError(CHANGED)
            skip = skips and pts not in targets
            stream.codec_context.skip_frame = "NONREF" if skip else "DEFAULT"
            yield packet

    def decode(damage: list[int]) -> Iterator[VideoFrame]:
        return feed(stream, packets(), damage)

    output: _Output = {}
    damage: list[int] = []
    for place, frame in enumerate(decode(damage)):
        pts = frame.pts
        if pts is None or pts < floor:
            continue
        not_key = pts == key and frame.pict_type != PictureType.I
        if frame.is_corrupt or frame.interlaced_frame or not_key:
            raise _MisfitError
        needed.discard(pts)
        if pts in targets:
            output[pts] = place, displayed(frame, clip.crop) if keeps else None
    # Damage detected in flushing has no packet; a target that it affects is still needed.
    if needed or any(stamps[at] >= floor for at in damage if at < len(stamps)):
        raise _MisfitError
    return output, decode


def read_through(clip: Clip, request: Request) -> Found | None:
    """Decode from the start to the last frame, without frames that damage may have reached.

    Returns:
        None if packets do not tell the frames: there are fewer of them without damage, or
        interlaced ones, which may take two packets.
    """
    timeline = clip.timeline
    if timeline is None:
        return None
    targets = {request.times[number] for number in request.numbers if number in request.times}
    # Frames displayed earlier are counted too, however late they are decoded.
    final = max(targets)
    last = max(span.last for pts, span in timeline.spans.items() if pts <= final)
    decode = partial(_decode, clip, last + 1)
    damage: list[int] = []
    seen: set[int] = set()
    output: _Output = {}
    for place, frame in enumerate(decode(damage)):
        if frame.interlaced_frame:
            return None
        if frame.pts is None or frame.pts not in timeline.spans:
            continue
        seen.add(frame.pts)
        if frame.is_corrupt:
            damage.append(timeline.spans[frame.pts].last)
        elif frame.pts in targets:
            output[frame.pts] = place, displayed(frame, clip.crop) if request.keeps else None
    damage = [position for position in damage if position >= clip.start]
    damage += clip.losses
    lost = [s.last for pts, s in timeline.spans.items() if s.last <= last and pts not in seen]
    if lost and not damage:
        return None
    doubts = sorted({*damage, *lost})
    output = {pts: it for pts, it in output.items() if not timeline.depends_on(pts, doubts)}
    return _of_timeline(clip, timeline, request, "sequential", output, decode)


def read_counted(clip: Clip, request: Request) -> Found:
    """Decode the whole clip and number the frames in the order of output."""
    output: _Output = {}
    times: dict[int, int | None] = {}
    chosen = set(request.numbers)
    tally = Tally(clip.stream.time_base or Fraction(0), request.rate)
    for place, (number, frame) in enumerate(tallied(clip, tally)):
        if number is not None and number in chosen:
            output[number] = place, displayed(frame, clip.crop) if request.keeps else None
            times[number] = frame.pts
    frames = []
    for number in request.numbers:
        status: Status = "frame_missing"
        detail = f"there is no frame {number}: {_extent(tally.count)}"
        if not tally.stamped:
            detail = f"the frames have no usable time stamps to find number {number} by"
        elif tally.is_certain(number):
            frames.append(Frame(number, "ok", times[number], "sequential", output[number][1]))
            continue
        elif number >= 0 and tally.certain <= tally.count:
            status, detail = "decode_failed", DAMAGED.format(number)
        frames.append(Frame(number, status, route="sequential", detail=detail))
    places = {number: place for number, (place, _) in output.items()}
    return Found(frames, places, partial(_decode, clip, len(clip.packets)))


def tallied(clip: Clip, tally: Tally) -> Iterator[tuple[int | None, VideoFrame]]:
    """Decode the whole clip; yield each frame with the number that the tally gives it."""
    damage: list[int] = []
    for frame in _decode(clip, len(clip.packets), damage):
        if damage and damage[-1] >= clip.start:
            tally.doubt(tally.count)
        number = tally.take(frame.pts, key=frame.key_frame, corrupt=frame.is_corrupt)
        yield number, frame
    if clip.broken or (damage and damage[-1] >= clip.start):
        tally.doubt(tally.count)


def _decode(clip: Clip, count: int, damage: list[int]) -> Iterator[VideoFrame]:
    """Decode so many packets from the start."""
    with open_video(clip.path) as (container, stream):
        yield from feed(stream, islice(list_packets(container, stream), count), damage)


def _extent(count: int) -> str:
    return f"the clip has {count} frames, from 0 to {count - 1}" if count else "it has no frames"
