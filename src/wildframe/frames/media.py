"""Opening of video files, listing of packets, decoding to frames and pixels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from wildframe.core.errors import UserError
from wildframe.frames.encode import Pixels
from wildframe.frames.timeline import Packet, Timeline
from wildframe.sources.probe import INDEXED, ONE_FRAME_A_PACKET, choose_stream

# In others (AVI, raw streams) time stamps are guessed from the order of packets.
_STAMPED = INDEXED | {"mpegts"}
# Streams that can be joined at any time: packets before the first key packet are no damage.
_JOINED = {"mpegts", "mpeg"}


class MediaError(UserError):
    """A video file that cannot be opened or has no video stream."""


@dataclass(frozen=True, slots=True)
class Clip:
    """An open video file and the properties of its packets."""

    path: Path
    container: InputContainer
    stream: VideoStream
    timeline: Timeline | None
    """Its frames, None if packets do not determine them."""
    seekable: bool
    """Whether it may be read sparsely."""
    length: int
    """Number of packets that can be read."""
    start: int
    """Position of the first packet that should be decodable."""
    broken: str
    """Why frames may be missing from the file, empty if none are."""
    complete: int
    """Number of frames that no lost packet can precede."""


@contextmanager
def open_video(path: Path) -> Iterator[tuple[InputContainer, VideoStream]]:
    """Open a file and choose its video stream; the codec is set to one thread."""
    try:
        # "file:" keeps names with a colon from being taken for an address.
        container = av.open(f"file:{path}", metadata_errors="replace")
    except (av.FFmpegError, OSError) as error:
        raise MediaError(f"{path} cannot be opened as video: {error.strerror}.") from error
    with container:
        stream = choose_stream(container)
        if stream is None:
            raise MediaError(f"{path} has no video stream that can be decoded here.")
        if stream.codec.canonical_name == "hevc":
            # This decoder otherwise hands out what it made of damaged data without a word. H.264's
            # says so by itself, and would refuse sound clips cut inside an open group of images.
            stream.codec_context.options = {"err_detect": "explode"}
        try:
            yield container, stream
        except av.FFmpegError as error:
            raise MediaError(f"{path} cannot be read: {error.strerror}.") from error


def list_packets(
    container: InputContainer, stream: VideoStream
) -> Iterator[av.Packet[VideoStream]]:
    """Return the stream's packets without empty ones, which have no frame."""
    return (packet for packet in container.demux(stream) if packet.size)


def feed(
    stream: VideoStream, packets: Iterable[av.Packet[VideoStream]], damage: list[int]
) -> Iterator[VideoFrame]:
    """Decode packets, then flush the decoder; append positions of damaged packets to ``damage``."""
    for position, packet in enumerate(chain(packets, [None])):
        if packet and packet.is_corrupt:
            damage.append(position)
        try:
            yield from stream.codec_context.decode(packet)
        except av.FFmpegError:
            damage.append(position)


def survey(path: Path, container: InputContainer, stream: VideoStream) -> Clip:
    """List the packets of a clip; only doubtful ones at its start are decoded."""
    packets: list[Packet] = []
    broken, sound, clean_start = "", 0, True
    form, codec = container.format.name, stream.codec.canonical_name
    try:
        for packet in list_packets(container, stream):
            if codec == "h264" and not packets:
                clean_start = _has_idr(bytes(packet))
            packets.append(Packet(packet.pts, packet.dts, packet.is_keyframe, packet.is_discard))
            if not broken:
                broken = "data is missing" if packet.is_corrupt else ""
                sound += not packet.is_corrupt
    except av.FFmpegError as error:
        broken = broken or f"reading fails ({error.strerror})"
    if form in INDEXED and len(packets) < len(stream.index_entries):
        broken = broken or "the file breaks off"
    known = form in _STAMPED and codec in ONE_FRAME_A_PACKET
    timeline = Timeline.from_packets(packets, stream.time_base or Fraction(0)) if known else None
    first_key = next((position for position, packet in enumerate(packets) if packet.key), 0)
    start = first_key if form in _JOINED else 0
    if timeline and (timeline.leading or not clean_start):
        timeline = timeline.without(_undecodable_head(path, timeline, start))
    complete = len(timeline.pts) if timeline else 0
    if timeline and broken:
        # No packet is displayed before it is decoded: losses are after the last sound dts.
        horizon = packets[sound - 1].dts if sound else None
        complete = sum(horizon is not None and pts <= horizon for pts in timeline.pts)
        broken += f" after {sound} packets"
    seekable = form in INDEXED and not broken
    return Clip(path, container, stream, timeline, seekable, len(packets), start, broken, complete)


def _has_idr(data: bytes) -> bool:
    """Tell whether an H.264 packet (NAL units with four bytes of length) has an IDR picture."""
    start = 0
    while start + 4 < len(data):
        if data[start + 4] & 31 == 5:
            return True
        start += 4 + int.from_bytes(data[start : start + 4], "big")
    return False


def _undecodable_head(path: Path, timeline: Timeline, start: int) -> set[int]:
    """Return the frames at the start of a sound clip that a full decode does not output.

    There are some if the clip was cut out of a longer one: frames decoded or displayed before the
    first key frame, or, without key frames, all until the image is complete.
    """
    out: set[int] = set()
    damage: list[int] = []
    key = timeline.key_pts[0]
    with open_video(path) as (container, stream):
        for frame in feed(stream, list_packets(container, stream), damage):
            if frame.pts is None or frame.pts not in timeline.spans:
                continue
            out.add(frame.pts)
            if frame.pts >= key:
                break
    after = timeline.stamps.index(key)
    leading = {at for at, pts in enumerate(timeline.stamps) if at > after and pts < key}
    if not out or any(position >= start and position not in leading for position in damage):
        return set()
    return {pts for pts in timeline.pts if pts < max(out)} - out


def to_rgb(frame: VideoFrame) -> Pixels:
    """Convert a frame to (height, width, 3) uint8 RGB as displayed.

    Cropping, rotation and mirroring are applied; non-square pixels are not resampled.
    """
    image = frame.to_ndarray(format="rgb24", threads=1).astype(np.uint8, copy=False)
    matrix: Any = frame.side_data.get("DISPLAYMATRIX")
    return image if matrix is None else upright(image, np.frombuffer(matrix, np.int32).tolist())


def upright(image: Pixels, matrix: Sequence[int]) -> Pixels:
    """Rotate by quarter turns and mirror an image by its display matrix.

    Args:
        image: (height, width, 3).
        matrix: a, b, u, c, d, v, x, y, w of ISO/IEC 14496-12: a point (x, y) of the image, y
            downwards, is displayed at (a x + c y, b x + d y).

    Returns:
        The image as displayed, contiguous.
    """
    a, b, _, c, d = matrix[:5]
    if abs(a) >= abs(b):
        down, right = d, a
    else:
        image = image.swapaxes(0, 1)
        down, right = b, c
    return np.ascontiguousarray(image[:: -1 if down < 0 else 1, :: -1 if right < 0 else 1])
