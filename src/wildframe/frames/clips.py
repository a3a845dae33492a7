"""Frames of clips, kept at the size that models are trained with."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from wildframe.core.arrays import Floats
from wildframe.core.files import require_folder
from wildframe.core.progress import progress
from wildframe.core.tables import Row
from wildframe.frames.decode import MediaError, frame_times, iter_frames
from wildframe.frames.encode import Pixels, encode, import_image
from wildframe.frames.kept import write_shard
from wildframe.frames.views.base import scale_shorter_side
from wildframe.sources.folders import lookalike, tell_some

_IMAGE = re.compile(r"(?:.*[^0-9])?([0-9]+)\.(?:jpg|jpeg|png)", re.IGNORECASE)
# Matroska rounds times to milliseconds, both that of a frame and that of the first one.
_TOLERANCE = 0.001

_MOST_FRAMES = 10_000_000
"""Of a folder: days of video. A date in the name of another image is beyond."""

NumberedFrame = tuple[int, Pixels | None, str]
"""Number of a frame, its pixels, None if there are none, and why."""


def write_kept(clips: Sequence[Row], root: Path, stride: int, size: int, output: Path) -> None:
    """Write the kept frames of clips, in bounded memory; tell how many could not be read.

    Args:
        clips: As `wildframe.frames.wanted.wanted_clips` returns those of a shard.
        root: Folder that ``media`` is relative to.
        stride: Frames of the media from each kept frame of a clip to the next.
        size: Shorter side of the kept frames in pixels; smaller ones are kept as they are.
        output: Arrow file to write.

    Raises:
        UserError: There is no such root.
    """
    require_folder(root, "correct sources.<name>.root in the config")
    config = {"root": str(root), "stride": stride, "size": size}
    rows = _tell_unread(keep_clips(clips, root, stride, size), len(clips), output)
    write_shard(output, progress(rows, total=len(clips), unit="clip", label="frames"), config)


def _tell_unread(rows: Iterable[Row], of: int, output: Path) -> Iterator[Row]:
    first, unread = "", 0
    for row in rows:
        if row["status"] != "ok":
            first, unread = first or f"{row['clip_id']}: {row['detail']}", unread + 1
        yield row
    if unread:
        lister = f"clips could not be read (`wildframe frames show-clips {output}` lists them)"
        tell_some(output, unread, of, lister, first)


def keep_clips(clips: Iterable[Row], root: Path, stride: int, size: int) -> Iterator[Row]:
    """Yield the row of KEPT_CLIPS of each clip, by media; arguments as of `write_kept`."""
    ordered = sorted(clips, key=lambda row: (*map(str, _media_of(row)), row["clip_id"]))
    for (media, kind, rate), rows in groupby(ordered, key=_media_of):
        path = root / media
        wanted = [_Wanted(row) for row in rows]
        try:
            if not (path.is_file() if kind == "video" else path.is_dir()):
                yield from _failed(wanted, "media_missing", _why_missing(root, media, kind))
                continue
            found = _Video(path) if kind == "video" else _Folder.listed(path, rate)
            yield from _collect(wanted, found, stride, size)
        except (MediaError, OSError) as error:
            why = str(error).replace(str(path), path.name)
            left = [clip for clip in wanted if not clip.is_done]
            yield from _failed(left, "media_unreadable", why)


def _why_missing(root: Path, media: str, kind: str) -> str:
    if kind == "video":
        what, is_there, is_other = "video", Path.is_file, Path.is_dir
        other = "a folder of images, not a video: in a CSV file of your own, give its rate"
    else:
        what, is_there, is_other = "folder of images", Path.is_dir, Path.is_file
        other = "a file, not a folder of images: in a CSV file of your own, leave its rate empty"
    if is_other(root / media):
        return f"{media} is {other}"
    return f"there is no {what} {media}{lookalike(media, lambda name: is_there(root / name))}"


def _media_of(row: Mapping[str, Any]) -> tuple[str, str, Any]:
    return row["media"], row["media_kind"], row["rate"]


@dataclass
class _Wanted:
    """A clip whose frames are being read."""

    row: Row
    numbers: Sequence[int] = ()
    jpegs: list[bytes] = field(default_factory=list)
    size: tuple[int, int] = (0, 0)
    is_done: bool = False

    def add(self, jpeg: bytes, size: tuple[int, int]) -> str:
        """Add a frame of this width and height; return why it cannot be, empty if it can."""
        if self.jpegs and size != self.size:
            first, other = (f"{width} x {height}" for width, height in (self.size, size))
            return f"its frames have different sizes: {first} and {other} as kept"
        self.jpegs.append(jpeg)
        self.size = size
        return ""


@dataclass(frozen=True)
class _Video:
    path: Path
    first: int = 0

    def times(self) -> tuple[list[float], str]:
        return frame_times(self.path)

    def frames(self, numbers: Sequence[int]) -> Iterator[NumberedFrame]:
        for frame in iter_frames(self.path, numbers):
            yield frame.number, frame.image, frame.detail


@dataclass(frozen=True)
class _Folder:
    """A folder of images whose names end with their number: 1 is frame 0, unless there is a 0."""

    path: Path
    rate: float
    first: int
    """Frame of the lowest number."""
    names: Mapping[int, str]

    @classmethod
    def listed(cls, path: Path, rate: float) -> "_Folder":
        """List a folder.

        Raises:
            MediaError: It has no numbered image, two of one number, or numbers of no frames.
        """
        found: dict[int, str] = {}
        for name in sorted(entry.name for entry in path.iterdir()):
            if (match := _IMAGE.fullmatch(name)) and not name.startswith("."):
                other = found.setdefault(int(match[1]), name)
                if other != name:
                    raise MediaError(f"{path}: {other} and {name} have one number; leave one")
        if not found:
            raise MediaError(f"{path}: it has no image whose name ends with a number")
        first, last = min(found), max(found)
        origin = min(first, 1)
        if last > _MOST_FRAMES:
            raise MediaError(
                f"{path}: the number of {found[last]} is none of a frame of a video; remove it, or "
                "number the images from 1"
            )
        names = {number - origin: name for number, name in found.items()}
        return cls(path, rate, first - origin, names)

    def times(self) -> tuple[Floats, str]:
        return np.arange(max(self.names) + 1) / self.rate, ""

    def frames(self, numbers: Sequence[int]) -> Iterator[NumberedFrame]:
        for number in numbers:
            name = self.names.get(number)
            if name is None:
                why = f"; the first is of frame {self.first}" if number < self.first else ""
                yield number, None, f"there is no image of frame {number}{why}"
                continue
            try:
                yield number, import_image((self.path / name).read_bytes(), "jpeg").pixels, ""
            except (OSError, ValueError) as error:
                yield number, None, f"{name} cannot be read as an image: {error}"


def _collect(
    clips: Sequence[_Wanted], media: _Video | _Folder, stride: int, size: int
) -> Iterator[Row]:
    """Yield clips as soon as their last frame is read; one that several share is encoded once."""
    known, broken = media.times()
    times = np.array(known)
    wanting: dict[int, list[_Wanted]] = defaultdict(list)
    for clip in clips:
        why = _why_lost(clip.row, times, broken)
        clip.numbers = [] if why else _numbers_of(clip.row, times, stride, media.first)
        if not clip.numbers:
            clip.is_done = True
            yield _failure(clip, "decode_failed", why or _no_frame(clip.row, times, media.first))
        for number in clip.numbers:
            wanting[number].append(clip)
    for number, pixels, why in media.frames(sorted(wanting)):
        open_clips = [clip for clip in wanting.pop(number) if not clip.is_done]
        if not open_clips:
            continue
        kept = None if pixels is None else shrink(pixels, size)
        jpeg = b"" if kept is None else encode(kept, "jpeg")
        for clip in open_clips:
            problem = why if kept is None else clip.add(jpeg, (kept.shape[1], kept.shape[0]))
            if problem or len(clip.jpegs) == len(clip.numbers):
                clip.is_done = True
                yield _failure(clip, "decode_failed", problem) if problem else _kept(clip, times)
                clip.jpegs = []


def _numbers_of(row: Row, times: np.ndarray[Any, Any], stride: int, first: int) -> list[int]:
    """Return the frames of a clip to keep: those shown from its start to before its stop.

    Without a start it is that of the first frame that there is.
    """
    start, stop = row["start"], row["stop"]
    if start is not None:
        first = int(np.searchsorted(times, start - _TOLERANCE))
    end = len(times) if stop is None else int(np.searchsorted(times, stop - _TOLERANCE))
    return list(range(first, end, stride))


def _why_lost(row: Row, times: np.ndarray[Any, Any], broken: str) -> str:
    """Return why a clip may lack frames before its stop, empty if it lacks none."""
    last = times[-1] if len(times) else 0.0
    if not broken or (row["stop"] is not None and row["stop"] - _TOLERANCE <= last):
        return ""
    return f"frames after {last:.3f} s are lost: {broken}"


def _no_frame(row: Row, times: np.ndarray[Any, Any], first: int) -> str:
    stop = "the end" if row["stop"] is None else f"{row['stop']} s"
    there = "the media has none"
    if len(times):
        there = f"those of the media are from {times[first]:.3f} s to {times[-1]:.3f} s"
    return f"no frame is shown from {row['start'] or 0:g} s until {stop}: {there}"


def shrink(pixels: Pixels, size: int) -> Pixels:
    """Return RGB pixels with the shorter side brought to ``size`` pixels; smaller ones as is."""
    height, width, _ = pixels.shape
    if min(height, width) <= size:
        return pixels
    scaled = Image.fromarray(pixels).resize(
        scale_shorter_side(width, height, size), Image.Resampling.BILINEAR
    )
    return np.asarray(scaled)


def _kept(clip: _Wanted, times: np.ndarray[Any, Any]) -> Row:
    return {
        "clip_id": clip.row["clip_id"],
        "status": "ok",
        "detail": "",
        "frames": clip.numbers,
        "times": times[list(clip.numbers)].tolist(),
        "width": clip.size[0],
        "height": clip.size[1],
        "images": clip.jpegs,
    }


def _failed(clips: Iterable[_Wanted], status: str, detail: str) -> Iterator[Row]:
    return (_failure(clip, status, detail) for clip in clips)


def _failure(clip: _Wanted, status: str, detail: str) -> Row:
    empty: Row = {"frames": [], "times": [], "images": [], "width": None, "height": None}
    return {"clip_id": clip.row["clip_id"], "status": status, "detail": detail, **empty}
