"""Review of hard images beside their nearest neighbours, before they become a benchmark.

A hard image is an anchor, and the images that a model finds most alike are its candidates: pages,
files of decisions and rules are those of sets. An image whose label is not to be trusted is a bad
anchor.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from wildframe.core.arrays import Floats32, Integers
from wildframe.core.errors import UserError
from wildframe.core.schemas import HARD_IMAGES, PREDICTIONS
from wildframe.core.tables import Row, iter_batches, read_table
from wildframe.manifests.labels import read_labels

_BLOCK = 1024
"""Images whose features are scaled, or anchors that are compared with all images, at a time."""


def nearest(features: Floats32, anchors: Sequence[int], count: int) -> Integers:
    """Return the other images that are most like each anchor, the nearest first.

    Likeness is the cosine of features that are centred over the images; of equals the first image
    is the nearer one.

    Args:
        features: Shape (images, features).
        anchors: Positions of the anchors.
        count: Neighbours of each, fewer than there are images.

    Returns:
        Positions, shape (anchors, count).
    """
    unit = features - features.mean(axis=0)
    for start in range(0, len(unit), _BLOCK):
        lengths = np.linalg.norm(unit[start : start + _BLOCK], axis=1, keepdims=True)
        unit[start : start + _BLOCK] /= np.where(lengths > 0, lengths, 1)
    found = [np.empty((0, count), np.int64)]
    for start in range(0, len(anchors), _BLOCK):
        found.append(_nearest(unit, np.asarray(anchors[start : start + _BLOCK]), count))
    return np.concatenate(found)


def _nearest(unit: Floats32, anchors: Integers, count: int) -> Integers:
    likeness = unit[anchors] @ unit.T
    likeness[np.arange(len(anchors)), anchors] = -np.inf
    found = np.empty((len(anchors), count), np.int64)
    # One by one: positions take twice the memory of what they order.
    for nearest_ones, of_one in zip(found, likeness, strict=True):
        nearest_ones[:] = np.argsort(-of_one, kind="stable")[:count]
    return found


def candidate_sets(hard: Path, predictions: Path, manifest: Path, count: int) -> list[Row]:
    """Return the rows of SETS of the hard images, each with its nearest images.

    Args:
        hard: HARD_IMAGES.
        predictions: PREDICTIONS of a model on whole images, whose logits are the features.
        manifest: Manifest of the dataset.
        count: Neighbours of each hard image, at most.

    Raises:
        UserError: No image is hard, one has no prediction, the predictions have no logits or are of
            several crops, or there is a single image; names it.
    """
    ids, features = _read_logits(predictions)
    place = {image_id: at for at, image_id in enumerate(ids)}
    listed = read_table(hard, HARD_IMAGES, ["image_id", "hard"]).to_pylist()
    anchors = sorted(row["image_id"] for row in listed if row["hard"])
    if not anchors:
        raise UserError(f"{hard}: no image is hard: models solve each of them on some crop")
    labels = read_labels(manifest)
    for file, known in ((predictions, place.keys()), (manifest, labels.keys())):
        if missing := [image_id for image_id in (*anchors, *place) if image_id not in known]:
            raise UserError(f"{file}: image {missing[0]} is not in it; name files of one dataset")
    found = nearest(features, [place[name] for name in anchors], min(count, len(ids) - 1))
    return [
        {"anchor_id": anchor, "image_id": image_id, "offset": rank, "labels": labels[image_id]}
        for anchor, others in zip(anchors, found.tolist(), strict=True)
        for rank, image_id in enumerate([anchor, *(ids[at] for at in others)])
    ]


def _read_logits(predictions: Path) -> tuple[list[str], Floats32]:
    """Return the images of predictions and their logits, shape (images, classes).

    Raises:
        UserError: The predictions have no logits, are of several crops, or of a single image.
    """
    lacking = UserError(
        f"{predictions}: neighbours need the logits of several images, one row each; name "
        "predictions of a model of ImageNet-1K under a view of one crop"
    )
    ids = read_table(predictions, PREDICTIONS, ["image_id"])["image_id"].to_pylist()
    if len(set(ids)) < max(2, len(ids)):
        raise lacking
    logits = np.empty((len(ids), 0), np.float32)
    start = 0
    for batch in iter_batches(predictions, PREDICTIONS, ["scores"], _BLOCK):
        scores = batch["scores"]
        if scores.null_count:
            raise lacking
        of_batch = scores.flatten().to_numpy().reshape(len(batch), -1)
        if not start:
            logits = np.empty((len(ids), of_batch.shape[1]), np.float32)
        logits[start : start + len(batch)] = of_batch
        start += len(batch)
    return ids, logits
