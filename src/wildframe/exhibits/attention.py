"""Grad-CAM maps over the images that models were shown."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from wildframe.core.errors import UserError
from wildframe.exhibits.panels import COLORMAP, CORRECT, INCORRECT, write_above
from wildframe.frames.encode import Pixels
from wildframe.frames.preprocessing import Preprocessed, Preprocessing, read_preprocessed

OWN_SCALE = "Each map has a scale of its own: from black, zero, to pale yellow, its maximum."


@dataclass(frozen=True)
class Attention:
    """A model's prediction on an image, and its Grad-CAM map.

    Attributes:
        shown: The preprocessed image, RGB uint8 of shape (crop, crop, 3).
        map: Grad-CAM of the predicted class, of shape (height, width), not negative.
        predicted: wnid of the predicted class.
        probability: Probability of the predicted class.
        correct: Whether the predicted class is a label.
    """

    shown: Pixels
    map: npt.NDArray[np.float32]
    predicted: str
    probability: float
    correct: bool


def read_shown(path: Path) -> Preprocessed:
    """Read preprocessed images; their preprocessing is the name of the file."""
    return read_preprocessed(path, Preprocessing.parse(path.stem))


def attention_of(
    model: str, shown: Pixels, gradcam: Mapping[str, Any], result: Mapping[str, Any]
) -> Attention:
    """Combine map and result of a model on one image.

    Args:
        model: Model of the zoo, for messages.
        shown: The preprocessed image, RGB uint8 of shape (crop, crop, 3).
        gradcam: Row of ``gradcams`` of the predicted class.
        result: Row of ``image_results``.

    Raises:
        UserError: The target of the map is none of the five most probable classes.
    """
    probabilities = {one["wnid"]: one["probability"] for one in result["top"]}
    target = gradcam["target"]
    if target not in probabilities:
        raise UserError(
            f"{model}: the Grad-CAM map of image {gradcam['image_id']} explains {target}, which "
            "the model does not predict; delete its .gradcam.parquet and rerun"
        )
    values = np.array(gradcam["map"], np.float32).reshape(gradcam["height"], gradcam["width"])
    correct = target in result["labels"]
    return Attention(shown, values, target, probabilities[target], correct)


def draw_attention(
    axis: Any, attention: Attention, class_names: Mapping[str, str], width: float
) -> None:
    """Draw a map over its image, and the prediction above it, ``width`` inches wide."""
    axis.axis("off")
    side = len(attention.shown)
    extent = (-0.5, side - 0.5, side - 0.5, -0.5)
    axis.imshow(attention.shown, extent=extent, interpolation="antialiased")
    # A map that is zero everywhere stays black.
    highest = float(attention.map.max()) or 1.0
    axis.imshow(
        attention.map,
        extent=extent,
        interpolation="bilinear",
        cmap=COLORMAP,
        vmin=0,
        vmax=highest,
        alpha=0.5,
    )
    verdict, color = ("correct", CORRECT) if attention.correct else ("incorrect", INCORRECT)
    lines = [class_names[attention.predicted], f"{verdict}, p = {attention.probability:.2f}"]
    write_above(axis, lines, width, color)
