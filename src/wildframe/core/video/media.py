"""Opening of video files, listing of packets, decoding to frames and pixels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.container import InputContainer
from av.sidedata.sidedata import SideDataContainer, Type
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.reformatter import ColorRange, Interpolation
from av.video.stream import VideoStream

from wildframe.core.pixels import Pixels, on_white
from wildframe.core.video.bitstream import Coded, Gap, inspector
from wildframe.core.video.container import Crop, breaks_off, read_crops
from wildframe.core.video.timeline import Packet, Timeline

INDEXED = {"mov,mp4,m4a,3gp,3g2,mj2", "matroska,webm"}
"""Containers with an index of packets; of MP4 it has all, those too that a cut file has lost."""

# In others (AVI, raw streams) time stamps are guessed from the order of packets.
_STAMPED = INDEXED | {"mpegts"}
# Streams that can be joined at any time: packets before the first key packet are no damage.
_JOINED = {"mpegts", "mpeg"}
# SMPTE ST 2084 and ARIB STD-B67, of which an 8-bit image would be pale and grey.
_HDR = {16: "PQ", 18: "HLG"}
# Without, values of more than 8 bits are cut off to 8, and white is 253.
_ROUNDED = Interpolation.BILINEAR | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT
# Of 8-bit grey from 16 to 235, which libswscale takes for 0 to 255 whatever the frame says.
_EXPANDED = np.clip(np.round((np.arange(256) - 16) * 255 / 219), 0, 255).astype(np.uint8)


def _unnamed(cls: type[Type], value: int) -> Type:
    """Return a type of side data that FFmpeg has and PyAV has no name for, such as EXIF data."""
    member: Type = object.__new__(cls)
    member._name_ = f"TYPE_{value}"
    member._value_ = value  # type: ignore[assignment]
    return member


# PyAV names the types of all side data before any can be read, and raises ValueError at one that it
# does not know. `frame.rotation` needs no names, but does not tell whether an image is mirrored.
Type._missing_ = classmethod(_unnamed)  # type: ignore[assignment]


class UnusableError(Exception):
    """Why a video cannot be used."""


@dataclass(frozen=True, slots=True)
class Clip:
    """An open video file and the properties of its packets."""

    path: Path
    container: InputContainer
    stream: VideoStream
    timeline: Timeline | None
    """Its frames, None if packets do not determine them."""
    alters: bool
    """Whether frames may be coded by other parameter sets than those in the stream's header."""
    seekable: bool
    """Whether it may be read sparsely."""
    packets: tuple[Packet, ...]
    """Those that can be read, in decoding order."""
    start: int
    """Position of the first packet that should be decodable."""
    broken: str
    """Why frames may be missing from the file, empty if none are."""
    complete: int
    """Number of frames that no lost packet can precede."""
    gaps: tuple[int, ...]
    """Positions of packets that a full decode may make of other references than meant."""
    losses: tuple[int, ...]
    """Those of them that lack a reference for certain."""
    crop: Crop
    """What is not displayed of each image."""


@contextmanager
def open_video(path: Path) -> Iterator[tuple[InputContainer, VideoStream]]:
    """Open a file and choose its video stream; the codec is set to one thread.

    Raises:
        UnusableError: It cannot be read, or has no video stream that can be decoded.
    """
    try:
        with _open(path) as container:
            stream = _choose_stream(container)
            if stream is None:
                raise UnusableError("it has no video stream that can be decoded here")
            if stream.codec.canonical_name == "hevc":
                # This decoder otherwise hands out what it made of damaged data without a word.
                # H.264's says so by itself, and would refuse sound clips cut inside an open group
                # of images.
                stream.codec_context.options = {"err_detect": "explode"}
            yield container, stream
    except (av.FFmpegError, OSError) as error:
        raise UnusableError(f"it cannot be read as video ({error.strerror})") from error


def _open(path: Path) -> InputContainer:
    """Open a file, without decoding its first frames where they would tell nothing new.

    FFmpeg decodes up to 20 frames of H.264 to find how far frames are displayed after their
    decoding, as much as a tenth of what a few frames cost. MP4 tells that by the times of its
    packets, if any are in another order.
    """
    # "file:" keeps names with a colon from being taken for an address.
    open_file = partial(av.open, f"file:{path}", metadata_errors="replace")
    with path.open("rb") as file:
        is_mp4 = file.read(8)[4:] == b"ftyp"
    if is_mp4:
        container = open_file(options={"skip_frame": "all"})
        coded = [film.codec_context for film in container.streams.video if film.codec_context]
        if all(c.has_b_frames for c in coded if c.codec.canonical_name == "h264"):
            return container
        container.close()
    return open_file()


def _choose_stream(container: InputContainer) -> VideoStream | None:
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
    """List the packets of a clip; only doubtful ones at its start are decoded.

    Raises:
        UnusableError: Its parts are cropped differently, or it has an alpha channel apart from its
            images.
    """
    packets: list[Packet] = []
    broken, sound, alters = "", 0, False
    gaps: list[int] = []
    losses: list[int] = []
    form = container.format.name
    inspect = inspector(stream.codec.canonical_name, stream.codec_context.extradata)
    is_webm = stream.codec.canonical_name in ("vp8", "vp9")
    known = form in _STAMPED and inspect is not None
    try:
        for packet in list_packets(container, stream):
            if is_webm and packet.has_sidedata("matroska_block_additional"):
                raise UnusableError(
                    "its images have an alpha channel, which decoders of VP8 and VP9 leave out; "
                    "encode it anew, composed on white"
                )
            coded = inspect(bytes(packet)) if inspect else Coded()
            known &= coded.shown == 1
            # MP4 may have several descriptions of samples, which FFmpeg gives by and by.
            alters |= coded.alters or packet.has_sidedata("new_extradata")
            key = packet.is_keyframe and coded.starts
            if coded.gap is not Gap.NONE:
                # Of what follows a key frame, only what is displayed before it may need others.
                gaps.append(max(len(packets) - key, 0))
                losses += gaps[-1:] if coded.gap is Gap.CERTAIN else []
            packets.append(Packet(packet.pts, packet.dts, key, packet.is_discard))
            if not broken:
                broken = "data is missing" if packet.is_corrupt else ""
                sound += not packet.is_corrupt
    except av.FFmpegError as error:
        broken = broken or f"reading fails ({error.strerror})"
    if form in INDEXED and (len(packets) < len(stream.index_entries) or breaks_off(path)):
        broken = broken or "the file breaks off"
    timeline = Timeline.from_packets(packets, stream.time_base or Fraction(0)) if known else None
    first_key = next((position for position, packet in enumerate(packets) if packet.key), 0)
    start = first_key if form in _JOINED else 0
    if timeline and timeline.leading:
        timeline = timeline.without(_undecodable_head(path, timeline, start))
    complete = len(timeline.pts) if timeline else 0
    if broken:
        if timeline:
            # No packet is displayed before it is decoded: losses are after the last sound dts.
            horizon = packets[sound - 1].dts if sound else None
            complete = sum(horizon is not None and pts <= horizon for pts in timeline.pts)
        broken += f" after {sound} packets"
    return Clip(
        path=path,
        container=container,
        stream=stream,
        timeline=timeline,
        alters=alters,
        seekable=form in INDEXED and not broken and not alters,
        packets=tuple(packets),
        start=start,
        broken=broken,
        complete=complete,
        gaps=tuple(gaps),
        losses=tuple(losses),
        crop=_only_crop(path, container.streams.video.index(stream)),
    )


def _only_crop(path: Path, track: int) -> Crop:
    crops = read_crops(path, track)
    if len(crops) > 1:
        raise UnusableError("its parts are cropped differently; encode it anew")
    return next(iter(crops))


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


def displayed(frame: VideoFrame, crop: Crop) -> Pixels:
    """Convert a frame to (height, width, 3) uint8 RGB as players display it.

    It is cropped as the stream and the container say, turned, mirrored, and composed on white if it
    has an alpha channel; non-square pixels are not resampled.

    Raises:
        UnusableError: The frame is HDR.
    """
    if transfer := _HDR.get(frame.color_trc):
        raise UnusableError(
            f"its images are HDR ({transfer}), which models of SDR images do not expect; convert "
            "it to SDR (BT.709) by a tone mapping of your choice"
        )
    components = frame.format.components
    has_alpha = any(component.is_alpha for component in components)
    image = frame.to_ndarray(
        format="rgba" if has_alpha else "rgb24",
        interpolation=_ROUNDED if any(component.bits > 8 for component in components) else None,
        threads=1,
    )
    image = image.astype(np.uint8, copy=False)
    if frame.format.name.startswith(("gray", "ya")) and frame.color_range == ColorRange.MPEG:
        image[..., :3] = _EXPANDED[image[..., :3]]
    height, width = image.shape[:2]
    left, top, right, bottom = crop
    if min(crop) >= 0 and left + right < width and top + bottom < height:
        image = image[top : height - bottom, left : width - right]
    image = on_white(image) if has_alpha else image
    # That of the frame itself refers to it: both would stay until garbage is looked for.
    side_data = SideDataContainer(frame)  # type: ignore[call-arg]
    matrix: Any = side_data.get("DISPLAYMATRIX")
    if matrix is not None:
        return upright(image, np.frombuffer(matrix, np.int32).tolist())
    return np.ascontiguousarray(image)


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
