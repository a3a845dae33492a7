"""Per-image results of one model: correct or incorrect by each rule, with probabilities."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from wildframe.core.errors import UserError
from wildframe.core.tables import Row
from wildframe.labels.mapping import head
from wildframe.labels.senses import SenseTable

KS = (1, 5)
"""A prediction is correct if a label is among the first k classes."""

Relatives = Mapping[str, Collection[str]]


def any_of(top: Sequence[str], correct: Collection[str], k: int) -> bool:
    """Tell whether any correct class is among the first ``k`` predicted classes.

    Source: *Egocentric Data as Natural Adversarial Examples*, D: "any of" classification.
    """
    return any(wnid in correct for wnid in top[:k])


def top_probabilities(results: Iterable[Mapping[str, Any]]) -> list[float] | None:
    """Return the probability of each first prediction; None if external ones come without."""
    found = [row["top"][0]["probability"] for row in results]
    return None if None in found else found


def relatives_of(classes: Iterable[Mapping[str, Any]]) -> dict[str, set[str]]:
    """Return the ancestors and descendants of each class, by wnid.

    Args:
        classes: Rows of the ``classes`` table, of every label space: a label and a prediction may
            be of two spaces, and a space lists only those ancestors that are classes of its own.
    """
    relatives: dict[str, set[str]] = {}
    for row in classes:
        for ancestor in row["ancestors"]:
            relatives.setdefault(row["wnid"], set()).add(ancestor)
            relatives.setdefault(ancestor, set()).add(row["wnid"])
    return relatives


def doubtful_labels(image: Mapping[str, Any], senses: SenseTable) -> list[str]:
    """Return the labels of a row of the manifest that are a wrong sense of its noun in a table.

    The table is applied here and not in the manifest, so that editing it decodes no frame again. An
    image without a noun has no doubtful label.
    """
    if not image["nouns"]:
        return []
    noun = image["nouns"][0]
    return [
        wnid
        for wnid, word in zip(image["labels"], image["words"], strict=True)
        if senses.drops((noun.casefold(), head(noun)), word, wnid)
    ]


def score_images(
    path: Path,
    predictions: Iterable[Mapping[str, Any]],
    manifest: Iterable[Mapping[str, Any]],
    unreadable: Collection[str],
    wnids: Sequence[str],
    relatives: Relatives,
) -> Iterator[Row]:
    """Yield the rows of the ``image_results`` table of one model, in the order of its predictions.

    Args:
        path: Predictions file, for messages.
        predictions: Its rows.
        manifest: Rows of the manifest, each with its ``doubtful_labels``.
        unreadable: Images whose frame could not be read; they are not evaluated.
        wnids: The model's own class list, by class index.
        relatives: Ancestors and descendants of each class.

    Raises:
        UserError: An image has no prediction or several of one view, a prediction has no image, or
            an index is not in the class list.
    """
    images = {row["image_id"]: row for row in manifest}
    rows = _matched(path, predictions, images.keys() - set(unreadable))
    for (image_id, view_key), row in rows.items():
        top = [
            {"wnid": _wnid(path, one["class_index"], wnids), "probability": one["probability"]}
            for one in row["top"][: max(KS)]
        ]
        yield {
            "image_id": image_id,
            "view_key": view_key,
            "top": top,
            **_of_image(images[image_id]),
            **_correct(images[image_id], [one["wnid"] for one in top], relatives),
        }


def _matched(
    path: Path, predictions: Iterable[Mapping[str, Any]], expected: Collection[str]
) -> dict[tuple[str, str], Mapping[str, Any]]:
    """Return the predictions by image and view, which must be those of the images expected."""
    rows: dict[tuple[str, str], Mapping[str, Any]] = {}
    for row in predictions:
        key = (row["image_id"], row["view_key"])
        if key in rows:
            view = f" of view {key[1]}" if key[1] else ""
            raise UserError(
                f"{path}: image {key[0]} has several predictions{view}; delete it and rerun"
            )
        rows[key] = row
    predicted = {image_id for image_id, _ in rows}
    for faulty, problem in (
        (set(expected) - predicted, "has no prediction"),
        (predicted - set(expected), "is not a readable image of the manifest"),
    ):
        if faulty:
            raise UserError(
                f"{path}: image {min(faulty)} {problem} ({len(faulty)} such); delete it and rerun"
            )
    if not rows:
        raise UserError(
            f"{path}: no image could be evaluated; check the data with `wildframe doctor`"
        )
    return rows


def _wnid(path: Path, index: int, wnids: Sequence[str]) -> str:
    if not 0 <= index < len(wnids):
        raise UserError(
            f"{path}: class index {index} is not in the model's class list of {len(wnids)}; "
            "delete it and rerun"
        )
    return wnids[index]


def _of_image(image: Mapping[str, Any]) -> Row:
    """Return the columns that do not depend on the model."""
    if not image["labels"]:
        raise UserError(
            f"image {image['image_id']} of the manifest has no label; an evaluated image needs one"
        )
    return {
        "group_id": image["group_id"],
        "video_id": image["video_id"],
        "role": image["role"],
        "noun": image["nouns"][0] if image["nouns"] else None,
        "labels": image["labels"],
        "kept_labels": _kept(image),
        "box_area": first_box_area(image),
    }


def _kept(image: Mapping[str, Any]) -> list[str]:
    return [wnid for wnid in image["labels"] if wnid not in image["doubtful_labels"]]


def _correct(image: Mapping[str, Any], top: Sequence[str], relatives: Relatives) -> Row:
    labels, kept = image["labels"], _kept(image)
    neighbours = set(labels).union(*(relatives.get(wnid, ()) for wnid in labels))
    row: Row = {}
    for k in KS:
        row[f"correct_top{k}"] = any_of(top, labels, k)
        row[f"tree_top{k}"] = any_of(top, neighbours, k)
        row[f"sense_top{k}"] = any_of(top, kept, k) if kept else None
    return row


def first_box_area(image: Mapping[str, Any]) -> float | None:
    """Return the share of an image, 0 to 1, that its first box covers; None without box or size.

    Args:
        image: Row of the manifest: boxes in pixels of a frame of width x height.
    """
    if not image["boxes"] or not image["width"] or not image["height"]:
        return None
    return box_area(image["boxes"][0], image["width"], image["height"])


def box_area(box: Mapping[str, float], width: int, height: int) -> float:
    """Return the share of an image, 0 to 1, that a box covers; all sizes are in pixels."""
    across = min(box["x"] + box["width"], width) - max(box["x"], 0)
    down = min(box["y"] + box["height"], height) - max(box["y"], 0)
    return max(across, 0) * max(down, 0) / (width * height)
