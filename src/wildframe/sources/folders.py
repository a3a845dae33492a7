"""Folders of videos and images: ids out of paths, and listing of folders.

Nothing here opens an image or a video.
"""

import hashlib
import os
import re
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import Literal

from wildframe.core.errors import UserError
from wildframe.core.files import is_safe_id
from wildframe.core.schemas import VIDEOS
from wildframe.core.tables import Row

ROOT = "correct the source's root"
"""Remedy for a folder of data that is not there."""

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")
_FORMS: tuple[Literal["NFC", "NFD"], ...] = ("NFC", "NFD")
_HASHED = re.compile(r"-[0-9a-f]{8}\Z")

IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp")
"""Files of class folders that are images, as torchvision's ImageFolder decides, in any case."""

VIDEO_SUFFIXES = (
    *(".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".ts", ".mts", ".m2ts"),
    *(".mpg", ".mpeg", ".wmv", ".flv", ".3gp", ".ogv", ".mxf"),
)


def video_id(name: str) -> str:
    """Return the id of a video: its path, with characters replaced that are unsafe in a file name.

    Args:
        name: Path of the video under the root, without suffix, parts joined by ``/``.

    Raises:
        UserError: The path is too long.
    """
    made = _without_unsafe(name, "video")
    if not is_safe_id(made):
        raise UserError(
            f"{name}: longer than the 200 characters that a file name may have here; rename the "
            "video"
        )
    return made


def image_ids(paths: Iterable[str]) -> dict[str, str]:
    """Return the id of each image: as `video_id`, and unique whatever the paths are.

    Where several paths would be one id, an id is too long or could be taken for one of these, a
    hash of the path is appended, so that no image is refused for its name.

    Args:
        paths: Paths under the root, parts joined by ``/``; a suffix is no part of the id.
    """
    return unique_ids({path: without_suffix(path) for path in paths}, "image")


def unique_ids(names: Mapping[str, str], prefix: str) -> dict[str, str]:
    """Return an id of each key, made of its name as in `image_ids`.

    Args:
        names: Name of each key.
        prefix: Stands before a name that does not start with a letter or digit.
    """
    plain = {key: _without_unsafe(name, prefix) for key, name in names.items()}
    times = Counter(plain.values())
    return {
        key: name
        if times[name] == 1 and is_safe_id(name) and not _HASHED.search(name)
        else f"{name[:180]}-{hashlib.sha256(os.fsencode(key)).hexdigest()[:8]}"
        for key, name in plain.items()
    }


def without_suffix(path: str) -> str:
    """Return a path, parts joined by ``/``, without the suffix of its last part."""
    return path.removesuffix(PurePosixPath(path).suffix)


def _without_unsafe(name: str, prefix: str) -> str:
    made = _UNSAFE.sub("_", name)
    return made if made[:1].isalnum() else f"{prefix}{made}"


def blank_video(name: str, split: str, media: str, kind: str) -> Row:
    """Return a row of the ``videos`` table of which only id, split and media are known."""
    named = {"video_id": name, "split": split, "media": media, "media_kind": kind, "labels": []}
    return dict.fromkeys(VIDEOS.schema.names) | named


def is_inside(path: str) -> bool:
    """Tell whether a path, parts joined by ``/``, stays below its folder."""
    parts = path.split("/")
    return not any(part in ("", ".", "..") for part in parts) and "\0" not in path


def is_text(name: str) -> bool:
    """Tell whether a name of a file is UTF-8."""
    return name == as_text(name)


def as_text(name: str) -> str:
    """Return a name as a table can hold it: bytes that are no UTF-8 are escaped."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def is_file(path: Path) -> bool:
    """Tell whether there is a file, as far as one may look."""
    try:
        return path.is_file()
    except OSError:  # such as a name that is too long, or a folder that may not be entered
        return False


def lookalike(name: str, exists: Callable[[str], bool]) -> str:
    """Return a remark on a name that is not there, if one that looks the same is; else nothing.

    An accented letter is one character or two, and folders are parted by ``/`` or a backslash, as
    the system that wrote the name has it.
    """
    slashed = name.replace("\\", "/")
    if slashed != name and exists(slashed):
        return f"; {slashed} is: write / for \\"
    for form in _FORMS:
        other = unicodedata.normalize(form, name)
        if other != name and exists(other):
            return (
                "; one whose name looks the same is: copy its name, whose accented letters are "
                f"written in another way (Unicode {form})"
            )
    return ""


def iter_folders(top: Path) -> Iterator[tuple[str, list[str]]]:
    """Yield the folders below a folder, itself first as an empty path, with their files' names.

    Sorted, without hidden ones. Links to folders are followed, except those that lead back.

    Raises:
        OSError: A folder cannot be listed.
    """
    for path, folders, files in os.walk(top, onerror=_fail, followlinks=True):
        here = Path(path)
        folders[:] = sorted(
            name for name in folders if _is_shown(name) and not _is_loop(here / name)
        )
        relative = here.relative_to(top).as_posix()
        yield "" if relative == "." else relative, sorted(filter(_is_shown, files))


def _fail(error: OSError) -> None:
    raise error


def _is_shown(name: str) -> bool:
    return not name.startswith(".")


def _is_loop(folder: Path) -> bool:
    """Tell whether a link leads back to where it was reached from, maybe by way of other links."""
    return folder.is_symlink() and any(
        above.resolve().is_relative_to(folder.resolve()) for above in folder.parents
    )


def image_folders(top: Path) -> list[str]:
    """Return the folders of files below a folder, as paths under it, sorted; none if it is absent.

    Whether a folder has files or folders is told by its first entry, so that a tree of a million
    images is listed by its folders.
    """
    return sorted(_leaves(top, ""))


def _leaves(folder: Path, name: str) -> Iterator[str]:
    for child in _entries(folder):
        if child.is_dir():
            path = f"{name}{child.name}"
            first = next(_entries(Path(child.path)), None)
            if first and first.is_dir():
                yield from _leaves(Path(child.path), f"{path}/")
            else:
                yield path


def _entries(folder: Path) -> Iterator["os.DirEntry[str]"]:
    """Yield the entries of a folder that are not hidden; none if there is no such folder."""
    with suppress(FileNotFoundError, NotADirectoryError), os.scandir(folder) as entries:
        yield from (entry for entry in entries if _is_shown(entry.name))


def same_files(top: Path, names: Iterable[str]) -> dict[str, str]:
    """Return the first of the files of one content, by each of the others: copies and links.

    Only files of one size are read; those that are empty or cannot be read are like no other.

    Args:
        top: Folder.
        names: Paths under it, parts joined by ``/``.
    """
    by_size = defaultdict(list)
    for name in sorted(names):
        with suppress(OSError):
            if (top / name).is_file() and (size := (top / name).stat().st_size):
                by_size[size].append(name)
    first: dict[bytes, str] = {}
    same = {}
    for alike in by_size.values():
        for name in alike if len(alike) > 1 else ():
            with suppress(OSError), (top / name).open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").digest()
                if (other := first.setdefault(digest, name)) != name:
                    same[name] = other
    return same


def list_files(top: Path, suffixes: tuple[str, ...]) -> list[str]:
    """Return the files in a folder and in those below it by their suffixes, in any case, sorted."""
    return sorted(
        f"{folder}/{name}" if folder else name
        for folder, names in iter_folders(top)
        for name in names
        if name.lower().endswith(suffixes)
    )


def tell_unusable(rows: Iterable[Row], root: str | Path) -> Iterator[Row]:
    """Yield rows of videos or images; tell at the end how many cannot be used, if any cannot.

    Args:
        rows: With ``media`` or ``record_id``, and ``problem``.
        root: Folder of the source.
    """
    count = unusable = 0
    first = ""
    for row in rows:
        count += 1
        if row["problem"] is not None:
            unusable += 1
            first = first or f"{row.get('record_id', row['media'])}: {row['problem']}"
        yield row
    if unusable:
        tell_some(root, unusable, count, "cannot be used", first)


def tell_some(where: str | Path, some: int, of: int, what: str, first: str) -> None:
    """Tell on standard error how many of a source's files or records are so, and the first."""
    print(f"{where}: {some} of {of} {what}, the first of them {first}", file=sys.stderr)
