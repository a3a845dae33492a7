"""Predictions that were made elsewhere: the JSON files that ImageNet-Vid-Robust is scored with."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from wildframe.core.choices import Targets
from wildframe.core.errors import UserError
from wildframe.core.schemas import MANIFEST, PREDICTIONS, REVIEWS
from wildframe.core.tables import Row, read_table, write_rows
from wildframe.labels.hypernyms import read_targets
from wildframe.labels.spaces import class_wnids
from wildframe.manifests.keys import COLUMNS, frame_names
from wildframe.predictions.predict import TOP
from wildframe.sources.sets_json import require_all, score_blocks

IMPORTED = "imported"
"""The fact ``origin`` of predictions whose scores are kept as they were given."""

_LARGEST = float(np.finfo(np.float32).max)
_TOLERANCE = 1e-3
"""How far from 1 probabilities may add up, rounded as files have them."""

Floats = npt.NDArray[np.float64]


def import_predictions(
    path: Path,
    name: str,
    manifest: Path,
    targets: Targets,
    output: Path,
    reviews: Path | None = None,
) -> None:
    """Write the predictions of a file.

    Scores are kept as they were given, to single precision.

    Args:
        path: JSON file: by name of the frame (`manifests.keys.frame_names`) a list of scores, one a
            target or one a class of ImageNet-1K; logits or probabilities. Frames that are not in
            the manifest are passed over.
        name: What to call the model.
        manifest: Manifest of the dataset.
        targets: Classes by which answers are judged.
        output: Predictions to write, in the order of the file.
        reviews: Which images are examined: others need no prediction. Without, all need one.

    Raises:
        UserError: The file is absent or something else, a frame that needs a prediction is not in
            it, or a score of it is NaN, infinite or no number; names the frame.
    """
    widths = widths_of(targets)
    images = _images(manifest)
    needed = list(images)
    if reviews:
        evaluated = {
            row["image_id"]
            for row in read_table(reviews, REVIEWS, ["image_id", "accepted"]).to_pylist()
            if row["accepted"]
        }
        needed = [key for key, image_id in images.items() if image_id in evaluated]
    blocks = score_blocks(path, images, widths)
    # Which scores they are stands in the metadata, ahead of the rows.
    nothing: tuple[list[str], Floats] = ([], np.empty((0, min(widths))))
    first = next(blocks, nothing)
    of_targets = widths[first[1].shape[1]] == targets
    facts = {
        "model": name,
        "label_space": targets if of_targets else "in1k",
        "origin": IMPORTED,
    }
    rows = _rows(path, chain([first], blocks), images, needed)
    config = {"model": name, "targets": targets}
    write_rows(output, PREDICTIONS, rows, config=config, facts=facts)


def widths_of(targets: Targets) -> dict[int, str]:
    """Return how many scores a frame may have, and what they are then of."""
    widths: dict[int, str] = {len(class_wnids("in1k")): "ImageNet-1K"}
    return dict(sorted((widths | {len(read_targets(targets)): targets}).items()))


def _images(manifest: Path) -> dict[str, str]:
    """Return the image of each name that a prediction file may have."""
    images: dict[str, str] = {}
    names = frame_names(read_table(manifest, MANIFEST, COLUMNS).to_pylist())
    for image_id, name in names.items():
        if name in images:
            raise UserError(
                f"{manifest}: images {images[name]} and {image_id} would both be called "
                f"{name} in a prediction file; predictions cannot be imported for this dataset"
            )
        images[name] = image_id
    if not images:
        raise UserError(f"{manifest}: no image is in it; `wildframe manifests show` says why")
    return images


def _rows(
    path: Path,
    blocks: Iterable[tuple[list[str], Floats]],
    images: Mapping[str, str],
    needed: Sequence[str],
) -> Iterator[Row]:
    found: set[str] = set()
    for names, scores in blocks:
        found.update(names)
        _require_single_precision(path, names, scores)
        kept = scores.astype(np.float32)
        probabilities = as_probabilities(kept)
        orders = np.argsort(-kept, axis=1, kind="stable")[:, :TOP]
        for name, given, chances, order in zip(names, kept, probabilities, orders, strict=True):
            yield {
                "image_id": images[name],
                "view_key": "",
                # A class that is ruled out is none of the most probable.
                "top": [
                    {"class_index": int(index), "probability": float(chances[index])}
                    for index in order
                    if given[index] > -np.inf
                ],
                "scores": given.tolist(),
            }
    require_all(path, needed, found, "prediction")


def _require_single_precision(path: Path, names: Sequence[str], scores: Floats) -> None:
    too_large = ((np.abs(scores) > _LARGEST) & ~np.isneginf(scores)).any(axis=1)
    if too_large.any():
        raise UserError(
            f"{path}: {names[int(too_large.argmax())]}: a score is too large for single "
            "precision; look at what the model said of it"
        )


def as_probabilities(scores: npt.NDArray[np.floating[Any]]) -> Floats:
    """Return scores as probabilities: as given where they look so, otherwise their softmax.

    Args:
        scores: Shape (images, classes); minus infinity for what a model rules out. Those of a
            image look like probabilities if none is below 0 and they add up to 1.

    Returns:
        Shape (images, classes); zeros where everything is ruled out.
    """
    exact = scores.astype(np.float64)
    are_so = (exact >= 0).all(axis=1) & (np.abs(exact.sum(axis=1) - 1) <= _TOLERANCE)
    return np.where(are_so[:, None], exact, softmax(exact))


def softmax(logits: Floats) -> Floats:
    """Return the probabilities of logits; zeros for a image for which all are minus infinity.

    Args:
        logits: Shape (images, classes).
    """
    highest = logits.max(axis=1, keepdims=True)
    chances = np.exp(logits - np.where(np.isneginf(highest), 0, highest))
    sums = chances.sum(axis=1, keepdims=True)
    return chances / np.where(sums > 0, sums, 1)
