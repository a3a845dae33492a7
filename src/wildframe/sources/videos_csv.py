"""The two CSV files of a folder of videos: labels of videos, boxes of frames."""

import math
import re
import struct
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from wildframe.core.errors import UserError, located
from wildframe.core.own_csv import iter_records
from wildframe.core.tables import Row
from wildframe.sources.folders import is_inside, lookalike, video_id, without_suffix

LABELS = ("video", "labels")
BOXES = ("video", "frame", "wnid", "x", "y", "width", "height")

_PIXELS = "write left, top, width and height in pixels"
_BEYOND = 1.1
"""Share of the frame at which boxes may end, since some are drawn of what is cut off."""

_FRAME = re.compile(r"[0-9]{1,9}")
_BOX = struct.Struct("<qq4d")
"""A box in memory: frame, number of the class, x, y, width, height."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A video of ``labels.csv``."""

    video_id: str
    media: str
    """File under the root."""
    labels: list[str]
    """wnids, without repeats."""
    split: str


@dataclass(frozen=True, slots=True)
class Boxes:
    """The boxes of many videos, 48 bytes each."""

    wnids: dict[str, int] = field(default_factory=dict)
    packed: dict[str, bytearray] = field(default_factory=dict)
    """By file of the video."""
    last: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Highest frame named of each video, and the line that names it."""

    def far_beyond(self, media: str, width: int, height: int) -> list[int]:
        """Return the frame of each box that ends far beyond the frames of a video, in pixels."""
        return [
            frame
            for frame, _, x, y, w, h in _BOX.iter_unpack(self.packed.get(media, b""))
            if x + w > _BEYOND * width or y + h > _BEYOND * height
        ]

    def fault(self, media: str, width: int, height: int) -> str | None:
        """Return what is wrong with the boxes of a video whose frames have a size in pixels."""
        boxes = list(_BOX.iter_unpack(self.packed.get(media, b"")))
        far = self.far_beyond(media, width, height)
        outside = [
            frame
            for frame, _, x, y, w, h in boxes
            if x >= width or y >= height or x + w <= 0 or y + h <= 0
        ]
        of_frame = f"the frame of {width} x {height} pixels"
        are_corners = all(x < w <= width and y < h <= height for *_, x, y, w, h in boxes)
        if far and are_corners:
            return f"its boxes end beyond {of_frame}, but not as corners; {_PIXELS}"
        # Before boxes outside, which frames that were turned have as well.
        if far and all(x + w <= height and y + h <= width for *_, x, y, w, h in boxes):
            return (
                f"a box of frame {far[0]} ends far beyond {of_frame}, as players show it, and all "
                f"would fit one of {height} x {width}; {_PIXELS}"
            )
        if outside:
            return f"a box of frame {outside[0]} is outside {of_frame}; {_PIXELS}"
        if boxes and all(max(x + w, y + h) <= 1 for *_, x, y, w, h in boxes):
            return f"its boxes are of less than a pixel; {_PIXELS}"
        return None

    def rows(self, video: Labelled) -> Iterator[Row]:
        """Yield a video's rows of the ``boxes`` table, in the order of frames."""
        names = list(self.wnids)
        # Sorting is stable: boxes of a frame stay in the order of the file.
        found = sorted(_BOX.iter_unpack(self.packed.get(video.media, b"")), key=itemgetter(0))
        for frame, of_frame in groupby(found, key=itemgetter(0)):
            for position, (_, wnid, *sides) in enumerate(of_frame):
                yield {
                    "video_id": video.video_id,
                    "frame": frame,
                    "position": position,
                    "wnid": names[wnid],
                    "box": dict(zip(BOXES[3:], sides, strict=True)),
                }


def read_labels(path: Path, read_label: Callable[[str], str]) -> list[Labelled]:
    """Read ``labels.csv``: ``video,labels`` and optionally ``split``.

    Args:
        path: CSV file; a video is a file below the root, labels are separated by spaces.
        read_label: Returns the wnid of a label as it is written, as `label_reader` has it.

    Returns:
        The videos, sorted by id.

    Raises:
        UserError: The file is absent or invalid, or two videos would have one id; names the line.
    """
    videos: dict[str, Labelled] = {}
    for line, row in iter_records(path, LABELS, ("split",)):
        where = f"{path}: line {line}"
        media = row["video"]
        if not is_inside(media):
            raise UserError(
                f"{where}: video {media!r} is not a path below the source's root; write it as in "
                "kitchen/clip-1.mp4"
            )
        found = video_id(without_suffix(media))
        if found in videos:
            other = videos[found].media
            what = "is named twice" if other == media else f"and {other} would both be {found!r}"
            remedy = "leave one row" if other == media else "rename one of the files"
            raise UserError(f"{where}: video {media} {what}; {remedy}")
        with located(where):
            labels = list(dict.fromkeys(map(read_label, row["labels"].split())))
        videos[found] = Labelled(found, media, labels, row.get("split", ""))
    if not videos:
        raise UserError(f"{path}: names no video; write a row for each video to use")
    return [videos[found] for found in sorted(videos)]


def read_boxes(path: Path, videos: Collection[str], read_label: Callable[[str], str]) -> Boxes:
    """Read ``boxes.csv``: ``video,frame,wnid,x,y,width,height``.

    Args:
        path: CSV file; frames are counted from 0 in display order, boxes are in pixels of the
            displayed frame.
        videos: The files that ``labels.csv`` names.
        read_label: As in `read_labels`; of the column ``wnid``.

    Raises:
        UserError: The file is absent or invalid, or a video is not in ``videos``; names the line.
    """
    boxes = Boxes()
    for line, row in iter_records(path, BOXES):
        where = f"{path}: line {line}"
        media = row["video"]
        if media not in videos:
            raise UserError(
                f"{where}: video {media!r} is not in the file of labels; add it there, without "
                f"labels if its boxes give them{lookalike(media, videos.__contains__)}"
            )
        with located(where):
            wnid = read_label(row["wnid"])
        if not _FRAME.fullmatch(row["frame"]):
            raise UserError(
                f"{where}: frame {row['frame']!r} is not a frame number, counted from 0"
            )
        frame = int(row["frame"])
        sides = [_pixels(where, side, row[side]) for side in BOXES[3:]]
        if min(sides[2:]) <= 0:
            raise UserError(f"{where}: the box is empty; width and height are above 0")
        number = boxes.wnids.setdefault(wnid, len(boxes.wnids))
        boxes.packed.setdefault(media, bytearray()).extend(_BOX.pack(frame, number, *sides))
        if frame >= boxes.last.get(media, (-1, 0))[0]:
            boxes.last[media] = frame, line
    return boxes


def _pixels(where: str, side: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise UserError(f"{where}: {side} {text!r} is not a number of pixels")
    return value
