"""Still images that are there under several names: none of them is independent of the others."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from wildframe.core.tables import Row
from wildframe.frames import read_statuses

COLUMNS = ("image_id", "status", "route", "sha256", "width", "height")
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
    """Return the image that each copy has the pixels of, the first of them by name."""
    first: dict[tuple[str, int, int], str] = {}
    copies = {}
    for row in sorted(statuses, key=lambda row: str(row["image_id"])):
        if row["status"] == "ok" and row["route"] in _STILL:
            image_id = row["image_id"]
            original = first.setdefault((row["sha256"], row["width"], row["height"]), image_id)
            if original != image_id:
                copies[image_id] = original
    return copies


def join_groups(images: Iterable[Row], copies: Mapping[str, str]) -> list[Row]:
    """Return rows of a manifest, of which the groups that share an image are one.

    Images of a video stay in its group.

    Args:
        images: Rows with ``image_id``, ``group_id`` and ``video_id``.
        copies: As `copies_of` returns them.
    """
    rows = list(images)
    groups = {row["image_id"]: row["group_id"] for row in rows if not row["video_id"]}
    joined: dict[str, str] = {}

    def name(group: str) -> str:
        while group in joined:
            group = joined[group]
        return group

    for copy, original in copies.items():
        if copy in groups and original in groups:
            least, other = sorted((name(groups[copy]), name(groups[original])))
            if least != other:
                joined[other] = least
    return [row if row["video_id"] else row | {"group_id": name(row["group_id"])} for row in rows]
