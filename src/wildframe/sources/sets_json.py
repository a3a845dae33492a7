"""The files that ImageNet-Vid-Robust is published and scored with: JSON objects, one key a frame.

``pmsets.json`` lists the neighbours of each anchor, ``labels.json`` the labels of each frame, and a
prediction file a model's scores of each frame. A frame is named by its path, which ends with its
number in the video.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from wildframe.core.errors import UserError
from wildframe.sources.stream import iter_members

# YTBB-Robust has a folder <video>_<time in ms> for each anchor, and frames of a video in several.
_TIME = re.compile(r"(^|/)([\w-]{11})_(?:0|[0-9]{4,12})/frame-\Z", re.ASCII)
_NUMBERED = re.compile(r"(.*?)([0-9]{1,18})(\.\w+)?", re.DOTALL)

BLOCK = 256
"""Frames whose scores are in memory at a time."""

_METADATA = "name the file of the data set's metadata"

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Frames:
    """Frames of sets, one row per frame of a set, anchors included."""

    names: list[str]
    anchors: list[str]
    """Name of the anchor of each row."""
    offsets: list[int]
    """Frames from the anchor."""


def read_sets(path: Path, k: int | None = None) -> Frames:
    """Read a ``pmsets.json``: a list of neighbours, possibly empty, for each anchor.

    Args:
        path: JSON file.
        k: Frames farther than this from their anchor are dropped; None keeps all.

    Raises:
        UserError: The file is absent, invalid or without sets; names the anchor.
    """
    frames = Frames([], [], [])
    anchors: set[tuple[str, int]] = set()
    for anchor, neighbours in iter_members(path, kind="pmsets.json", remedy=_METADATA):
        where = f"{path}: {anchor}"
        if not isinstance(neighbours, list) or not all(isinstance(n, str) for n in neighbours):
            raise UserError(f"{where}: not a list of frames; is this pmsets.json?")
        video, number = place(where, anchor)
        # 15.JPEG and 000015.JPEG would be one frame.
        seen: set[int] = set()
        for name in (anchor, *neighbours):
            of_video, at = place(where, name)
            if _TIME.sub(r"\1\2", of_video) != _TIME.sub(r"\1\2", video):
                raise UserError(f"{where}: {name} is of another video; correct the file")
            if at in seen or (at == number and (video, at) in anchors):
                raise UserError(f"{where}: a frame is named twice, as {name}; correct the file")
            seen.add(at)
            if k is None or abs(at - number) <= k:
                frames.names.append(name)
                frames.anchors.append(anchor)
                frames.offsets.append(at - number)
        anchors.add((video, number))
    if not anchors:
        raise UserError(f"{path}: has no sets; is this pmsets.json?")
    return frames


def read_labels(path: Path, keys: Sequence[str], count: int, of: str) -> list[list[int]]:
    """Read a ``labels.json``: the class indices of each frame's labels.

    Args:
        path: JSON file.
        keys: Names of the frames to label.
        count: Number of classes.
        of: Label space, for messages.

    Returns:
        Labels of each key, at least one.

    Raises:
        UserError: The file is absent or invalid, or lacks a frame; names the frame.
    """
    wanted = set(keys)
    labels: dict[str, list[int]] = {}
    for name, value in iter_members(path, kind="labels.json", remedy=_METADATA):
        if name in wanted:
            are_indices = isinstance(value, list) and all(type(v) is int for v in value)
            if not are_indices or not value or not 0 <= min(value) <= max(value) < count:
                raise UserError(
                    f"{path}: {name}: labels are a list of indices from 0 to {count - 1}, those of "
                    f"{of}; correct the file or choose another label space"
                )
            labels[name] = value
    require_all(path, keys, labels, "label")
    return [labels[key] for key in keys]


def score_blocks(
    path: Path, wanted: Collection[str], widths: Mapping[int, str]
) -> Iterator[tuple[list[str], Floats]]:
    """Read a prediction file in bounded memory.

    Args:
        path: JSON file: for each frame a list of scores.
        wanted: Names of the frames to read; others are skipped.
        widths: Numbers of scores that a frame may have, each with its label space for messages.

    Yields:
        Names of frames, and their scores, shape (frames, width); width is the same throughout.

    Raises:
        UserError: The file is absent or invalid, or a score is not finite or minus infinity; names
            the frame.
    """
    names: list[str] = []
    rows: list[Floats] = []
    remedy = "name the prediction file of a model"
    for name, value in iter_members(path, kind="a prediction file", remedy=remedy):
        if name not in wanted:
            continue
        rows.append(checked_scores(f"{path}: {name}", value, widths))
        names.append(name)
        widths = {len(rows[-1]): widths[len(rows[-1])]}
        if len(names) == BLOCK:
            yield names, np.stack(rows)
            names, rows = [], []
    if names:
        yield names, np.stack(rows)


def checked_scores(where: str, value: Any, widths: Mapping[int, str]) -> Floats:
    """Return the scores of an image, shape (width,).

    Args:
        where: File and record, for messages.
        value: What the file has: a list or array of scores.
        widths: Numbers of scores that an image may have, each with its label space for messages.

    Raises:
        UserError: It is something else, or a score is NaN or infinite but for minus infinity.
    """
    expected = " or ".join(f"{width} scores ({of})" for width, of in widths.items())
    is_list = isinstance(value, list | np.ndarray)
    if not is_list or len(value) not in widths:
        found = f"{len(value)} values" if is_list else "something else"
        raise UserError(f"{where}: {expected} are expected, {found} found; write the file again")
    try:
        scores = np.array(value)
    except ValueError:  # lists of different lengths
        scores = np.array(None)
    is_numeric = scores.ndim == 1 and scores.dtype.kind in "fiu"
    # Minus infinity is the score of an excluded class; NaN would win every argmax.
    if not is_numeric or not (scores < np.inf).all():
        raise UserError(
            f"{where}: a score is NaN, infinite or no number; check the model on this image"
        )
    return scores.astype(np.float64)


def place(where: str, name: str) -> tuple[str, int]:
    """Return the part of a frame's name that names its video, and the frame's number.

    Args:
        where: File and record, for messages.
        name: Such as ``val/ILSVRC2015_val_00000000/000442.JPEG``.

    Raises:
        UserError: The name does not end with a number.
    """
    match = _NUMBERED.fullmatch(name)
    if match is None:
        raise UserError(
            f"{where}: the name {name!r} does not end with the number of the frame, as in "
            "000442.JPEG; correct the file"
        )
    return match[1], int(match[2])


def require_all(path: Path, keys: Sequence[str], found: Collection[str], what: str) -> None:
    """Raise a `UserError` for the first of some frames (``keys``) that a file lacks.

    Args:
        path: The file.
        keys: Names of frames.
        found: Names of the frames in the file.
        what: What the file should have for each, such as ``label``.
    """
    missing = [key for key in dict.fromkeys(keys) if key not in found]
    if missing:
        raise UserError(
            f"{path}: frame {missing[0]} has no {what} ({len(missing)} such); "
            "add it, under the name that it has in the sets"
        )
