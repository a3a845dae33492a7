"""Folders of videos: how a video is named after its place, and what is listed without being read.

Nothing here opens a image or a video: a tree of a million images is listed by its folders.
"""

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from wildframe.core.errors import UserError
from wildframe.core.files import is_safe_id

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")


def video_id(name: str) -> str:
    """Return the id of a video: its path without what cannot be part of a file name.

    Args:
        name: Path of the video under the root, without suffix, parts joined by ``/``.

    Raises:
        UserError: The path is too long.
    """
    made = _UNSAFE.sub("_", name)
    made = made if made[:1].isalnum() else f"video{made}"
    if not is_safe_id(made):
        raise UserError(
            f"{name}: longer than the 200 characters that the name of a file can take here; "
            "rename the video"
        )
    return made


def is_inside(path: str) -> bool:
    """Tell whether a path, parts joined by ``/``, leads to something below the folder it is of."""
    parts = path.split("/")
    return not any(part in ("", ".", "..") for part in parts) and "\0" not in path


def image_folders(top: Path) -> list[str]:
    """Return the folders below one that hold files, as paths under it, sorted.

    A folder is told by its first entry: where that is a folder, it holds folders alone.

    Args:
        top: Folder to list; it may be absent.
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
