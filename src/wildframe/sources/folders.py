"""Folders of videos: the id of a video, and listing of folders.

Nothing here opens an image or a video: a tree of a million images is listed by its folders.
"""

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from wildframe.core.errors import UserError
from wildframe.core.files import is_safe_id
from wildframe.core.schemas import VIDEOS
from wildframe.core.tables import Row

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")


def video_id(name: str) -> str:
    """Return the id of a video: its path, with characters replaced that are unsafe in a file name.

    Args:
        name: Path of the video under the root, without suffix, parts joined by ``/``.

    Raises:
        UserError: The path is too long.
    """
    made = _UNSAFE.sub("_", name)
    made = made if made[:1].isalnum() else f"video{made}"
    if not is_safe_id(made):
        raise UserError(
            f"{name}: longer than the 200 characters that a file name may have here; rename the "
            "video"
        )
    return made


def blank_video(name: str, split: str, media: str, kind: str) -> Row:
    """Return a row of the ``videos`` table of which only id, split and media are known."""
    named = {"video_id": name, "split": split, "media": media, "media_kind": kind, "labels": []}
    return dict.fromkeys(VIDEOS.schema.names) | named


def is_inside(path: str) -> bool:
    """Tell whether a path, parts joined by ``/``, stays below its folder."""
    parts = path.split("/")
    return not any(part in ("", ".", "..") for part in parts) and "\0" not in path


def image_folders(top: Path) -> list[str]:
    """Return the folders of files below a folder, as paths under it, sorted; none if it is absent.

    Whether a folder has files or folders is told by its first entry.
    """
    return sorted(_leaves(top, ""))


def _leaves(folder: Path, name: str) -> Iterator[str]:
    children = _entries(folder)
    if children is None:
        return
    for child in children:
        if child.is_dir():
            path = f"{name}{child.name}"
            inside = _entries(Path(child.path), 1)
            if inside and inside[0].is_dir():
                yield from _leaves(Path(child.path), f"{path}/")
            else:
                yield path


def _entries(folder: Path, count: int | None = None) -> Sequence["os.DirEntry[str]"] | None:
    """Return entries of a folder that are not hidden; None if there is no such folder."""
    found = []
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if not entry.name.startswith("."):
                    found.append(entry)
                    if len(found) == count:
                        break
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found
