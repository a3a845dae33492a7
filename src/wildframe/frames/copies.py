"""Images and videos that are there under several names: none is independent of the others."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from wildframe.core.tables import Row
from wildframe.frames import read_statuses

COLUMNS = (
    *("image_id", "media", "rate", "frame"),
    *("status", "route", "sha256", "width", "height"),
)
"""Columns of statuses that `copies_of` reads."""

_STILL = ("file", "row")
"""Routes of images that are not decoded from a video."""


def read_copies(statuses: Path, images: Iterable[Row] = ()) -> dict[str, str]:
    """Return `copies_of` a file.

    Raises:
        UserError: The statuses are absent or something else.
    """
    return copies_of(read_statuses(statuses, COLUMNS), images)


def copies_of(statuses: Iterable[Row], images: Iterable[Row] = ()) -> dict[str, str]:
    """Return the image that each copy has the pixels of, the first of them by name.

    A still image is a copy wherever its pixels are those of another. Frames of different videos may
    be alike by chance, as black ones are: they are copies if all frames of the same numbers are,
    and these are two different images at least, or all that both videos have. So are files of
    images of a video, whose names are their numbers.

    Args:
        statuses: Rows with `COLUMNS`.
        images: Rows of the manifest with ``image_id`` and ``video_id``; files without are still
            images.
    """
    folders = {row["image_id"]: row["video_id"] for row in images if row["video_id"]}
    rows = sorted(
        (row for row in statuses if row["status"] == "ok"), key=lambda row: str(row["image_id"])
    )
    first: dict[_Pixels, str] = {}
    copies = {}
    videos: dict[str, _Video] = defaultdict(dict)
    for row in rows:
        image_id = row["image_id"]
        pixels = row["sha256"], row["width"], row["height"]
        if row["route"] not in _STILL:
            videos[row["media"]].setdefault((row["rate"], row["frame"]), (pixels, image_id))
        elif image_id in folders:
            videos[folders[image_id]][PurePosixPath(row["media"]).name] = pixels, image_id
        elif (original := first.setdefault(pixels, image_id)) != image_id:
            copies[image_id] = original
    for copy, original_video in _same_videos(videos):
        for place, (_, image_id) in copy.items():
            if place in original_video:
                copies.setdefault(image_id, original_video[place][1])
    return copies


_Pixels = tuple[str, int, int]
"""Hash, width and height."""

_Video = dict[tuple[str | None, int] | str, tuple[_Pixels, str]]
"""By rate and number of a frame, or name of a file: its pixels, and the first image of it."""


def _same_videos(videos: Mapping[str, _Video]) -> Iterator[tuple[_Video, _Video]]:
    """Yield each video with those before it by name that show the same, whole copies left out."""
    seen: dict[Any, list[str]] = defaultdict(list)
    first: dict[Any, str] = {}
    for name, video in sorted(videos.items()):
        shown = [(place, pixels) for place, (pixels, _) in video.items()]
        # Thousands may share a black frame: unless all of two is alike, they share another image.
        shared: Counter[_Pixels] = Counter()
        for one in shown:
            shared[one[1]] += len(seen[one])
        commonest = max(shared, key=shared.__getitem__)
        alike = {other for one in shown if one[1] != commonest for other in seen[one]}
        original = first.setdefault(frozenset(shown), name)
        for other in sorted((alike | {original}) - {name}):
            if _is_same(video, videos[other]):
                yield video, videos[other]
        if original == name:
            for one in shown:
                seen[one].append(name)


def _is_same(one: _Video, other: _Video) -> bool:
    shared = one.keys() & other.keys()
    if any(one[place][0] != other[place][0] for place in shared):
        return False
    is_all = len(one) == len(other) == len(shared)
    return is_all or len({one[place][0] for place in shared}) > 1


def join_groups(images: Iterable[Row], copies: Mapping[str, str]) -> list[Row]:
    """Return rows of a manifest, of which the videos, or else groups, that share an image are one.

    Args:
        images: Rows with ``image_id``, ``group_id`` and ``video_id``.
        copies: As `copies_of` returns them.
    """
    rows = list(images)
    units = {row["image_id"]: row["video_id"] or row["group_id"] for row in rows}
    joined: dict[str, str] = {}

    def name(unit: str) -> str:
        while unit in joined:
            unit = joined[unit]
        return unit

    for copy, original in copies.items():
        if copy in units and original in units:
            least, other = sorted((name(units[copy]), name(units[original])))
            if least != other:
                joined[other] = least
    keys = ("video_id" if row["video_id"] else "group_id" for row in rows)
    return [row | {key: name(row[key])} for row, key in zip(rows, keys, strict=True)]
