"""What a model answers among coarse targets, out of what it says of its own classes.

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

from wildframe.core.choices import Merge, Targets
from wildframe.core.errors import UserError
from wildframe.core.schemas import DETECTIONS, PREDICTIONS
from wildframe.core.tables import iter_rows, read_facts
from wildframe.labels.hypernyms import members, read_targets
from wildframe.labels.projection import NO_TARGET, Scores, project, targets_of_top
from wildframe.labels.spaces import class_wnids
from wildframe.predictions.blocks import Block, iter_blocks
from wildframe.predictions.importing import IMPORTED, as_probabilities, softmax
from wildframe.predictions.predict import TOP
from wildframe.scores.detection import class_scores

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

_BLOCK = 256
"""Images whose boxes are in memory at a time."""


@dataclass(frozen=True, slots=True)
class Predicted:
    """What a model answered on some images."""

    image_ids: list[str]
    targets: Integers
    """Index of the target answered or `NO_TARGET`, shape (images,)."""
    confidences: Floats
    """Of each target, shape (images, targets); minus infinity for one that cannot be said."""


@dataclass(frozen=True, slots=True)
class Question:
    """How answers among targets are made of what is said of classes."""

    class_count: int
    """Number of the model's classes."""
    classes: Sequence[Sequence[int]]
    """The model's classes of each target."""
    merge: Merge
    """How the scores of a target's classes become one."""
    restrict: bool
    """Whether only classes of the label space can be predicted, or all of the model's."""

    def targets_of(self, scores: Scores) -> Integers:
        """Return the targets of the highest scores; of equal scores the lowest index counts.

        Args:
            scores: Shape (images, classes); minus infinity for what is ruled out.

        Returns:
            Indices of targets or `NO_TARGET`, shape (images,).
        """
        if self.restrict:
            return highest(project(scores, self.classes, self.merge))
        ruled_out = np.isneginf(scores).all(axis=1)
        return np.where(ruled_out, NO_TARGET, targets_of_top(scores, self.classes))

    def predicted(self, image_ids: list[str], scores: Scores, chances: Floats) -> Predicted:
        """Return the answers of scores, and how sure the model is of each target.

        Args:
            image_ids: Images.
            scores: What decides, as in `targets_of`.
            chances: What says how sure the model is, same shape.
        """
        confidences = project(chances, self.classes, self.merge)
        return Predicted(image_ids, self.targets_of(scores), confidences)

    def predicted_of_top(self, block: Block) -> Predicted:
        """Answer by the most probable classes alone; others are taken to have no probability."""
        target_of = np.full(self.class_count, NO_TARGET, np.int64)
        for target, classes in enumerate(self.classes):
            target_of[classes] = target
        said = target_of[block.class_index]
        shape = (len(block.image_ids), len(self.classes))
        sizes = np.array([len(classes) for classes in self.classes])
        sums, best, is_said = np.zeros(shape), np.zeros(shape), np.zeros(shape, bool)
        named = said != NO_TARGET
        at = (block.image[named], said[named])
        np.add.at(sums, at, block.probability[named])
        np.maximum.at(best, at, block.probability[named])
        is_said[at] = True
        merged = {"max": best, "sum": sums, "mean": sums / np.maximum(sizes, 1)}[self.merge]
        if self.restrict:
            targets = highest(np.where(is_said, merged, -np.inf))
        else:
            targets = np.full(shape[0], NO_TARGET, np.int64)
            images, first = np.unique(block.image, return_index=True)
            targets[images] = said[first]
        return Predicted(block.image_ids, targets, np.where(sizes > 0, merged, -np.inf))


def highest(scores: Floats) -> Integers:
    """Return the index of each row's highest score; `NO_TARGET` where all are ruled out.

    Args:
        scores: Shape (images, targets).
    """
    ruled_out = np.isneginf(scores).all(axis=1)
    return np.where(ruled_out, NO_TARGET, scores.argmax(axis=1))


def open_predicted(
    path: Path, targets: Targets, merge: Merge, restrict: bool
) -> tuple[Iterator[Predicted], dict[str, str]]:
    """Return the answers of a file of predictions or detections, and the facts of what is made.

    Args:
        path: Predictions of a model, or detections: a detector answers the class of its most
            confident box, and nothing where it finds none.
        targets: Classes that answers are judged by.
        merge: How the scores of a target's classes become one; those of a detector by max.
        restrict: Whether only classes of the label space can be predicted.

    Raises:
        UserError: The file is absent or something else. Reading the answers raises it where a
            score is NaN; names the image.
    """
    is_of_detector = _is_of_detector(path)
    known = read_facts(path, DETECTIONS if is_of_detector else PREDICTIONS)
    space = known["label_space"]
    merge = "max" if is_of_detector else merge
    question = Question(class_count(space), classes_of(targets, space), merge, restrict)
    stem = path.name.removesuffix(".parquet").removesuffix(".detections")
    facts = {
        "model": known.get("model", stem),
        "label_space": space,
        "targets": targets,
        "merge": merge,
        "restrict_to_label_space": str(restrict),
    }
    if is_of_detector:
        return _of_boxes(path, question), facts | {"predicted_from": "best box of each class"}
    blocks = iter_blocks(path)
    first = list(islice(blocks, 1))
    known_classes = "scores of all classes"
    if first and first[0].scores is None:
        known_classes = f"{TOP} most probable classes, others taken to have no probability"
    predicted = _of_scores(path, question, chain(first, blocks), known.get("origin") == IMPORTED)
    return predicted, facts | {"predicted_from": known_classes}


def class_count(label_space: str) -> int:
    """Return the number of classes of a model's label space, or of targets.

    Raises:
        UserError: No such label space.
    """
    for targets in get_args(Targets):
        if label_space == targets != "in1k":
            return len(read_targets(targets))
    return len(class_wnids(label_space))


def classes_of(targets: Targets, label_space: str) -> list[list[int]]:
    """Return the indices of a model's classes that count for each target."""
    if label_space == targets:
        return [[index] for index in range(class_count(targets))]
    return members(targets, label_space)


def _is_of_detector(path: Path) -> bool:
    try:
        metadata = pq.read_schema(path).metadata or {}
    except (pa.ArrowInvalid, OSError):  # reading it says what is wrong
        return path.name.endswith(".detections.parquet")
    return bool(metadata.get(b"schema") == DETECTIONS.name.encode())


def _of_scores(
    path: Path, question: Question, blocks: Iterable[Block], imported: bool
) -> Iterator[Predicted]:
    for block in blocks:
        if block.scores is None:
            known = int(block.class_index.max(initial=-1)) + 1
            _require(path, known <= question.class_count, f"a class index of {known - 1}", question)
            yield question.predicted_of_top(block)
            continue
        found = block.scores.shape[1]
        _require(path, found == question.class_count, f"{found} scores a image", question)
        # Minus infinity is the score of what a model rules out; NaN would win every argmax.
        faulty = ~(block.scores < np.inf).all(axis=1)
        if faulty.any():
            raise UserError(
                f"{path}: image {block.image_ids[int(faulty.argmax())]}: a score is NaN or "
                "infinite; look at what the model said of it"
            )
        scores = block.scores.astype(np.float64)
        chances = as_probabilities(scores) if imported else softmax(scores)
        # Logits cannot be summed to anything; what was made elsewhere is merged as it was given.
        decisive = scores if imported or question.merge == "max" else chances
        yield question.predicted(block.image_ids, decisive, chances)


def _of_boxes(path: Path, question: Question) -> Iterator[Predicted]:
    rows = iter_rows(path, DETECTIONS)
    while some := list(islice(rows, _BLOCK)):
        best = [class_scores(row["detections"], question.class_count) for row in some]
        scores = np.stack(best)
        yield question.predicted([row["image_id"] for row in some], scores, scores)


def _require(path: Path, holds: bool, found: str, question: Question) -> None:
    if not holds:
        raise UserError(
            f"{path}: {found}, but its label space has {question.class_count} classes; delete it "
            "and rerun"
        )
