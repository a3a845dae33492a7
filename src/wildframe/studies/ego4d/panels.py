"""What panels of images share: the image with its annotated boxes, and the text above it."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from wildframe.frames.encode import decode

TEXT_SIZE = 6.5
"""Of the text above a panel, in points."""

_BOX = "#ffd500"


def show_boxes(axis: Any, image: Mapping[str, Any], data: bytes) -> None:
    """Draw an image with its annotated boxes."""
    from matplotlib.patches import Rectangle

    pixels = decode(data)
    axis.imshow(pixels, interpolation="antialiased")
    # Copies of a video may be smaller than the frame that was annotated.
    scale_x, scale_y = pixels.width / image["width"], pixels.height / image["height"]
    for box in image["boxes"]:
        corner = (box["x"] * scale_x, box["y"] * scale_y)
        size = (box["width"] * scale_x, box["height"] * scale_y)
        axis.add_patch(Rectangle(corner, *size, fill=False, linewidth=1.2, edgecolor=_BOX))


def write_above(axis: Any, lines: Sequence[str], width: float, color: str = "black") -> None:
    """Write lines above a panel; those that are wider than it go on in the next.

    Args:
        axis: The panel.
        lines: Text, shown as it is.
        width: Of the panel, in inches.
        color: Of the text.
    """
    # A letter is a little more than half as wide as its size, which is in 1/72 inch.
    letters = int(width * 72 / (0.55 * TEXT_SIZE))
    text = "\n".join(textwrap.fill(line, letters) for line in lines)
    style = {"fontsize": TEXT_SIZE, "fontweight": "normal", "color": color}
    axis.set_title(text, loc="center", parse_math=False, **style)


def label_of(image: Mapping[str, Any], class_names: Mapping[str, str]) -> str:
    """Return the names of the classes that are labels of an image."""
    return " or ".join(class_names[wnid] for wnid in image["labels"])


def in_two_lines(model: str, letters: int) -> str:
    """Return a model's name, after its first dot in a second line where it is too long for one."""
    return model if len(model) <= letters else model.replace(".", ".\n", 1)
