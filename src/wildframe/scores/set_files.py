"""Labels and predictions of frames from ImageNet-Vid-Robust's own files."""

from pathlib import Path

import numpy as np

from wildframe.core.arrays import Integers
from wildframe.core.choices import LabelSource, Merge, Targets
from wildframe.core.errors import UserError
from wildframe.labels.hypernyms import read_targets
from wildframe.labels.projection import NO_TARGET, project, targets_of_top
from wildframe.predictions.importing import widths_of
from wildframe.scores.predicted import classes_of
from wildframe.sources import sets_json
from wildframe.sources.sets_json import Frames, read_sets

__all__ = ["read_labels", "read_predicted", "read_sets"]


def read_labels(
    path: Path, frames: Frames, source: LabelSource, label_space: Targets
) -> list[list[int]]:
    """Read a ``labels.json``: class indices, at least one, of each frame or of its anchor.

    Raises:
        UserError: The file is absent or something else, or a frame is not in it; names the frame.
    """
    keys = frames.names if source == "frame" else frames.anchors
    return sets_json.read_labels(path, keys, len(read_targets(label_space)), label_space)


def read_predicted(
    path: Path,
    frames: Frames,
    label_space: Targets,
    merge: Merge = "max",
    restrict: bool = True,
) -> Integers:
    """Read the predicted class of each frame, shape (rows,); negative where it is none.

    Outside the label space it is none, and YouTube-BB's ``none`` is none, too.

    Ties go to the lower index. Frames that are in no set are ignored.

    Args:
        path: JSON file: for each frame a list of scores, one a class of the label space, or if
            their number is another, of ImageNet-1K; logits or probabilities.
        frames: Rows of the sets.
        label_space: Label space of the dataset.
        merge: How the scores of several classes become one.
        restrict: Whether only classes of the label space can be predicted.

    Raises:
        UserError: The file is absent or something else, a frame is not in it, or a score of it is
            no number; names the frame.
    """
    predicted: dict[str, int] = {}
    is_class = np.array([target.wnid is not None for target in read_targets(label_space)])
    widths = widths_of([label_space, "in1k"])
    for names, scores in sets_json.score_blocks(path, set(frames.names), widths):
        width = scores.shape[1]
        if widths[width] == label_space and not restrict:
            raise UserError(
                f"{path}: the scores are of {label_space} already, so that no other class can be "
                "predicted; drop --no-restrict or give scores of ImageNet-1K"
            )
        classes = classes_of(label_space, widths[width])
        ranked = project(scores, classes, merge) if restrict else scores
        targets = ranked.argmax(axis=1) if restrict else targets_of_top(scores, classes)
        is_known = is_class[targets] & ~np.isneginf(ranked).all(axis=1)
        found = np.where(is_known, targets, NO_TARGET)
        predicted |= zip(names, found.tolist(), strict=True)
    sets_json.require_all(path, frames.names, predicted, "prediction")
    return np.array([predicted[name] for name in frames.names], np.int64)
