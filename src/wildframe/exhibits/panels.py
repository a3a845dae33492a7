"""Panels that show an image, with text above it."""

import textwrap
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal

from wildframe.frames.encode import decode

if TYPE_CHECKING:
    from PIL.Image import Image

CORRECT, INCORRECT = "C0", "C5"
"""Colours of the style that colour-blind readers can tell apart."""

TEXT_SIZE = 6.5
"""Of the text above a panel, in points."""

_CHARACTER = 0.56 * TEXT_SIZE / 72
"""Mean width of a character of this text, in inches."""


def show_image(axis: Any, data: bytes) -> "Image":
    """Draw an encoded image, and return it decoded."""
    image = decode(data)
    axis.axis("off")
    axis.imshow(image, interpolation="antialiased")
    return image


def write_above(
    axis: Any,
    lines: Iterable[str],
    width: float,
    color: str = "black",
    loc: Literal["left", "center"] = "center",
) -> None:
    """Write lines above a panel; those that are wider than ``width``, in inches, are broken."""
    characters = int(width / _CHARACTER)
    text = "\n".join(textwrap.fill(line, characters) for line in lines)
    axis.set_title(text, fontsize=TEXT_SIZE, color=color, loc=loc)


def in_two_lines(model: str, width: int) -> str:
    """Return a model's name, broken behind its first dot if it has more than ``width`` letters."""
    return model if len(model) <= width else model.replace(".", ".\n", 1)
