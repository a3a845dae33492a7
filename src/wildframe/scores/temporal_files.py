"""What a model answered, and what is right, on the frames of ImageNet-Vid-Robust's own files."""

from pathlib import Path

import numpy as np

from wildframe.core.choices import LabelSource, Merge, Targets
from wildframe.core.errors import UserError
from wildframe.labels.hypernyms import read_targets
from wildframe.predictions.importing import widths_of
from wildframe.scores.predicted import Question, classes_of
from wildframe.scores.temporal import Integers
from wildframe.sources import sets_json
from wildframe.sources.sets_json import Frames, read_sets

__all__ = ["LABEL_SOURCE", "read_labels", "read_predicted", "read_sets"]

LABEL_SOURCE: dict[Targets, LabelSource] = {
    "vid30": "frame",
    "ytbb24": "anchor",
    "coco80": "frame",
    "in1k": "frame",
}
"""Whose labels judge a frame: as the authors do; in YTBB-Robust only anchors have any."""


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
    keys = frames.names if source == "frame" else frames.anchors
    return sets_json.read_labels(path, keys, len(read_targets(targets)), targets)


def read_predicted(
    path: Path,
    frames: Frames,
    targets: Targets,
    merge: Merge = "max",
    restrict: bool = True,
) -> Integers:
    """Read what a model answered on each frame: the target of the highest score.

    Of equal scores the lowest index counts. Frames that are in no set are passed over.

    Args:
        path: JSON file: for each frame a list of scores, one a target or one a class of
            ImageNet-1K, logits or probabilities.
        frames: The rows to answer.
        targets: The targets.
        merge: How the scores of a target's classes become one.
        restrict: Whether only classes of the label space can be predicted.

    Returns:
        Indices of targets, or a negative number for none; shape (rows,).

    Raises:
        UserError: The file is absent or something else, a frame is not in it, or a score of it is
            no number; names the frame.
    """
    predicted: dict[str, int] = {}
    question: Question | None = None
    widths = widths_of(targets)
    for names, scores in sets_json.score_blocks(path, set(frames.names), widths):
        question = question or _question(path, scores.shape[1], targets, merge, restrict)
        predicted |= zip(names, question.targets_of(scores).tolist(), strict=True)
    sets_json.require_all(path, frames.names, predicted, "prediction")
    return np.array([predicted[name] for name in frames.names], np.int64)


def _question(path: Path, width: int, targets: Targets, merge: Merge, restrict: bool) -> Question:
    """Return how answers are made of so many scores a frame."""
    of_targets = width == len(read_targets(targets))
    if of_targets and not restrict:
        raise UserError(
            f"{path}: the scores are of {targets} already, where only its targets can answer; "
            "drop --no-restrict or give scores of ImageNet-1K"
        )
    space = targets if of_targets else "in1k"
    return Question(width, classes_of(targets, space), merge, restrict)
