"""Properties of a video file: number, rate and size of its displayed frames.

A file's own claims about its length are not used. Its packets are listed, and decoded up to the
first frame; where packets do not determine the displayed frames, all are decoded.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path

from av.video.stream import VideoStream

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
from wildframe.sources.folders import is_file

__all__ = ["Probe", "UnusableError", "probe"]


@dataclass(frozen=True, slots=True)
class Probe:
    """Number of displayed frames, mean rate (frames/s; None if unknown), displayed size (px)."""

    frames: int
    rate: float | None
    width: int
    height: int


def probe(path: Path) -> Probe:
    """Read a video file from end to end; of most codecs, little of it is decoded.

    Raises:
        UnusableError: It is absent, cannot be opened, has no video, is truncated, is HDR or WebM
            with an alpha channel, or has no frame that can be decoded.
    """
    if not is_file(path):
        raise UnusableError("the file is not there")
    with open_video(path) as (container, stream):
        clip = survey(path, container, stream)
        if clip.broken:
            raise UnusableError(clip.broken)
        decoded, first = _decode(clip)
        if first is None:
            raise UnusableError("none of its frames can be decoded")
        stamps = clip.timeline.pts if clip.timeline else decoded
        return Probe(len(stamps), _rate(stream, stamps), first.shape[1], first.shape[0])


def _decode(clip: Clip) -> tuple[list[int | None], Pixels | None]:
    """Return the times of the decoded frames and the first of them; of a timed clip, only that."""
    with open_video(clip.path) as (container, stream):
        frames = feed(stream, list_packets(container, stream), [])
        stamps, first = [], None
        for frame in islice(frames, 1 if clip.timeline else None):
            first = displayed(frame, clip.crop) if first is None else first
            stamps.append(frame.pts)
    return stamps, first


def _rate(stream: VideoStream, stamps: Sequence[int | None]) -> float | None:
    """Return frames a second by the time stamps, or by the file's own claim if it has none.

    Times are rounded to ticks, so that the claim counts where these allow it: a mean of 29.96 would
    make a window of half a second a frame too short.
    """
    times = {pts for pts in stamps if pts is not None}
    claim, steps = stream.average_rate, len(times) - 1
    if steps > 0 and len(times) == len(stamps) and (tick := stream.time_base):
        span = (max(times) - min(times)) * tick
        if not claim or abs(steps / claim - span) > tick:
            return float(Fraction(steps) / span)
    return float(claim) if claim else None
