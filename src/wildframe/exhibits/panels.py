"""Panels that show an image, with text above it."""

import textwrap
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal

from wildframe.frames.encode import decode

if TYPE_CHECKING:
    from PIL.Image import Image

CORRECT, INCORRECT = "C0", "C5"
"""Colours of the style that colour-blind readers can tell apart."""

COLORMAP = "inferno"
"""Of maps over images: brighter is more, in print and for every kind of colour vision."""

TEXT_SIZE = 6.5
"""Of the text above a panel, in points."""

_CHARACTER = 0.56 * TEXT_SIZE / 72
"""Mean width of a character of this text, in inches."""

_LONG_SIDE = 640
"""Pixels of an image that is drawn: a panel of 2 inches has 400."""


def show_image(axis: Any, data: bytes) -> "Image":
    """Draw an encoded image, and return it decoded."""
    image = decode(data)
    axis.axis("off")
    shown = image.copy()
    shown.thumbnail((_LONG_SIDE, _LONG_SIDE))
    # Coordinates stay those of the image's own pixels.
    extent = (-0.5, image.width - 0.5, image.height - 0.5, -0.5)
    axis.imshow(shown, interpolation="antialiased", extent=extent)
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
