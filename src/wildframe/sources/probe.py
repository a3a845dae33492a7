"""Properties of a video file: number, rate and size of its frames.

A file's own claims about its length are not used. Its packets are counted, and one frame is decoded
for the displayed size; where packets are not the displayed frames, all are decoded.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar

import av
import numpy as np
from av.container import InputContainer
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

ONE_FRAME_A_PACKET = {"h264", "hevc", "vp9", "av1"}
"""Other codecs may have packets without a frame, such as VP8's alternative references."""
INDEXED = {"mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm"}
"""Containers with an index of packets, by which a truncated file is detected."""

_T = TypeVar("_T")


class UnusableError(Exception):
    """Why a video cannot be used."""


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
        UnusableError: It is absent, cannot be opened, has no video, is truncated, or has no frame
            that can be decoded.
    """
    if not path.is_file():
        raise UnusableError("the file is not there")
    try:
        return _open(path, _count_packets) or _open(path, _decode_all)
    except (av.FFmpegError, OSError) as error:
        raise UnusableError(f"it cannot be read as video ({error.strerror})") from error


def _open(path: Path, read: Callable[[InputContainer, VideoStream], _T]) -> _T:
    # "file:" keeps names with a colon from being taken for an address.
    with av.open(f"file:{path}", metadata_errors="replace") as container:
        stream = choose_stream(container)
        if stream is None:
            raise UnusableError("it has no video stream that can be decoded here")
        return read(container, stream)


def choose_stream(container: InputContainer) -> VideoStream | None:
    """Return the stream that frames are read from, its codec set to one thread.

    Returns:
        None without a video stream (a cover image is none) or without a decoder for it.
    """
    films = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
    best = container.streams.best("video")
    stream = best if isinstance(best, VideoStream) and best in films else next(iter(films), None)
    if stream is None or stream.codec_context is None:
        return None
    stream.codec_context.thread_count = 1
    return stream


def _count_packets(container: InputContainer, stream: VideoStream) -> Probe | None:
    """Count packets and decode the first frame; None if packets are not the displayed frames."""
    if stream.codec.canonical_name not in ONE_FRAME_A_PACKET:
        return None
    stamps: list[int | None] = []
    first: VideoFrame | None = None
    for packet in _packets(container, stream):
        if packet.size and not packet.is_discard:  # an edit list hides the others
            # A file cut out of a longer one begins with frames that cannot be decoded.
            starts_inside = _is_before(packet.pts, stamps[0]) if stamps else not packet.is_keyframe
            if starts_inside:
                return None
            stamps.append(packet.pts)
        if first is None:
            first = next(iter(_decode(stream, packet)), None)
    return _probe(stream, stamps, first)


def _is_before(pts: int | None, start: int | None) -> bool:
    return pts is not None and start is not None and pts < start


def _decode_all(container: InputContainer, stream: VideoStream) -> Probe:
    """Count the frames that the decoder returns."""
    stamps: list[int | None] = []
    first: VideoFrame | None = None
    for packet in _packets(container, stream):
        for frame in _decode(stream, packet):
            first = first or frame
            stamps.append(frame.pts)
    return _probe(stream, stamps, first)


def _packets(container: InputContainer, stream: VideoStream) -> Iterator["av.Packet[VideoStream]"]:
    """Yield the stream's packets; an empty one flushes the decoder."""
    count = 0
    for packet in container.demux(stream):
        if packet.is_corrupt:
            raise UnusableError(f"data is missing after {count} packets")
        count += packet.size > 0
        yield packet
    if container.format.name in INDEXED and count < len(stream.index_entries):
        raise UnusableError(f"the file breaks off after {count} packets")


def _decode(stream: VideoStream, packet: "av.Packet[VideoStream]") -> Sequence[VideoFrame]:
    try:
        return stream.codec_context.decode(packet if packet.size else None)
    except av.FFmpegError:
        # The reader of frames reports what cannot be decoded.
        return []


def _probe(stream: VideoStream, stamps: Sequence[int | None], first: VideoFrame | None) -> Probe:
    """Summarise the time stamps of the displayed frames and the first of them decoded."""
    if first is None:
        raise UnusableError("none of its frames can be decoded")
    width, height = _shown_size(first)
    return Probe(len(stamps), _rate(stream, stamps), width, height)


def _rate(stream: VideoStream, stamps: Sequence[int | None]) -> float | None:
    """Return frames a second by the time stamps, or by the file's own claim if it has none."""
    times = {pts for pts in stamps if pts is not None}
    if len(times) > 1 and len(times) == len(stamps) and stream.time_base:
        span = (max(times) - min(times)) * stream.time_base
        return float((len(times) - 1) / Fraction(span))
    return float(stream.average_rate) if stream.average_rate else None


def _shown_size(frame: VideoFrame) -> tuple[int, int]:
    """Return width and height in pixels of a frame as displayed, after rotation."""
    matrix: Any = frame.side_data.get("DISPLAYMATRIX")
    if matrix is not None:
        along, across = np.abs(np.frombuffer(matrix, np.int32)[:2].astype(np.int64))
        if along < across:
            return frame.height, frame.width
    return frame.width, frame.height
