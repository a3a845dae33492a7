"""Clips as strips of frames, with text above each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wildframe.exhibits.figure import PAGE_WIDTH, new_figure
from wildframe.exhibits.panels import write_above

if TYPE_CHECKING:
    from PIL.Image import Image

ACROSS = 3
"""Strips beside each other."""

FRAMES = 3
"""Frames of a strip, spread over its clip."""

_HEIGHT = 160
"""Of a strip, in pixels."""

_WIDTH = PAGE_WIDTH / ACROSS
"""Of a strip, in inches."""


@dataclass(frozen=True, slots=True)
class Strip:
    """A clip that is drawn."""

    frames: "Sequence[Image]"
    lines: Sequence[str]
    """Text above it."""


def positions(length: int) -> list[int]:
    """Return positions of frames that are spread over a clip: the middles of equal parts."""
    return [(2 * part + 1) * length // (2 * FRAMES) for part in range(FRAMES)]


def draw_blocks(blocks: Sequence[tuple[str, Sequence[Strip]]]) -> Any:
    """Draw blocks of strips under each other, each with its heading on the left.

    Args:
        blocks: Heading and strips of each.
    """
    rows = [
        (heading if start == 0 else "", strips[start : start + ACROSS])
        for heading, strips in blocks
        for start in range(0, max(1, len(strips)), ACROSS)
    ]
    figure = new_figure(PAGE_WIDTH, 0.5 + 1.05 * len(rows))
    axes: Any = figure.subplots(len(rows), ACROSS, squeeze=False)
    for axis in axes.flat:
        axis.set(xticks=[], yticks=[])
        axis.spines[:].set_visible(False)
    for (heading, strips), row in zip(rows, axes, strict=True):
        row[0].set_ylabel(heading, fontweight="bold")
        for axis, strip in zip(row, strips, strict=False):
            axis.imshow(beside(strip.frames), interpolation="antialiased")
            write_above(axis, strip.lines, _WIDTH)
    return figure


def beside(frames: "Sequence[Image]") -> "Image":
    """Return frames of one size beside each other, 160 pixels high."""
    from PIL import Image

    widths = [round(frame.width * _HEIGHT / frame.height) for frame in frames]
    strip = Image.new("RGB", (sum(widths), _HEIGHT))
    for at, (frame, width) in enumerate(zip(frames, widths, strict=True)):
        strip.paste(frame.resize((width, _HEIGHT)), (sum(widths[:at]), 0))
    return strip
