"""Images and videos that are there under several names: none is independent of the others."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from wildframe.core.tables import Row
from wildframe.frames import read_statuses

COLUMNS = (
    *("image_id", "media", "rate", "frame"),
    *("status", "route", "sha256", "width", "height"),
)
"""Columns of statuses that `copies_of` reads."""

_STILL = ("file", "row")
"""Routes of images that are no frames of a video."""


def read_copies(statuses: Path) -> dict[str, str]:
    """Return `copies_of` a file.

    Raises:
        UserError: The statuses are absent or something else.
    """
    return copies_of(read_statuses(statuses, COLUMNS))


def copies_of(statuses: Iterable[Row]) -> dict[str, str]:
    """Return the image that each copy has the pixels of, the first of them by name.

    A still image is a copy wherever its pixels are those of another. Frames of different videos may
    be alike by chance, as black ones are: they are copies if all frames of the same numbers are,
    and these are two different images at least, or all that both videos have.
    """
    rows = sorted(
        (row for row in statuses if row["status"] == "ok"), key=lambda row: str(row["image_id"])
    )
    first: dict[_Pixels, str] = {}
    copies = {}
    videos: dict[str, _Video] = defaultdict(dict)
    for row in rows:
        image_id = row["image_id"]
        pixels = row["sha256"], row["width"], row["height"]
        if row["route"] in _STILL:
            original = first.setdefault(pixels, image_id)
            if original != image_id:
                copies[image_id] = original
        else:
            videos[row["media"]].setdefault((row["rate"], row["frame"]), (pixels, image_id))
    for copy, original_video in _same_videos(videos):
        for place, (_, image_id) in copy.items():
            if place in original_video:
                copies.setdefault(image_id, original_video[place][1])
    return copies


_Pixels = tuple[str, int, int]
"""Hash, width and height."""

_Video = dict[tuple[str | None, int], tuple[_Pixels, str]]
"""By rate and number of a frame: its pixels, and the first image that is of it."""


def _same_videos(videos: Mapping[str, _Video]) -> Iterator[tuple[_Video, _Video]]:
    """Yield each two videos that show the same, the later by name first."""
    seen: dict[Any, list[str]] = defaultdict(list)
    for name, video in sorted(videos.items()):
        alike = {other for place, (pixels, _) in video.items() for other in seen[place, pixels]}
        for other in sorted(alike):
            if _is_same(video, videos[other]):
                yield video, videos[other]
        for place, (pixels, _) in video.items():
            seen[place, pixels].append(name)


def _is_same(one: _Video, other: _Video) -> bool:
    shared = one.keys() & other.keys()
    if any(one[place][0] != other[place][0] for place in shared):
        return False
    is_all = len(one) == len(other) == len(shared)
    return is_all or len({one[place][0] for place in shared}) > 1


def join_groups(images: Iterable[Row], copies: Mapping[str, str]) -> list[Row]:
    """Return rows of a manifest, of which the videos, or else groups, that share an image are one.

    Files of images of a video stay in it.

    Args:
        images: Rows with ``image_id``, ``media_kind``, ``group_id`` and ``video_id``.
        copies: As `copies_of` returns them.
    """
    rows = list(images)
    key_of = {
        row["image_id"]: "video_id" if row["video_id"] else "group_id"
        for row in rows
        if row["media_kind"] == "video" or not row["video_id"]
    }
    units = {row["image_id"]: row[key_of.get(row["image_id"], "video_id")] for row in rows}
    joined: dict[str, str] = {}

    def name(unit: str) -> str:
        while unit in joined:
            unit = joined[unit]
        return unit

    for copy, original in copies.items():
        if copy in key_of and original in key_of:
            least, other = sorted((name(units[copy]), name(units[original])))
            if least != other:
                joined[other] = least
    return [
        row | {key: name(row[key])} if (key := key_of.get(row["image_id"])) else row for row in rows
    ]
