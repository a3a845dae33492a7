"""Predictions in the label space that is scored in: the model's own, or that of a dataset.

Source: *A systematic framework for natural perturbations from videos*, section 4.1, and appendix 3
for detectors as classifiers.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain, islice
from math import isnan
from pathlib import Path
from typing import Self, cast

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from wildframe.core.arrays import Floats
from wildframe.core.choices import Aggregate, Merge, Predictable, Targets
from wildframe.core.errors import UserError
from wildframe.core.schemas import DETECTIONS, PREDICTIONS
from wildframe.core.tables import Row, iter_rows, model_of, read_facts
from wildframe.labels.hypernyms import members, members_among
from wildframe.labels.projection import project
from wildframe.labels.spaces import class_ids
from wildframe.predictions import own_wnids
from wildframe.predictions.blocks import Block, iter_blocks
from wildframe.predictions.importing import EXTERNAL, PROBABILITIES
from wildframe.predictions.predicted import TOP, softmax
from wildframe.scores.detection import class_scores

KS = (1, 5)
"""A prediction is correct if a label is among the first k classes."""

Guesses = Sequence[tuple[int, float]]
"""Classes by index, best first, with probabilities; NaN where they are not known."""

_BLOCK = 256
"""Images whose boxes are in memory at a time."""


@dataclass(frozen=True, slots=True)
class Protocol:
    """How predictions are scored: options of ``wildframe scores image-results``."""

    label_space: Targets | None = None
    """Label space that is scored in; None for the model's own."""
    merge: Merge = "max"
    """How scores of classes become one; those of a detector by max."""
    restrict: bool = True
    """Whether only classes of the label space can be predicted."""
    predictable: Predictable = "all"
    """Which classes of the model's own label space can be predicted."""
    aggregate: Aggregate | None = None
    """How predictions on the crops of an image become one; None where it has only one."""

    @classmethod
    def of(cls, facts: Mapping[str, str]) -> Self:
        """Return what the metadata of results, or of predictions on crops, tell of it."""
        return cls(
            facts.get("targets"),
            cast("Merge", facts.get("merge", "max")),
            facts.get("restrict_to_label_space") == str(True),
            cast("Predictable", facts.get("predictable", "all")),
            cast("Aggregate | None", facts.get("aggregate")),
        )


@dataclass(frozen=True, slots=True)
class Prediction:
    """The prediction of one image in a label space."""

    image_id: str
    view_key: str
    top: list[Row]
    """Up to five classes, best first: ``wnid``, and ``probability`` or None."""
    predicted: str | None
    """wnid of the predicted class; None for none of the label space."""
    confidences: Mapping[str | None, float]
    """By wnid; minus infinity or absent if a class cannot be predicted or is not known."""
    known_to: int = max(KS)
    """Number of first classes that are known; behind those of a short list stand unknown ones."""


@dataclass(frozen=True)
class Projection:
    """How scores of a model's classes become predictions in the label space of a dataset."""

    own: Sequence[str | None]
    """The model's classes by index: wnids."""
    targets: Sequence[str | None]
    """Those of the label space."""
    classes: Sequence[Sequence[int]]
    """Indices of the model's classes below each of these."""
    merge: Merge
    """How the scores of these become one."""
    restrict: bool
    """Whether only classes of the label space can be predicted, or all of the model's."""

    def merged(self, scores: Floats) -> Floats:
        """Return scores of the label space from those of the model's classes; shapes by image."""
        return project(scores, self.classes, self.merge)

    def confidences(self, probabilities: Floats) -> Floats:
        """Return those of the label space from probabilities of the model's classes.

        If predictions are restricted, they are among the classes that can be predicted.
        """
        return self.merged(among(self._possible, probabilities) if self.restrict else probabilities)

    def predictions(
        self, block: Block, scores: Floats, confidences: Floats
    ) -> Iterator[Prediction]:
        """Yield the predictions of a block's images.

        Args:
            block: The images, and the most probable of the model's classes.
            scores: `merged` ones, which decide if predictions are restricted; minus infinity
                excludes a class.
            confidences: Of the same shape; NaN of an image without.
        """
        listed, names = block.listed(), self._names
        if self.restrict:
            listed, names = _ranked(scores, confidences), self.targets
        images = zip(block.image_ids, block.view_keys, listed, confidences.tolist(), strict=True)
        for image_id, view_key, guesses, of_targets in images:
            top = _top(guesses, names)
            first = top[0]["wnid"] if top else None
            by_wnid = dict(zip(self.targets, of_targets, strict=True))
            predicted = first if first in by_wnid else None
            if of_targets and isnan(of_targets[0]):
                by_wnid = {}
            yield Prediction(image_id, view_key, top, predicted, by_wnid)

    @cached_property
    def _possible(self) -> list[int]:
        """Indices of the model's classes that belong to the label space."""
        return [index for classes in self.classes for index in classes]

    @cached_property
    def _names(self) -> Sequence[str | None]:
        """The class of the label space that each of the model's belongs to, or itself."""
        names = list(self.own)
        for target, classes in zip(self.targets, self.classes, strict=True):
            for index in classes:
                names[index] = target
        return names


def _ranked(scores: Floats, shares: Floats) -> Iterator[Guesses]:
    """Yield the highest scores of each row with their shares; ties go to the lower index."""
    order = np.argsort(-scores, axis=1, kind="stable")[:, : max(KS)]
    for row, of_image, share in zip(order, scores, shares, strict=True):
        known = row[of_image[row] > -np.inf]
        yield list(zip(known.tolist(), share[known].tolist(), strict=True))


def _top(guesses: Guesses, names: Sequence[str | None]) -> list[Row]:
    return [
        {"wnid": names[index], "probability": None if isnan(share) else share}
        for index, share in guesses[: max(KS)]
    ]


def open_predictions(
    path: Path, protocol: Protocol, only: Sequence[str] | None
) -> tuple[Iterator[Prediction], dict[str, str]]:
    """Return the predictions of a file in a label space, and the metadata of results.

    Args:
        path: Predictions of a model, or detections: a detector predicts the class of its most
            confident box, and nothing without a box.
        protocol: How they are scored.
        only: Classes that can be predicted of the model's own label space; None for all.

    Raises:
        UserError: The file is absent or something else. Reading the predictions raises it where a
            score is NaN, or a class is not of the model's; names the image or the class.
    """
    label_space, merge, restrict = protocol.label_space, protocol.merge, protocol.restrict
    is_of_detector = _is_of_detector(path)
    contract = DETECTIONS if is_of_detector else PREDICTIONS
    known = read_facts(path, contract)
    space = known["label_space"]
    own = own_wnids(known)
    wnids = own or class_ids(space)
    facts = {"model": model_of(path, contract), "label_space": space}
    probabilities: Callable[[Floats], Floats] | None
    if is_of_detector:
        blocks, source = _boxes(path, len(wnids)), "best box of each class"
        merge, probabilities = "max", None
    else:
        blocks, source = _with_source(iter_blocks(path, protocol.aggregate))
        probabilities = probabilities_of(known)
        facts |= {"aggregate": protocol.aggregate} if protocol.aggregate else {}
    is_list = known.get("origin") == EXTERNAL and "scores" not in known
    if label_space is None and only is None:
        return _known(_of_own_classes(path, blocks, wnids), len(wnids), is_list=is_list), facts
    if label_space is None:
        possible = frozenset(only or ())
        chosen = [index for index, wnid in enumerate(wnids) if wnid in possible]
        targets = [wnids[index] for index in chosen]
        projection = Projection(wnids, targets, [[index] for index in chosen], "max", restrict=True)
        facts["predicted_from"] = source
        found = projected(path, blocks, projection, probabilities, is_list=is_list)
        return _known(found, len(targets), is_list=is_list), facts
    classes = members_among(label_space, own) if own else classes_of(label_space, space)
    projection = Projection(wnids, class_ids(label_space), classes, merge, restrict)
    facts |= {"targets": label_space, "merge": merge, "restrict_to_label_space": str(restrict)}
    facts["predicted_from"] = source
    found = projected(path, blocks, projection, probabilities, is_list=is_list)
    count = sum(map(bool, classes)) if restrict else len(wnids)
    return _known(found, count, is_list=is_list), facts


def _known(predictions: Iterator[Prediction], count: int, *, is_list: bool) -> Iterator[Prediction]:
    """Yield predictions among so many classes, with how many of a list's classes are known."""
    for one in predictions:
        is_short = is_list and len(one.top) < min(max(KS), count)
        yield replace(one, known_to=len(one.top)) if is_short else one


def probabilities_of(facts: Mapping[str, str]) -> Callable[[Floats], Floats]:
    """Return what makes probabilities of the scores of predictions, by their metadata."""
    return _not_excluded if facts.get("scores") == PROBABILITIES else softmax


def _not_excluded(probabilities: Floats) -> Floats:
    """Return probabilities with 0 for minus infinity, which excludes a class."""
    return np.maximum(probabilities, 0)


def among(chosen: Sequence[int], probabilities: Floats) -> Floats:
    """Return probabilities, of shape (images, classes), as if only the chosen classes existed."""
    possible = np.zeros_like(probabilities)
    possible[:, chosen] = probabilities[:, chosen]
    sums = possible.sum(axis=1, keepdims=True)
    return possible / np.where(sums > 0, sums, 1)


def classes_of(label_space: Targets, model_space: str) -> list[list[int]]:
    """Return the indices of a model's classes below each class of a label space."""
    if model_space == label_space:
        return [[index] for index in range(len(class_ids(label_space)))]
    return members(label_space, model_space)


def _is_of_detector(path: Path) -> bool:
    try:
        metadata = pq.read_schema(path).metadata or {}
    except (pa.ArrowInvalid, OSError):  # reading it tells the problem
        return path.name.endswith(".detections.parquet")
    return bool(metadata.get(b"schema") == DETECTIONS.name.encode())


def _with_source(blocks: Iterator[Block]) -> tuple[Iterator[Block], str]:
    """Return blocks as they are, and what they know of each image."""
    first = list(islice(blocks, 1))
    has_scores = not first or first[0].scores is not None
    source = (
        "scores of all classes" if has_scores else f"{TOP} most probable classes, others taken as 0"
    )
    return chain(first, blocks), source


def _boxes(path: Path, class_count: int) -> Iterator[Block]:
    """Yield detections as predictions by the best box of each class."""
    rows = iter_rows(path, DETECTIONS)
    while images := list(islice(rows, _BLOCK)):
        scores = np.stack([class_scores(row["detections"], class_count) for row in images])
        order = np.argsort(-scores, axis=1, kind="stable")
        ranked = np.take_along_axis(scores, order, axis=1)
        image, rank = np.nonzero(ranked > -np.inf)
        names = [row["image_id"] for row in images]
        listed = (image, order[image, rank], ranked[image, rank])
        yield Block(names, [""] * len(names), scores.astype(np.float32), *listed)


def _of_own_classes(
    path: Path, blocks: Iterable[Block], wnids: Sequence[str | None]
) -> Iterator[Prediction]:
    """Yield predictions as they are listed, which is exact: scores are not read."""
    for block in blocks:
        _require_known(path, block, len(wnids))
        images = zip(block.image_ids, block.view_keys, block.listed(), strict=True)
        for image_id, view_key, guesses in images:
            top = _top(guesses, wnids)
            shares = {wnids[index]: share for index, share in guesses if not isnan(share)}
            yield Prediction(image_id, view_key, top, top[0]["wnid"] if top else None, shares)


def projected(
    path: Path,
    blocks: Iterable[Block],
    projection: Projection,
    probabilities: Callable[[Floats], Floats] | None,
    *,
    is_list: bool = False,
) -> Iterator[Prediction]:
    """Yield predictions by scores, or by the most probable classes where no scores are kept.

    Of these the probability of other classes is taken as 0.

    Args:
        path: File of the blocks, for messages.
        blocks: The model's predictions.
        projection: To the label space.
        probabilities: Makes them of scores; None for scores of boxes, which are confidences.
        is_list: Whether classes are in the order of somebody's list, which tells those apart whose
            probability is rounded to 0. Of scores, these are in no order.

    Raises:
        UserError: A score is NaN, or a class is not of the model's; names the image or the class.
    """
    class_count = len(projection.own)
    for block in blocks:
        if block.scores is None:
            _require_known(path, block, class_count)
            merged = _merged_top(path, block, projection, is_list=is_list)
            yield from projection.predictions(block, *merged)
            continue
        width = block.scores.shape[1]
        _require(path, width == class_count, f"{width} scores an image", class_count)
        # Minus infinity excludes a class; NaN would win every argmax.
        faulty = ~(block.scores < np.inf).all(axis=1)
        if faulty.any():
            raise UserError(
                f"{path}: image {block.image_ids[int(faulty.argmax())]}: a score is NaN or "
                "infinite; check the predictions"
            )
        scores = block.scores.astype(np.float64)
        if probabilities:
            confidences = projection.confidences(probabilities(scores))
        else:
            confidences = projection.merged(scores)
        # Sums of logits, or with excluded classes, mean nothing.
        decisive = projection.merged(scores) if projection.merge == "max" else confidences
        yield from projection.predictions(block, decisive, confidences)


def _merged_top(
    path: Path, block: Block, projection: Projection, *, is_list: bool
) -> tuple[Floats, Floats]:
    """Return what decides, and confidences, by the most probable classes of a block's images."""
    listed = np.zeros((len(block.image_ids), len(projection.own)))
    listed[block.image, block.class_index] = block.probability
    unknown = np.any(np.isnan(listed), axis=1)
    if unknown.any() and projection.restrict and projection.merge != "max":
        raise UserError(
            f"{path}: image {block.image_ids[int(unknown.argmax())]} has no probabilities, of "
            f"which classes have the {projection.merge}; give that of each class, or merge by max"
        )
    confidences = projection.confidences(listed)
    # Where they are not known, or of a list rounded to 0, the order of the classes decides.
    by_rank = 1 / (1 + np.arange(len(block.image)) - np.searchsorted(block.image, block.image))
    least = np.finfo(np.float32).tiny * by_rank * is_list
    listed[block.image, block.class_index] = np.where(
        unknown[block.image], by_rank, np.maximum(block.probability, least)
    )
    decisive = projection.confidences(listed)
    confidences[unknown] = np.nan
    return np.where(decisive > 0, decisive, -np.inf), confidences


def _require_known(path: Path, block: Block, class_count: int) -> None:
    highest = int(block.class_index.max(initial=-1))
    _require(path, highest < class_count, f"class index {highest}", class_count)


def _require(path: Path, holds: bool, problem: str, class_count: int) -> None:
    if not holds:
        raise UserError(
            f"{path}: {problem}, but its label space has {class_count} classes; delete it and rerun"
        )
