"""Predictions in the label space of a dataset, from scores of a model's own classes.

Source: *A systematic framework for natural perturbations from videos*, section 4.1, and appendix 3
for detectors as classifiers.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from typing import get_args

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from wildframe.core.choices import Aggregate, Merge, Targets
from wildframe.core.errors import UserError
from wildframe.core.schemas import DETECTIONS, PREDICTIONS
from wildframe.core.tables import iter_rows, read_facts
from wildframe.labels.hypernyms import members, members_among, read_targets
from wildframe.labels.projection import NO_TARGET, Scores, project, targets_of_top
from wildframe.labels.spaces import class_wnids
from wildframe.predictions import own_wnids
from wildframe.predictions.blocks import Block, iter_blocks
from wildframe.predictions.importing import EXTERNAL, as_probabilities, softmax
from wildframe.predictions.predict import TOP
from wildframe.scores.detection import class_scores

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

_BLOCK = 256
"""Images whose boxes are in memory at a time."""


@dataclass(frozen=True, slots=True)
class Predicted:
    """Predictions of some images in a label space."""

    image_ids: list[str]
    targets: Integers
    """Index of the predicted class or `NO_TARGET`, shape (images,)."""
    confidences: Floats
    """Shape (images, classes of the label space); minus infinity if it cannot be predicted."""


@dataclass(frozen=True, slots=True)
class Projection:
    """How scores of a model's classes become predictions in a label space."""

    class_count: int
    """Number of the model's classes."""
    classes: Sequence[Sequence[int]]
    """Indices of the model's classes below each class of the label space."""
    merge: Merge
    """How the scores of these become one."""
    restrict: bool
    """Whether only classes of the label space can be predicted, or all of the model's."""

    def targets_of(self, scores: Scores) -> Integers:
        """Return the predicted classes or `NO_TARGET`, shape (images,); ties go to the lower index.

        Args:
            scores: Shape (images, model's classes); minus infinity excludes a class.
        """
        if self.restrict:
            return highest(project(scores, self.classes, self.merge))
        is_excluded = np.isneginf(scores).all(axis=1)
        return np.where(is_excluded, NO_TARGET, targets_of_top(scores, self.classes))

    def predicted(self, image_ids: list[str], scores: Scores, probabilities: Floats) -> Predicted:
        """Return the predictions by scores, with confidences from probabilities of that shape."""
        confidences = project(probabilities, self.classes, self.merge)
        return Predicted(image_ids, self.targets_of(scores), confidences)

    def predicted_of_top(self, block: Block) -> Predicted:
        """Predict from the most probable classes alone; the probability of others is taken as 0."""
        target_of = np.full(self.class_count, NO_TARGET, np.int64)
        for target, classes in enumerate(self.classes):
            target_of[classes] = target
        top = target_of[block.class_index]
        shape = (len(block.image_ids), len(self.classes))
        sizes = np.array([len(classes) for classes in self.classes])
        sums, best, is_listed = np.zeros(shape), np.zeros(shape), np.zeros(shape, bool)
        inside = top != NO_TARGET
        at = (block.image[inside], top[inside])
        np.add.at(sums, at, block.probability[inside])
        np.maximum.at(best, at, block.probability[inside])
        is_listed[at] = True
        merged = {"max": best, "sum": sums, "mean": sums / np.maximum(sizes, 1)}[self.merge]
        if self.restrict:
            targets = highest(np.where(is_listed, merged, -np.inf))
        else:
            targets = np.full(shape[0], NO_TARGET, np.int64)
            images, first = np.unique(block.image, return_index=True)
            targets[images] = top[first]
        return Predicted(block.image_ids, targets, np.where(sizes > 0, merged, -np.inf))


def highest(scores: Floats) -> Integers:
    """Return the index of each row's highest score; `NO_TARGET` where all are minus infinity."""
    return np.where(np.isneginf(scores).all(axis=1), NO_TARGET, scores.argmax(axis=1))


def open_predicted(
    path: Path,
    label_space: Targets,
    merge: Merge,
    restrict: bool,
    aggregate: Aggregate | None = None,
) -> tuple[Iterator[Predicted], dict[str, str]]:
    """Return the predictions of a file in a label space, and the metadata of results.

    Args:
        path: Predictions of a model, or detections: a detector predicts the class of its most
            confident box, and nothing without a box.
        label_space: Label space of the dataset.
        merge: How scores of classes become one; those of a detector by max.
        restrict: Whether only classes of the label space can be predicted.
        aggregate: How predictions on the crops of an image become one; None where it has only one.

    Raises:
        UserError: The file is absent or something else. Reading the predictions raises it where a
            score is NaN; names the image.
    """
    is_of_detector = _is_of_detector(path)
    known = read_facts(path, DETECTIONS if is_of_detector else PREDICTIONS)
    space = known["label_space"]
    merge = "max" if is_of_detector else merge
    own = own_wnids(known)
    count = len(own) if own else class_count(space)
    classes = members_among(label_space, own) if own else classes_of(label_space, space)
    projection = Projection(count, classes, merge, restrict)
    stem = path.name.removesuffix(".parquet").removesuffix(".detections")
    facts = {
        "model": known.get("model", stem),
        "label_space": space,
        "targets": label_space,
        "merge": merge,
        "restrict_to_label_space": str(restrict),
    }
    if is_of_detector:
        return _of_boxes(path, projection), facts | {"predicted_from": "best box of each class"}
    facts |= {"aggregate": aggregate} if aggregate else {}
    blocks = iter_blocks(path, aggregate)
    first = list(islice(blocks, 1))
    known_classes = "scores of all classes"
    if first and first[0].scores is None:
        known_classes = f"{TOP} most probable classes, others taken as 0"
    predicted = _of_scores(path, projection, chain(first, blocks), known.get("origin") == EXTERNAL)
    return predicted, facts | {"predicted_from": known_classes}


def class_count(label_space: str) -> int:
    """Return the number of classes of a label space, of a model or of a dataset.

    Raises:
        UserError: No such label space.
    """
    for targets in get_args(Targets):
        if label_space == targets != "in1k":
            return len(read_targets(targets))
    return len(class_wnids(label_space))


def classes_of(label_space: Targets, model_space: str) -> list[list[int]]:
    """Return the indices of a model's classes below each class of a label space."""
    if model_space == label_space:
        return [[index] for index in range(class_count(label_space))]
    return members(label_space, model_space)


def _is_of_detector(path: Path) -> bool:
    try:
        metadata = pq.read_schema(path).metadata or {}
    except (pa.ArrowInvalid, OSError):  # reading it tells the problem
        return path.name.endswith(".detections.parquet")
    return bool(metadata.get(b"schema") == DETECTIONS.name.encode())


def _of_scores(
    path: Path, projection: Projection, blocks: Iterable[Block], imported: bool
) -> Iterator[Predicted]:
    for block in blocks:
        if block.scores is None:
            known = int(block.class_index.max(initial=-1)) + 1
            _require(path, known <= projection.class_count, f"class index {known - 1}", projection)
            yield projection.predicted_of_top(block)
            continue
        width = block.scores.shape[1]
        _require(path, width == projection.class_count, f"{width} scores an image", projection)
        # Minus infinity excludes a class; NaN would win every argmax.
        faulty = ~(block.scores < np.inf).all(axis=1)
        if faulty.any():
            raise UserError(
                f"{path}: image {block.image_ids[int(faulty.argmax())]}: a score is NaN or "
                "infinite; check the predictions"
            )
        scores = block.scores.astype(np.float64)
        probabilities = as_probabilities(scores) if imported else softmax(scores)
        # Sums of logits mean nothing; external scores are merged as they are given.
        merged = scores if imported or projection.merge == "max" else probabilities
        yield projection.predicted(block.image_ids, merged, probabilities)


def _of_boxes(path: Path, projection: Projection) -> Iterator[Predicted]:
    rows = iter_rows(path, DETECTIONS)
    while block := list(islice(rows, _BLOCK)):
        scores = np.stack(
            [class_scores(row["detections"], projection.class_count) for row in block]
        )
        yield projection.predicted([row["image_id"] for row in block], scores, scores)


def _require(path: Path, holds: bool, problem: str, projection: Projection) -> None:
    if not holds:
        raise UserError(
            f"{path}: {problem}, but its label space has {projection.class_count} classes; delete "
            "it and rerun"
        )
