"""External predictions: the JSON files of ImageNet-Vid-Robust's own evaluation."""

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

EXTERNAL = "external"
"""The ``origin`` in the metadata of external predictions, whose scores are kept as given."""

_LARGEST = float(np.finfo(np.float32).max)
_TOLERANCE = 1e-3
"""Deviation from 1 of the sum of probabilities that are rounded in files."""

Floats = npt.NDArray[np.float64]


def import_predictions(
    path: Path,
    name: str,
    manifest: Path,
    label_space: Targets,
    output: Path,
    reviews: Path | None = None,
) -> None:
    """Write the predictions of a file, in its order, with their scores in single precision.

    Args:
        path: JSON file: by name of the frame (`manifests.keys.frame_names`) a list of scores, one a
            class of the label space or of ImageNet-1K; logits or probabilities. Frames that are
            not in the manifest are ignored.
        name: Name of the model.
        manifest: Manifest of the dataset.
        label_space: Label space of the dataset.
        output: Table to write.
        reviews: Only evaluated images need a prediction; all, if None.

    Raises:
        UserError: The file is absent or something else, a frame that needs a prediction is not in
            it, or a score of it is NaN, infinite or no number; names the frame.
    """
    widths = widths_of(label_space)
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
    # The metadata, which tells the label space of the scores, is written before the rows.
    nothing: tuple[list[str], Floats] = ([], np.empty((0, min(widths))))
    first = next(blocks, nothing)
    facts = {"model": name, "label_space": widths[first[1].shape[1]], "origin": EXTERNAL}
    rows = _rows(path, chain([first], blocks), images, needed)
    config = {"model": name, "label_space": label_space}
    write_rows(output, PREDICTIONS, rows, config=config, facts=facts)


def widths_of(label_space: Targets) -> dict[int, str]:
    """Return the numbers of scores that a frame may have, with the label space of each."""
    widths = {len(class_wnids("in1k")): "in1k", len(read_targets(label_space)): label_space}
    return dict(sorted(widths.items()))


def _images(manifest: Path) -> dict[str, str]:
    """Return the image of each frame name that a prediction file may have."""
    images: dict[str, str] = {}
    names = frame_names(read_table(manifest, MANIFEST, COLUMNS).to_pylist())
    for image_id, name in names.items():
        if name in images:
            raise UserError(
                f"{manifest}: images {images[name]} and {image_id} would both be named {name} in a "
                "prediction file; external predictions are not possible for this dataset"
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
    imported: set[str] = set()
    for names, scores in blocks:
        imported.update(names)
        _require_single_precision(path, names, scores)
        kept = scores.astype(np.float32)
        probabilities = as_probabilities(kept)
        orders = np.argsort(-kept, axis=1, kind="stable")[:, :TOP]
        for name, given, probability, order in zip(names, kept, probabilities, orders, strict=True):
            yield {
                "image_id": images[name],
                "view_key": "",
                "top": [
                    {"class_index": int(index), "probability": float(probability[index])}
                    for index in order
                    if given[index] > -np.inf  # an excluded class is not among the most probable
                ],
                "scores": given.tolist(),
            }
    require_all(path, needed, imported, "prediction")


def _require_single_precision(path: Path, names: Sequence[str], scores: Floats) -> None:
    too_large = ((np.abs(scores) > _LARGEST) & ~np.isneginf(scores)).any(axis=1)
    if too_large.any():
        raise UserError(
            f"{path}: {names[int(too_large.argmax())]}: a score is too large for single "
            "precision; check the file"
        )


def as_probabilities(scores: npt.NDArray[np.floating[Any]]) -> Floats:
    """Return scores of shape (images, classes) as probabilities.

    They are the scores themselves where none is below 0 and their sum is 1, otherwise the softmax.
    Minus infinity excludes a class; if all are excluded, the probabilities are 0.
    """
    exact = scores.astype(np.float64)
    given = (exact >= 0).all(axis=1) & (np.abs(exact.sum(axis=1) - 1) <= _TOLERANCE)
    return np.where(given[:, None], exact, softmax(exact))


def softmax(logits: Floats) -> Floats:
    """Return the softmax of each row; zeros where all logits are minus infinity."""
    highest = logits.max(axis=1, keepdims=True)
    weights = np.exp(logits - np.where(np.isneginf(highest), 0, highest))
    sums = weights.sum(axis=1, keepdims=True)
    return weights / np.where(sums > 0, sums, 1)
