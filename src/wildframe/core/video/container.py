"""What FFmpeg leaves out of what a container says: how images are cropped, where the file ends.

Matroska has numbers of cropped pixels (RFC 9559, 5.1.4.1.28), MP4 and MOV a clean aperture (ISO/IEC
14496-12, 12.1.4).
"""

import struct
from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from io import SEEK_END, BytesIO
from pathlib import Path
from typing import BinaryIO, NamedTuple

_MATROSKA = b"\x1a\x45\xdf\xa3"
_SEGMENT, _TRACKS, _TRACK = 0x18538067, 0x1654AE6B, 0xAE
_TRACK_TYPE, _VIDEO = 0x83, 0xE0
_UNKNOWN = 2**56 - 1
"""Size of an element that does not state it, as of a stream (RFC 8794, 6.2)."""

_LEFT, _TOP, _RIGHT, _BOTTOM = 0x54CC, 0x54BB, 0x54DD, 0x54AA

_LARGEST = 2**28
"""Bytes of the descriptions of all tracks; of hours of video, some MB."""

# Of a description of samples: width and height in pixels, and what is before boxes of its own.
_SAMPLES = struct.Struct(">24xHH50x")


class Crop(NamedTuple):
    """Pixels of a decoded image that are not displayed, at each side, before it is turned."""

    left: int = 0
    top: int = 0
    right: int = 0
    bottom: int = 0


def read_crops(path: Path, track: int) -> set[Crop]:
    """Return how the images of a track are cropped: one crop, or more if its parts differ.

    Args:
        path: File in any format. Nothing is cropped in other formats and in damaged files.
        track: 0-based number among the tracks of video.
    """
    with path.open("rb") as file:
        try:
            tracks = list(_matroska_tracks(file)) or list(_mp4_tracks(file))
        except (struct.error, LookupError, ArithmeticError, OSError):
            tracks = []
    return tracks[track] if track < len(tracks) else {Crop()}


def is_whole_mp4(path: Path) -> bool:
    """Tell whether a file is an MP4 none of whose end is missing, by the sizes of its boxes.

    A download that was stopped is none, nor is an error message under the name of a video.
    """
    with suppress(OSError), path.open("rb") as file:
        boxes = dict(_top_boxes(file))
        is_mp4 = next(iter(boxes), b"") == b"ftyp" and b"moov" in boxes
        return is_mp4 and max(boxes.values()) <= path.stat().st_size
    return False


def _top_boxes(file: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """Yield the kind of each box, of which the content is to be read next, and where it ends."""
    at, end = 0, file.seek(0, SEEK_END)
    while file.seek(at) < end and len(head := file.read(8)) == 8:
        size, kind = struct.unpack(">I4s", head)
        if size == 1:
            size = int.from_bytes(file.read(8))
        # The last one may state none. In other formats it is any number, too large to be sought.
        at = min(at + size, end + 1) if size >= 8 else end
        yield kind, at


def _mp4_tracks(file: BinaryIO) -> Iterator[set[Crop]]:
    ends = (end for kind, end in _top_boxes(file) if kind == b"moov")
    moov = file.read(min(max(next(ends, 0) - file.tell(), 0), _LARGEST))
    for kind, track in _boxes(moov):
        if kind != b"trak":
            continue
        media = dict(_boxes(dict(_boxes(track))[b"mdia"]))
        if media[b"hdlr"][8:12] == b"vide":
            samples = dict(_boxes(dict(_boxes(media[b"minf"]))[b"stbl"]))[b"stsd"]
            yield {_crop_of_samples(entry) for _, entry in _boxes(samples[8:])}


def _boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    while at + 8 <= len(data):
        size, kind = struct.unpack_from(">I4s", data, at)
        if size < 8:
            return
        yield kind, data[at + 8 : at + size]
        at += size


def _crop_of_samples(entry: bytes) -> Crop:
    aperture = dict(_boxes(entry[_SAMPLES.size :])).get(b"clap")
    if aperture is None:
        return Crop()
    sides = []
    terms = struct.unpack(">4I4i", aperture[:32])
    for full, at in zip(_SAMPLES.unpack_from(entry), (0, 2), strict=True):
        shown, offset = Fraction(*terms[at : at + 2]), Fraction(*terms[4 + at : 6 + at])
        before = round((full - shown) / 2 + offset)
        sides.append((before, full - before - round(shown)))
    (left, right), (top, bottom) = sides
    return Crop(left, top, right, bottom)


def breaks_off(path: Path) -> bool:
    """Tell whether a file is a Matroska whose segment states an end beyond that of the file."""
    with path.open("rb") as file:
        sizes = (size for element, size in _top_elements(file) if element == _SEGMENT)
        size = next(sizes, _UNKNOWN)
        return size != _UNKNOWN and file.tell() + size > path.stat().st_size


def _top_elements(file: BinaryIO) -> Iterator[tuple[int, int]]:
    """Yield id and size of Matroska's segments and their parts, whose data are to be read next."""
    at, end = 0, file.seek(0, SEEK_END)
    file.seek(0)
    if file.read(4) != _MATROSKA:
        return
    while file.seek(at) < end and (head := _element_head(file)) is not None:
        element, size = head
        at = min(file.tell() + (0 if element == _SEGMENT else size), end)
        yield head


def _matroska_tracks(file: BinaryIO) -> Iterator[set[Crop]]:
    # Tracks may be behind all images: editors of a finished file move them.
    for element, size in _top_elements(file):
        if element == _TRACKS:
            for kind, track in _elements(file.read(min(size, _LARGEST))):
                fields = dict(_elements(track)) if kind == _TRACK else {}
                if fields.get(_TRACK_TYPE) == b"\1":
                    video = dict(_elements(fields.get(_VIDEO, b"")))
                    sides = (_LEFT, _TOP, _RIGHT, _BOTTOM)
                    yield {Crop(*(int.from_bytes(video.get(side, b"")) for side in sides))}
            return


def _element_head(file: BinaryIO) -> tuple[int, int] | None:
    """Read the id of an EBML element and the size of its data in bytes (RFC 8794, 4 to 6)."""
    numbers = []
    for keeps_marker in (True, False):
        first = file.read(1)
        if not first or not first[0]:
            return None
        width = 9 - first[0].bit_length()
        value = int.from_bytes(first + file.read(width - 1))
        numbers.append(value if keeps_marker else value & (1 << 7 * width) - 1)
    return numbers[0], _UNKNOWN if numbers[1] == (1 << 7 * width) - 1 else numbers[1]


def _elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    file = BytesIO(data)
    while (head := _element_head(file)) is not None:
        yield head[0], file.read(head[1])
