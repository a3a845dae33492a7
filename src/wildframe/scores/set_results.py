"""Whether a model is correct on each evaluated frame of each set, and how confident."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import numpy as np

from wildframe.core.choices import Targets
from wildframe.core.errors import UserError
from wildframe.core.tables import Row
from wildframe.labels.hypernyms import read_targets
from wildframe.labels.projection import NO_TARGET
from wildframe.scores.predicted import Predicted


def dataset_and_videos(path: Path, manifest: Sequence[Row]) -> tuple[str, dict[str, str]]:
    """Return the dataset of a manifest's rows, and the video of each of its images.

    Raises:
        UserError: There is no image.
    """
    if not manifest:
        raise UserError(f"{path}: no image is in it; `wildframe manifests show` says why")
    videos = {row["image_id"]: row["video_id"] or row["group_id"] for row in manifest}
    return manifest[0]["dataset"], videos


def score_sets(
    path: Path,
    predicted: Iterable[Predicted],
    reviews: Sequence[Row],
    videos: Mapping[str, str],
    label_space: Targets,
) -> list[Row]:
    """Return the rows of ``SET_RESULTS``, in the order of the reviews.

    Args:
        path: Predictions, for messages.
        predicted: Predictions of the images, block by block.
        reviews: Accepted rows of ``REVIEWS``.
        videos: Video of each image.
        label_space: Label space of the dataset.

    Raises:
        UserError: An image has no prediction or several, or no video; names it.
    """
    wnids = [target.wnid for target in read_targets(label_space)]
    index_of = {wnid: index for index, wnid in enumerate(wnids) if wnid}
    wanted: dict[str, list[int]] = defaultdict(list)
    for position, row in enumerate(reviews):
        if row["image_id"] not in videos:
            raise UserError(
                f"image {row['image_id']} of the reviews is not in the manifest; name the "
                "manifest of the same dataset"
            )
        if unknown := [wnid for wnid in row["labels"] if wnid not in index_of]:
            raise UserError(
                f"image {row['image_id']} of the reviews: its label {unknown[0]} is not in "
                f"{label_space}; name the label space that the sets were made with"
            )
        wanted[row["image_id"]].append(position)
    if not wanted:
        raise UserError("the reviews accept no frame, so that there is nothing to score")
    scored: dict[int, Row] = {}
    for block in predicted:
        for number, image_id in enumerate(block.image_ids):
            for position in wanted.get(image_id, ()):
                if position in scored:
                    raise UserError(
                        f"{path}: image {image_id} is predicted twice; delete it and rerun"
                    )
                row = reviews[position]
                scored[position] = {
                    "anchor_id": row["anchor_id"],
                    "image_id": image_id,
                    "video_id": videos[image_id],
                    "offset": row["offset"],
                    "labels": row["labels"],
                    **_prediction(block, number, [index_of[wnid] for wnid in row["labels"]], wnids),
                }
    missing = [image_id for image_id, rows in wanted.items() if rows[0] not in scored]
    if missing:
        raise UserError(
            f"{path}: image {missing[0]} is evaluated but has no prediction ({len(missing)} "
            "such); delete it and rerun, or add them to the file that it was imported from"
        )
    return [scored[position] for position in range(len(reviews))]


def _prediction(
    block: Predicted, number: int, labels: Sequence[int], wnids: Sequence[str | None]
) -> Row:
    target, confidences = int(block.targets[number]), block.confidences[number]
    of_labels = max((float(confidences[label]) for label in labels), default=-np.inf)
    predicted = None if target == NO_TARGET else wnids[target]
    return {
        "predicted": predicted,
        "confidence": None if predicted is None else float(confidences[target]),
        "label_confidence": None if of_labels == -np.inf else of_labels,
        "correct": predicted is not None and target in labels,
    }
