"""Average precision of COCO: boxes matched to objects, and the area under the curve.

Boxes are matched to objects by pycocotools. Its ``accumulate`` is the same arithmetic as
`curve_area`, for one list of images at a time; here images also have weights, which a bootstrap
needs by the thousand. A test holds the two equal.
"""

import contextlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from wildframe.core.arrays import Bools, Floats, Integers

FLAVOUR = "COCO 101-point"
"""Precision at recalls 0, 0.01 ... 1, each the highest at that recall or above; their mean."""

_RECALLS = np.linspace(0, 1, 101)
# Wider than any image: moved apart by it, boxes of two classes cannot overlap. As a power of two
# it leaves whole pixels exact.
_APART = 2.0**17
_BLOCK = 64
"""Images that pycocotools gets at a time: a box of its has ten times the bytes of one of ours."""


@dataclass(frozen=True, slots=True)
class Boxes:
    """Annotated objects or detections in one image; n boxes."""

    classes: Integers
    """Shape (n,)."""
    boxes: Floats
    """Left, top, width and height; shape (n, 4)."""
    scores: Floats
    """Shape (n,); without meaning for annotated objects."""


@dataclass(frozen=True)
class Matches:
    """Which boxes of some images hit an object of their class."""

    image: Integers
    """Image of each box, ascending; shape (boxes,)."""
    classes: Integers
    """Shape (boxes,)."""
    scores: Floats
    """Shape (boxes,); of one image, highest first."""
    hits: Bools
    """Whether it hits, at each threshold; shape (thresholds, boxes)."""
    objects: Integers
    """Annotated objects; shape (images, classes)."""

    @cached_property
    def _of_class(self) -> "list[tuple[Integers, Bools, Integers]]":
        """Images of each class's boxes, highest score first, then by image, and their hits.

        Thresholds that differ in no hit share a row: the third says which is that of each.
        """
        order = np.argsort(-self.scores, kind="stable")
        ranks = [order[self.classes[order] == index] for index in range(self.objects.shape[1])]
        found = []
        for rank in ranks:
            rows, row_of = np.unique(self.hits[:, rank], axis=0, return_inverse=True)
            found.append((self.image[rank], rows, row_of.ravel()))
        return found

    def of_image(self, image: int) -> Floats:
        """Return the average precision of one image, its classes pooled; shape (thresholds,).

        A box hits only objects of its class; all boxes of the image make one curve. NaN where the
        image has no object.
        """
        first, last = np.searchsorted(self.image, [image, image + 1])
        return curve_area(self.hits[:, first:last], int(self.objects[image].sum()))

    def mean_over_classes(self, times: Integers) -> Floats:
        """Return mAP over the classes with an object, shape (thresholds,).

        Args:
            times: Weight of each image, shape (images,).
        """
        positives = times @ self.objects
        areas = [
            curve_area(hits, int(total), times[image])[row_of]
            for (image, hits, row_of), total in zip(self._of_class, positives, strict=True)
            if total
        ]
        return np.mean(areas, axis=0) if areas else np.full(len(self.hits), np.nan)


def match(
    objects: Sequence[Boxes],
    detections: Sequence[Boxes],
    class_count: int,
    thresholds: Sequence[float],
) -> Matches:
    """Match detections to annotated objects, image by image within classes.

    Best score first, each box is matched to the free object of the largest overlap (intersection
    over union), if that reaches the threshold. The best 100 detections of each image count.
    """
    parts = [
        _match_block(first, objects[block], detections[block], class_count, thresholds)
        for first in range(0, max(len(objects), 1), _BLOCK)
        for block in [slice(first, first + _BLOCK)]
    ]
    return Matches(
        np.concatenate([part.image for part in parts]),
        np.concatenate([part.classes for part in parts]),
        np.concatenate([part.scores for part in parts]),
        np.concatenate([part.hits for part in parts], axis=1),
        np.concatenate([part.objects for part in parts]),
    )


def _match_block(
    first: int,
    objects: Sequence[Boxes],
    detections: Sequence[Boxes],
    class_count: int,
    thresholds: Sequence[float],
) -> Matches:
    """Return `match` of some images, numbered from ``first``."""
    from pycocotools.coco import COCO
    from pycocotools.cocoeval import COCOeval

    from wildframe.models.detectors import MAX_DETECTIONS

    def indexed(images: Sequence[Boxes]) -> Any:
        coco = COCO()
        coco.dataset = {
            "images": [{"id": number} for number in range(len(images))],
            "categories": [{"id": 1}],
            "annotations": _annotations(images),
        }
        coco.createIndex()
        return coco

    with contextlib.redirect_stdout(io.StringIO()):
        evaluator = COCOeval(indexed(objects), indexed(detections), "bbox")
        evaluator.params.useCats = 0
        evaluator.params.iouThrs = np.asarray(thresholds, np.float64)
        evaluator.params.areaRng = [[0, np.inf]]
        evaluator.params.maxDets = [MAX_DETECTIONS]
        evaluator.evaluate()
    class_of = np.concatenate([[-1], *(image.classes for image in detections)]).astype(np.int64)
    counts = [np.bincount(image.classes, minlength=class_count) for image in objects]
    results = [result for result in evaluator.evalImgs if result]
    sizes = [len(result["dtIds"]) for result in results]
    ids = [number for result in results for number in result["dtIds"]]
    scores = [score for result in results for score in result["dtScores"]]
    hits = [np.zeros((len(thresholds), 0)), *(result["dtMatches"] for result in results)]
    return Matches(
        first + np.repeat(np.array([result["image_id"] for result in results], np.int64), sizes),
        class_of[np.array(ids, np.int64)],
        np.array(scores, np.float64),
        np.concatenate(hits, axis=1) > 0,
        np.array(counts, np.int64).reshape(len(objects), class_count),
    )


def curve_area(hits: Bools, positives: int, times: Integers | None = None) -> Floats:
    """Return the average precision of a ranking, shape (thresholds,); NaN without positives.

    Args:
        hits: Whether each box hits, highest score first, shape (thresholds, boxes).
        positives: Number of objects.
        times: Weight of each box, shape (boxes,); 1 if None.
    """
    if not positives:
        return np.full(len(hits), np.nan)
    weights = np.ones(hits.shape[1]) if times is None else times.astype(np.float64)
    ranked = np.cumsum(weights)
    areas = np.zeros(len(hits))
    for row, of_threshold in enumerate(hits):
        # Between hits precision falls and recall stays: the hits determine the curve.
        at = np.flatnonzero(of_threshold & (weights > 0))
        correct = np.cumsum(weights[at])
        best_after = np.maximum.accumulate((correct / ranked[at])[::-1])[::-1]
        first = np.searchsorted(correct / positives, _RECALLS, side="left")
        areas[row] = best_after[first[first < len(at)]].sum() / len(_RECALLS)
    return areas


def _annotations(images: Sequence[Boxes]) -> list[dict[str, Any]]:
    """Return boxes as COCO's annotations, numbered from 1, their classes moved apart."""
    annotations: list[dict[str, Any]] = []
    for image_id, image in enumerate(images):
        moved = image.boxes + np.outer(image.classes, [_APART, 0, 0, 0])
        for box, score in zip(moved.tolist(), image.scores.tolist(), strict=True):
            annotations.append(
                {
                    "id": len(annotations) + 1,  # 0 stands for no match
                    "image_id": image_id,
                    "category_id": 1,
                    "bbox": box,
                    "area": box[2] * box[3],
                    "iscrowd": 0,
                    "score": score,
                }
            )
    return annotations
