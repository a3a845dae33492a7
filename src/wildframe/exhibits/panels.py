"""Panels that show an image, with text above it."""

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from wildframe.exhibits.figure import PAGE_WIDTH, new_figure
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

_GAP = 0.08
"""Between strips beside each other, in widths of a panel."""


def strip_figure(
    count: int, across: int, widths: Sequence[float], height: float
) -> tuple[Any, list[Any]]:
    """Return a figure of strips of panels, and the axes of each strip.

    Args:
        count: Number of strips; without any, the title stands alone.
        across: Strips beside each other.
        widths: Relative widths of the panels of a strip.
        height: Height of a strip in inches.
    """
    down = -(-count // across)
    figure = new_figure(PAGE_WIDTH, 0.6 + height * down)
    if not count:
        return figure, []
    columns = [*([*widths, _GAP] * across)[:-1]]
    axes = figure.subplots(down, len(columns), squeeze=False, width_ratios=columns)
    for axis in axes.flat:
        axis.axis("off")
    starts = range(0, len(columns), len(widths) + 1)
    return figure, [row[at : at + len(widths)] for row in axes for at in starts][:count]


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


def names_of(wnids: Iterable[str], names: Mapping[str, str]) -> str:
    """Return the names of labels, any of which is correct; one without a name by its wnid."""
    return " or ".join(names.get(wnid, wnid) for wnid in wnids)


def shortened(name: str, most: int) -> str:
    """Return a name of so many letters at most."""
    return name if len(name) <= most else f"{name[: most - 1]}…"


def in_two_lines(model: str, width: int) -> str:
    """Return a model's name, broken behind its first dot if it has more than ``width`` letters."""
    return model if len(model) <= width else model.replace(".", ".\n", 1)
