"""How well confidence tells images of no known class from images of known ones."""

from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path

import numpy as np

from wildframe.core.arrays import Floats
from wildframe.core.choices import PredictedSpace
from wildframe.core.errors import UserError
from wildframe.core.schemas import PREDICTIONS
from wildframe.core.tables import Row, model_of, read_facts
from wildframe.labels.spaces import class_wnids
from wildframe.manifests.labels import read_labels
from wildframe.predictions import own_wnids
from wildframe.predictions.blocks import iter_blocks
from wildframe.scores.predicted import among, probabilities_of

RECALL = 0.95
"""Share of unknown images that are found where false alarms are counted."""


def separation(outside: Floats, inside: Floats) -> Row:
    """Return AUROC, average precision and FPR95 of the images outside, which are to be found.

    An image is the more suspicious the lower its confidence. FPR95 is the share of images inside
    that are as suspicious as the 95 % most suspicious images outside.

    Args:
        outside: Confidence on images of no known class, shape (m,), m at least 1.
        inside: Confidence on images of known classes, shape (n,), n at least 1.

    Returns:
        ``auroc``, ``aupr`` and ``fpr95``, in [0, 1], and the counts ``outside`` and ``inside``.
    """
    suspicion = -np.concatenate([outside, inside])
    is_outside = np.arange(len(suspicion)) < len(outside)
    # Images of equal confidence enter the curves together.
    levels, level = np.unique(-suspicion, return_inverse=True)
    found = np.cumsum(np.bincount(level[is_outside], minlength=len(levels)))
    alarms = np.cumsum(np.bincount(level[~is_outside], minlength=len(levels)))
    recall = np.concatenate([[0.0], found / len(outside)])
    false_rate = np.concatenate([[0.0], alarms / len(inside)])
    precision = found / (found + alarms)
    return {
        "auroc": float(np.trapezoid(recall, false_rate)),
        "aupr": float(np.diff(recall) @ precision),
        "fpr95": float(false_rate[np.searchsorted(recall, RECALL)]),
        "outside": len(outside),
        "inside": len(inside),
    }


def read_confidences(
    predictions: Path, images: Collection[str], classes: Collection[str] | None
) -> dict[str, float]:
    """Return the probability of the predicted class by image, among some classes.

    Args:
        predictions: Predictions of one model, with the logits of all its classes.
        images: Images to read.
        classes: wnids that can be predicted; all of the model's if None.

    Raises:
        UserError: The predictions have no logits, none of the classes, none of the images, or
            several of one.
    """
    facts = read_facts(predictions, PREDICTIONS)
    wnids: Sequence[str | None] = own_wnids(facts) or class_wnids(facts["label_space"])
    kept = [at for at, wnid in enumerate(wnids) if classes is None or wnid in classes]
    if not kept:
        raise UserError(
            f"{predictions}: its model has none of the classes of the manifest; name the manifest "
            "of the same label space"
        )
    pairs = [*_highest(predictions, set(images), probabilities_of(facts), kept)]
    found = dict(pairs)
    if len(found) < len(pairs):
        raise UserError(
            f"{predictions}: images have several predictions; name those of a view with one crop "
            "of each image"
        )
    if not found:
        raise UserError(f"{predictions}: it has no image of the manifest; name the right manifest")
    return found


def _highest(
    path: Path,
    images: Collection[str],
    probabilities: Callable[[Floats], Floats],
    kept: Sequence[int],
) -> Iterator[tuple[str, float]]:
    for block in iter_blocks(path):
        if block.scores is None:
            raise UserError(
                f"{path}: logits are not kept in label spaces of more than 1,000 classes; choose "
                "another model"
            )
        rows = [at for at, image_id in enumerate(block.image_ids) if image_id in images]
        scores = block.scores[rows].astype(np.float64)
        highest = among(kept, probabilities(scores)).max(axis=1)
        yield from zip((block.image_ids[at] for at in rows), highest.tolist(), strict=True)


def _read_all(
    paths: Sequence[Path], images: Collection[str], classes: Collection[str] | None
) -> list[Floats]:
    """Return `read_confidences` of each model's file, of the same images in the same order."""
    found = {path: read_confidences(path, images, classes) for path in paths}
    predicted = sorted({image_id for confidences in found.values() for image_id in confidences})
    for path, confidences in found.items():
        if missing := [image_id for image_id in predicted if image_id not in confidences]:
            raise UserError(
                f"{path}: image {missing[0]} has no prediction ({len(missing)} such), but another "
                "model has; predict the same images"
            )
    return [np.array([found[path][image_id] for image_id in predicted]) for path in paths]


def score_pairs(
    outside: Sequence[Path],
    outside_manifest: Path,
    inside: Sequence[Path],
    inside_manifest: Path,
    label_space: PredictedSpace,
) -> list[Row]:
    """Return the rows of the ``separations`` table: `separation` by the confidence of each model.

    Images inside are those of the classes that the images outside are listed under.

    Source: Hendrycks et al., *Natural Adversarial Examples*, 2021: ImageNet-O against the images
    of ImageNet of its 200 classes, by the softmax over these classes.

    Args:
        outside: Predictions of each model on images of no known class.
        outside_manifest: Manifest of these images.
        inside: Predictions of the same models on images of known classes.
        inside_manifest: Manifest of those images.
        label_space: Whether only these classes can be predicted, or all of a model's.

    Raises:
        UserError: The files are not of the same models, a model lacks an image that another has,
            and as in `read_confidences`.
    """
    unknown, known = (read_labels(manifest) for manifest in (outside_manifest, inside_manifest))
    classes = {wnid for labels in unknown.values() for wnid in labels}
    of_classes = [image_id for image_id, labels in known.items() if classes.intersection(labels)]
    possible = classes if label_space == "subset" else None
    models = [[model_of(path, PREDICTIONS) for path in paths] for paths in (outside, inside)]
    if models[0] != models[1]:
        raise UserError(
            f"--outside is of {', '.join(models[0])}, --inside of {', '.join(models[1])}; name "
            "both files of each model, in the same order"
        )
    of_unknown = _read_all(outside, unknown, possible)
    of_known = _read_all(inside, of_classes, possible)
    return [
        {"model": model, "label_space": label_space, "classes": len(classes)} | separation(*both)
        for model, *both in zip(models[0], of_unknown, of_known, strict=True)
    ]
