"""Per-image results of one model: correct or incorrect by each rule, with probabilities."""

import math
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from wildframe.core.errors import UserError
from wildframe.core.tables import Row
from wildframe.scores.predicted import KS, Prediction

Relatives = Mapping[str, Collection[str]]


def any_of(top: Sequence[str | None], correct: Collection[str], k: int) -> bool:
    """Tell whether any correct class is among the first ``k`` predicted classes.

    Source: *Egocentric Data as Natural Adversarial Examples*, D: "any of" classification.
    """
    return any(wnid in correct for wnid in top[:k])


def top_probabilities(results: Iterable[Mapping[str, Any]]) -> list[float] | None:
    """Return the probability of each first prediction; None if external ones come without.

    It is 0 where nothing is predicted.
    """
    found = [row["top"][0]["probability"] if row["top"] else 0.0 for row in results]
    return None if None in found else found


def relatives_of(
    classes: Iterable[Mapping[str, Any]], labels: Collection[str]
) -> dict[str, set[str]]:
    """Return the ancestors and descendants of each label that has some, by wnid.

    Args:
        classes: Rows of the ``classes`` table, of every label space: a label and a prediction may
            be of two spaces, and a space lists only those ancestors that are classes of its own.
        labels: Labels of the images.
    """
    relatives: dict[str, set[str]] = defaultdict(set)
    for row in classes:
        for ancestor in row["ancestors"]:
            if row["wnid"] in labels:
                relatives[row["wnid"]].add(ancestor)
            if ancestor in labels:
                relatives[ancestor].add(row["wnid"])
    return relatives


def score_images(
    path: Path,
    predictions: Iterable[Prediction],
    images: Iterable[Row],
    known: Collection[str],
    relatives: Relatives,
) -> Iterator[Row]:
    """Yield the rows of ``IMAGE_RESULTS`` of one model, in the order of its predictions.

    Args:
        path: Predictions file, for messages.
        predictions: Its predictions; those of known images that are not evaluated are ignored.
        images: Rows of `evaluated`; an image may be in several sets.
        known: Images that predictions may be of.
        relatives: Ancestors and descendants of each class.

    Raises:
        UserError: An image has no prediction or several of one view, or a prediction is of no known
            image.
    """
    rows: dict[str, list[Row]] = defaultdict(list)
    for image in images:
        rows[image["image_id"]].append(image)
    seen: set[tuple[str, str]] = set()
    for prediction in predictions:
        key = (prediction.image_id, prediction.view_key)
        if key in seen:
            view = f" of view {key[1]}" if key[1] else ""
            raise UserError(
                f"{path}: image {key[0]} has several predictions{view}; delete it and rerun"
            )
        seen.add(key)
        for image in rows.get(prediction.image_id, ()):
            yield {**image, **_result(image, prediction, relatives)}
    predicted = {image_id for image_id, _ in seen}
    for faulty, problem in (
        (rows.keys() - predicted, "is evaluated but has no prediction"),
        (predicted - set(known), "is not a readable image of the manifest"),
    ):
        if faulty:
            raise UserError(
                f"{path}: image {min(faulty)} {problem} ({len(faulty)} such); delete it and rerun, "
                "or correct the file that it was imported from"
            )


def require_first(path: Path, rows: Iterable[Row]) -> Iterator[Row]:
    """Yield the rows of `score_images`.

    Raises:
        UserError: A list of classes does not tell the first prediction; names the image.
    """
    for row in rows:
        if row["correct_top1"] is None:
            raise UserError(
                f"{path}: image {row['image_id']} lists none of the classes that can be predicted, "
                "so that the first of these is not known; give the scores of all classes in the "
                "file that it was imported from, or list more, or classes of the data set's labels"
            )
        yield row


def _result(image: Row, prediction: Prediction, relatives: Relatives) -> Row:
    """Return the columns that depend on the model."""
    labels, kept = image["labels"], image["kept_labels"]
    neighbours = set(labels).union(*(relatives.get(wnid, ()) for wnid in labels))
    top = [one["wnid"] for one in prediction.top]
    shares = [prediction.confidences.get(wnid, -math.inf) for wnid in labels]
    of_labels = max(shares, default=-math.inf)
    row: Row = {
        "view_key": prediction.view_key,
        "top": prediction.top,
        "predicted": prediction.predicted,
        "confidence": prediction.predicted and prediction.confidences.get(prediction.predicted),
        "label_confidence": None if of_labels == -math.inf else of_labels,
    }
    for k in KS:
        is_known = k <= prediction.known_to
        row[f"correct_top{k}"] = any_of(top, labels, k) if is_known else None
        row[f"tree_top{k}"] = any_of(top, neighbours, k) if is_known else None
        row[f"sense_top{k}"] = any_of(top, kept, k) if kept and is_known else None
    return row
