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
from wildframe.core.tables import Row, read_table
from wildframe.manifests.labels import read_labels

_BLOCK = 1024
"""Anchors that are compared with all images at a time."""


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
    centred = features - features.mean(axis=0)
    lengths = np.linalg.norm(centred, axis=1, keepdims=True)
    unit = centred / np.where(lengths > 0, lengths, 1)
    found = [np.empty((0, count), np.int64)]
    for start in range(0, len(anchors), _BLOCK):
        block = np.asarray(anchors[start : start + _BLOCK])
        likeness = unit[block] @ unit.T
        likeness[np.arange(len(block)), block] = -np.inf
        found.append(np.argsort(-likeness, axis=1, kind="stable")[:, :count])
    return np.concatenate(found)


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
    rows = read_table(predictions, PREDICTIONS, ["image_id", "scores"]).to_pylist()
    place = {row["image_id"]: at for at, row in enumerate(rows)}
    if len(place) < max(2, len(rows)) or any(row["scores"] is None for row in rows):
        raise UserError(
            f"{predictions}: neighbours need the logits of several images, one row each; name "
            "predictions of a model of ImageNet-1K under a view of one crop"
        )
    listed = read_table(hard, HARD_IMAGES, ["image_id", "hard"]).to_pylist()
    anchors = sorted(row["image_id"] for row in listed if row["hard"])
    if not anchors:
        raise UserError(f"{hard}: no image is hard: models solve each of them on some crop")
    labels = read_labels(manifest)
    for file, known in ((predictions, place.keys()), (manifest, labels.keys())):
        if missing := [image_id for image_id in (*anchors, *place) if image_id not in known]:
            raise UserError(f"{file}: image {missing[0]} is not in it; name files of one dataset")
    ids = list(place)
    features = np.array([row["scores"] for row in rows], np.float32)
    found = nearest(features, [place[name] for name in anchors], min(count, len(ids) - 1))
    return [
        {"anchor_id": anchor, "image_id": image_id, "offset": rank, "labels": labels[image_id]}
        for anchor, others in zip(anchors, found.tolist(), strict=True)
        for rank, image_id in enumerate([anchor, *(ids[at] for at in others)])
    ]
