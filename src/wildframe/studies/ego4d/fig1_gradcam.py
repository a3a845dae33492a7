"""Fig. 1: where several models look, side by side, by Grad-CAM of the class they predict."""

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from wildframe.core.errors import UserError
from wildframe.exhibits.figure import add_notes, pyplot, save
from wildframe.frames.encode import Pixels
from wildframe.studies.ego4d.fig3_gallery import show_boxes

PICTURES = 4
"""As many as the paper shows."""

RIGHT, WRONG = "#1a7f37", "#b3261e"


@dataclass(frozen=True)
class Attention:
    """What a model made of a picture, and where it looked for it.

    Attributes:
        shown: What the model was shown, RGB uint8 of shape (crop, crop, 3).
        map: Grad-CAM of the predicted class, of shape (height, width), not negative.
        predicted: wnid of the predicted class.
        probability: Of the predicted class.
        right: Whether the predicted class is a label.
    """

    shown: Pixels
    map: npt.NDArray[np.float32]
    predicted: str
    probability: float
    right: bool


def attention_of(
    model: str, shown: Pixels, gradcam: Mapping[str, Any], outcome: Mapping[str, Any]
) -> Attention:
    """Bring together what is known of a model and a picture.

    Args:
        model: Model of the zoo, for messages.
        shown: What the model was shown, RGB uint8 of shape (crop, crop, 3).
        gradcam: Row of ``gradcams`` of the predicted class.
        outcome: Row of ``outcomes``.

    Raises:
        UserError: The class that the map explains is none of the five most probable.
    """
    probabilities = {guess["wnid"]: guess["probability"] for guess in outcome["top"]}
    target = gradcam["target"]
    if target not in probabilities:
        raise UserError(
            f"{model}: the Grad-CAM map of picture {gradcam['image_id']} explains {target}, which "
            "the model does not predict; delete its .gradcam.parquet and rerun"
        )
    values = np.array(gradcam["map"], np.float32).reshape(gradcam["height"], gradcam["width"])
    right = target in outcome["labels"]
    return Attention(shown, values, target, probabilities[target], right)


def side_by_side(
    examples: Sequence[Mapping[str, Any]],
    images: Mapping[str, bytes],
    attentions: Mapping[str, Mapping[str, Attention]],
    class_names: Mapping[str, str],
    about: str,
    outputs: Sequence[Path],
) -> None:
    """Draw a row a picture: the picture with its boxes, then each model's map over what it saw.

    Args:
        examples: Rows of the manifest.
        images: Encoded pictures by ``image_id``.
        attentions: By model in the order of the columns, then by ``image_id``.
        class_names: wnid to class name.
        about: What the data is.
        outputs: Files to write, .png or .svg.
    """
    plt = pyplot()
    figure, axes = plt.subplots(
        len(examples) + 1,
        len(attentions) + 1,
        figsize=(3.9 + 2.8 * len(attentions), 1.6 + 3 * len(examples)),
        width_ratios=[1.35] + [1] * len(attentions),
        height_ratios=[0.1] + [1] * len(examples),
        layout="constrained",
        squeeze=False,
    )
    for axis in axes.flat:
        axis.axis("off")
    for axis, head in zip(axes[0], ["annotated", *attentions], strict=True):
        axis.text(0.5, 0.5, head, ha="center", va="center", weight="bold", parse_math=False)
    for row, picture in zip(axes[1:], examples, strict=True):
        image_id = picture["image_id"]
        show_boxes(row[0], picture, images[image_id])
        names = " or ".join(class_names[wnid] for wnid in picture["labels"])
        row[0].set_title(textwrap.fill(f"label: {names}", 44), parse_math=False)
        for axis, by_picture in zip(row[1:], attentions.values(), strict=True):
            _draw(axis, by_picture[image_id], class_names)
    figure.suptitle("Fig. 1: where models look for the class that they predict", fontsize=12)
    note = (
        "Grad-CAM of the predicted class over what the model was shown, each map on a scale of its "
        "own: from dark violet, zero, to dark red, its maximum"
    )
    add_notes(figure, [note, f"Data: {about}"])
    save(figure, outputs)


def _draw(axis: Any, attention: Attention, class_names: Mapping[str, str]) -> None:
    side = len(attention.shown)
    extent = (-0.5, side - 0.5, side - 0.5, -0.5)
    axis.imshow(attention.shown, extent=extent, interpolation="antialiased")
    # A map that is zero everywhere stays dark violet.
    highest = float(attention.map.max()) or 1.0
    axis.imshow(
        attention.map,
        extent=extent,
        interpolation="bilinear",
        cmap="turbo",
        vmin=0,
        vmax=highest,
        alpha=0.5,
    )
    verdict = "right" if attention.right else "wrong"
    axis.set_title(
        f"{textwrap.fill(class_names[attention.predicted], 32)}\n"
        f"{verdict}, p = {attention.probability:.2f}",
        color=RIGHT if attention.right else WRONG,
        parse_math=False,
    )
