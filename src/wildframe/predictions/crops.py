"""Predictions on the crops of an image as one prediction of the image."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

import numpy as np

from wildframe.core.arrays import Floats, Floats32
from wildframe.core.choices import Aggregate
from wildframe.core.tables import Row
from wildframe.predictions.predict import MAX_SCORES
from wildframe.predictions.predicted import TOP, softmax

_LEAST = np.finfo(np.float32).tiny
"""Probability whose logarithm stands for that of 0."""


def _mean_logit(probabilities: Floats) -> Floats:
    """Return the softmax of mean logits: logarithms of probabilities, but for a constant.

    What a crop's short list leaves out counts as the last that it has: at most it is as probable.
    """
    last = np.where(probabilities > 0, probabilities, 1).min(axis=1, keepdims=True)
    listed = np.maximum(probabilities, np.maximum(last, _LEAST))
    logits: Floats = np.log(listed).mean(axis=0, keepdims=True)
    mean: Floats = softmax(logits)[0]
    return mean


def _vote(probabilities: Floats) -> Floats:
    """Return shares of votes: one of each crop, and one shared out by mean probability.

    The latter decides where crops do not.
    """
    crops, classes = probabilities.shape
    votes = np.bincount(probabilities.argmax(axis=1), minlength=classes)
    shares: Floats = (votes + probabilities.mean(axis=0)) / (crops + 1)
    return shares


_AGGREGATES: Mapping[Aggregate, Callable[[Floats], Floats]] = {
    "mean_probability": lambda probabilities: probabilities.mean(axis=0),
    "mean_logit": _mean_logit,
    "max": lambda probabilities: probabilities[probabilities.max(axis=1).argmax()],
    "vote": _vote,
}
"""From probabilities of shape (crops, classes) to those of the image, shape (classes,)."""


def of_images(predictions: Iterable[Mapping[str, Any]], aggregate: Aggregate) -> Iterator[Row]:
    """Yield one prediction an image from those on its crops, which follow each other.

    Args:
        predictions: Rows of the ``predictions`` table.
        aggregate: How probabilities on the crops become those of the image.

    Yields:
        Rows of the ``predictions`` table without key of a view. Scores are logarithms of
        probabilities. Where crops have no scores, a class counts as probability 0 on a crop that
        does not have it among its most probable, but for the mean of logits.
    """
    for image_id, group in groupby(predictions, key=itemgetter("image_id")):
        crops = list(group)
        if len(crops) == 1:
            yield {**crops[0], "view_key": ""}
            continue
        has_scores = crops[0]["scores"] is not None
        yield _of_image(image_id, *_probabilities(crops), aggregate, has_scores=has_scores)


def of_image(image_id: str, logits: Floats32, aggregate: Aggregate) -> Row:
    """Return one prediction of an image from the logits on its crops, shape (crops, classes)."""
    probabilities = softmax(logits)
    classes = range(logits.shape[1])
    has_scores = len(classes) <= MAX_SCORES
    return _of_image(image_id, classes, probabilities, aggregate, has_scores=has_scores)


def _of_image(
    image_id: str,
    classes: Sequence[int],
    probabilities: Floats,
    aggregate: Aggregate,
    *,
    has_scores: bool,
) -> Row:
    combined = _AGGREGATES[aggregate](probabilities)
    order = np.argsort(-combined, kind="stable")[:TOP]
    return {
        "image_id": image_id,
        "view_key": "",
        "top": [{"class_index": classes[at], "probability": float(combined[at])} for at in order],
        "scores": np.log(np.maximum(combined, _LEAST)).tolist() if has_scores else None,
    }


def _probabilities(crops: Sequence[Mapping[str, Any]]) -> tuple[Sequence[int], Floats]:
    """Return the indices of all known classes, in order, and their probabilities on each crop."""
    if crops[0]["scores"] is not None:
        probabilities = softmax(np.array([crop["scores"] for crop in crops]))
        return range(probabilities.shape[1]), probabilities
    named = [{one["class_index"]: one["probability"] for one in crop["top"]} for crop in crops]
    classes = sorted(set().union(*named))
    return classes, np.array([[crop.get(index, 0.0) for index in classes] for crop in named])
