"""The files that ImageNet-Vid-Robust is published and scored with: JSON objects, one key a frame.

``pmsets.json`` lists the frames near each anchor, ``labels.json`` the labels of each frame, and a
prediction file the scores that a model gave each frame. A frame is named by its path; the name ends
with its number in the video.
"""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from wildframe.core.choices import LabelSource, Merge, Outputs, Targets
from wildframe.core.errors import UserError
from wildframe.labels.hypernyms import members, read_targets
from wildframe.labels.projection import project, targets_of_top
from wildframe.labels.spaces import class_wnids
from wildframe.scores.temporal import Integers
from wildframe.sources.stream import iter_members

_NUMBERED = re.compile(r"(.*?)([0-9]{1,18})(\.\w+)?", re.DOTALL)

_BLOCK = 256
"""Frames whose scores are in memory at a time."""

_METADATA = "name the file of the data set's metadata"

LABEL_SOURCE: dict[Targets, LabelSource] = {"vid30": "frame", "ytbb24": "anchor"}
"""By whose labels the authors judge a frame; in YTBB-Robust only anchors have any."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Frames:
    """Frames of sets, one row a frame of a set; each anchor is a row, too."""

    names: list[str]
    anchors: list[str]
    """Name of the anchor of each row."""
    offsets: list[int]
    """Frames from the anchor."""


def read_sets(path: Path, k: int) -> Frames:
    """Read a ``pmsets.json``: a list of frames for each anchor.

    Args:
        path: JSON file.
        k: Frames farther than this from their anchor are left out.

    Raises:
        UserError: The file is absent or something else; names the anchor.
    """
    frames = Frames([], [], [])
    anchors: set[str] = set()
    for anchor, neighbours in iter_members(path, kind="pmsets.json", remedy=_METADATA):
        where = f"{path}: {anchor}"
        if not isinstance(neighbours, list) or not all(isinstance(n, str) for n in neighbours):
            raise UserError(f"{where}: not a list of frames; is this pmsets.json?")
        if anchor in anchors or len({anchor, *neighbours}) <= len(neighbours):
            raise UserError(f"{where}: a frame is named twice; correct the file")
        anchors.add(anchor)
        video, number = _place(where, anchor)
        for name in (anchor, *neighbours):
            of_video, at = _place(where, name)
            if of_video != video:
                raise UserError(f"{where}: {name} is of another video; correct the file")
            if abs(at - number) <= k:
                frames.names.append(name)
                frames.anchors.append(anchor)
                frames.offsets.append(at - number)
    return frames


def read_labels(
    path: Path, frames: Frames, source: LabelSource, targets: Targets
) -> list[list[int]]:
    """Read a ``labels.json``: the indices of the targets that are right, for each frame.

    Args:
        path: JSON file.
        frames: The rows to label.
        source: Judge a frame by its own labels, or by those of its anchor.
        targets: What the indices are of.

    Returns:
        Labels of each row, at least one.

    Raises:
        UserError: The file is absent or something else, or a frame is not in it; names the frame.
    """
    count = len(read_targets(targets))
    keys = frames.names if source == "frame" else frames.anchors
    wanted = set(keys)
    labels: dict[str, list[int]] = {}
    for name, value in iter_members(path, kind="labels.json", remedy=_METADATA):
        if name in wanted:
            are_indices = isinstance(value, list) and all(type(v) is int for v in value)
            if not are_indices or not value or not 0 <= min(value) <= max(value) < count:
                raise UserError(
                    f"{path}: {name}: labels are a list of indices from 0 to {count - 1}, those of "
                    f"{targets}; correct the file or choose the targets"
                )
            labels[name] = value
    _require_all(path, keys, labels, "label")
    return [labels[key] for key in keys]


def read_answers(
    path: Path,
    frames: Frames,
    targets: Targets,
    merge: Merge = "max",
    outputs: Outputs = "masked",
) -> Integers:
    """Read what a model answered on each frame: the target of the highest score.

    Of equal scores the lowest index counts. Frames that are in no set are passed over.

    Args:
        path: JSON file: for each frame a list of scores, one a target or one a class of
            ImageNet-1K, logits or probabilities.
        frames: The rows to answer.
        targets: The targets.
        merge: How the scores of a target's classes become one.
        outputs: Whether only the classes of targets may answer (masked), or all (full).

    Returns:
        Indices of targets, or a negative number for none; shape (rows,).

    Raises:
        UserError: The file is absent or something else, a frame is not in it, or a score of it is
            no number; names the frame.
    """
    answers: dict[str, int] = {}
    answer: Callable[[Floats], Integers] | None = None
    widths = {len(read_targets(targets)): targets, len(class_wnids("in1k")): "ImageNet-1K"}
    for names, scores in _blocks(path, set(frames.names), widths):
        answer = answer or _answering(path, scores.shape[1], targets, merge, outputs)
        answers |= zip(names, answer(scores).tolist(), strict=True)
    _require_all(path, frames.names, answers, "prediction")
    return np.array([answers[name] for name in frames.names], np.int64)


def _answering(
    path: Path, width: int, targets: Targets, merge: Merge, outputs: Outputs
) -> Callable[[Floats], Integers]:
    """Return the function from scores, shape (frames, width), to answers."""
    if width == len(read_targets(targets)):
        if outputs == "full":
            raise UserError(
                f"{path}: the scores are of {targets} already, where only its targets can "
                "answer; drop --outputs full or give scores of ImageNet-1K"
            )
        return _highest
    classes = members(targets)
    if outputs == "full":
        return lambda scores: targets_of_top(scores, classes)
    return lambda scores: _highest(project(scores, classes, merge))


def _highest(scores: Floats) -> Integers:
    """Return the index of each row's highest score; -1 where all are ruled out, as by a detector.

    Args:
        scores: Shape (frames, targets).
    """
    return np.where(np.isneginf(scores).all(axis=1), -1, scores.argmax(axis=1))


def _blocks(
    path: Path, wanted: Collection[str], widths: dict[int, str]
) -> Iterator[tuple[list[str], Floats]]:
    """Yield names of frames and their scores, shape (frames, width); width is always the same."""
    names: list[str] = []
    rows: list[Any] = []
    seen: set[str] = set()
    remedy = "name the prediction file of a model"
    for name, value in iter_members(path, kind="a prediction file", remedy=remedy):
        if name not in wanted:
            continue
        if name in seen:
            raise UserError(f"{path}: {name} is predicted twice; write each frame once")
        seen.add(name)
        rows.append(_scores(f"{path}: {name}", value, widths))
        names.append(name)
        widths = {len(rows[-1]): widths[len(rows[-1])]}
        if len(names) == _BLOCK:
            yield names, np.stack(rows)
            names, rows = [], []
    if names:
        yield names, np.stack(rows)


def _scores(where: str, value: Any, widths: dict[int, str]) -> Floats:
    """Return the scores of a frame, shape (width,)."""
    expected = " or ".join(f"{width} scores ({of})" for width, of in widths.items())
    if not isinstance(value, list) or len(value) not in widths:
        found = f"{len(value)} values" if isinstance(value, list) else "something else"
        raise UserError(f"{where}: {expected} are expected, {found} found; write the file again")
    try:
        scores = np.array(value)
    except ValueError:  # lists of different lengths
        scores = np.array(None)
    is_numeric = scores.ndim == 1 and scores.dtype.kind in "fiu"
    # Minus infinity is the score of what a model rules out; NaN would win every argmax.
    if not is_numeric or not (scores < np.inf).all():
        raise UserError(
            f"{where}: a score is NaN, infinite or no number; look at what the model said of it"
        )
    return scores.astype(np.float64)


def _place(where: str, name: str) -> tuple[str, int]:
    """Return what the names of a video's frames have in common, and the frame's number."""
    match = _NUMBERED.fullmatch(name)
    if match is None:
        raise UserError(
            f"{where}: the name {name!r} does not end with the number of the frame, as in "
            "000442.JPEG; correct the file"
        )
    return match[1], int(match[2])


def _require_all(path: Path, keys: Sequence[str], found: Collection[str], what: str) -> None:
    missing = [key for key in dict.fromkeys(keys) if key not in found]
    if missing:
        raise UserError(
            f"{path}: frame {missing[0]} has no {what} ({len(missing)} such); "
            "add it, under the name that it has in the sets"
        )
