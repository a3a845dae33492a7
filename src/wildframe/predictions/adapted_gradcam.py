"""Grad-CAM before and after adaptation, of images whose predicted class adaptation changes."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from wildframe.core.errors import UserError
from wildframe.core.schemas import GRADCAMS
from wildframe.core.tables import Row, write_rows
from wildframe.frames.preprocessing import ShownImage
from wildframe.predictions.blocks import Block, iter_blocks
from wildframe.predictions.gradcam import (
    Explainer,
    map_row,
    names_of,
    require_gradients,
)
from wildframe.predictions.memo import (
    AdaptedInference,
    adapted_weights,
    mixed_statistics,
    weights_of,
)
from wildframe.predictions.zoom import Classes

if TYPE_CHECKING:
    import torch


def changed_images(before: Path, after: Path, classes: Classes) -> set[str]:
    """Return the images of which the predicted class differs between two ``PREDICTIONS``.

    Args:
        before: Of the model itself.
        after: Of the adapted model.
        classes: Which of the model's classes can be predicted, and what each counts as.

    Raises:
        UserError: They are of different images.
    """
    first, second = (_predicted(path, classes) for path in (before, after))
    if first.keys() != second.keys():
        image_id, _ = min(first.keys() ^ second.keys())
        raise UserError(
            f"{after}: image {image_id} is in only one of it and {before}; name predictions of one "
            "model on the same images"
        )
    return {image_id for (image_id, key), one in first.items() if second[image_id, key] != one}


def _predicted(path: Path, classes: Classes) -> dict[tuple[str, str], str | None]:
    """Return what is predicted of each image and crop: None if it is no class that can be."""
    found: dict[tuple[str, str], str | None] = {}
    for block in iter_blocks(path):
        keys = zip(block.image_ids, block.view_keys, strict=True)
        found |= zip(keys, map(classes.best, _ranked(block)), strict=True)
    return found


def _ranked(block: Block) -> Iterator[Iterable[int]]:
    """Yield the classes of each image, the most probable first, as far as they are known."""
    if block.scores is None:
        return ((index for index, _ in listed) for listed in block.listed())
    return iter(np.argsort(-block.scores, axis=1, kind="stable").tolist())


def adapted_gradcam(
    adapted: AdaptedInference, images: Iterable[ShownImage], classes: Classes, output: Path
) -> None:
    """Write two maps of every image: of the class predicted before, and of that predicted after.

    Args:
        adapted: The model.
        images: Those to explain.
        classes: As for `changed_images`.
        output: ``GRADCAMS`` to write.

    Raises:
        UserError: The gradient at the layer is zero.
    """
    write_rows(
        output,
        GRADCAMS,
        _rows(adapted, images, names_of(adapted.inference, classes)),
        config={"model": adapted.entry.name},
        facts=adapted.facts | {"gradcam_layer": str(adapted.entry.gradcam_layer)},
    )


def _rows(
    adapted: AdaptedInference, images: Iterable[ShownImage], names: Sequence[str]
) -> Iterator[Row]:
    import torch

    settings, model = adapted.settings, adapted.inference.model
    explainer = Explainer.of(adapted.inference)
    weights = weights_of(model)

    def explained(key: tuple[str, str, str], logits: "torch.Tensor") -> Row:
        best = logits[0, adapted.classes].argmax().item()
        index = adapted.classes[int(best)]
        maps, gradients = explainer.maps(logits, [index])
        require_gradients(adapted.entry, gradients)
        return map_row(key, names[index], maps[0])

    for (image_id,), (view_key,), copies, image in adapted.inputs(images, 1):
        yield explained((image_id, view_key, "before"), explainer.forward(image))
        with mixed_statistics(model, settings.prior_strength):
            with torch.no_grad():
                after = adapted_weights(
                    model, weights, copies[0], settings.lr, settings.steps, adapted.classes
                )
            yield explained((image_id, view_key, "after"), explainer.forward(image, after))
