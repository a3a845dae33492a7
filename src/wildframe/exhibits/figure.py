"""Figures as researchers take them away: the same bytes each time, text of the data as it is."""

import math
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from wildframe.core.files import atomic_path

_FONT_SIZE = 9


def pyplot() -> Any:
    """Return ``matplotlib.pyplot``, set up for files and not for a screen."""
    import matplotlib as mpl

    mpl.use("Agg")
    # Without a salt, ids in SVG files are random.
    mpl.rcParams |= {"svg.hashsalt": "wildframe", "font.size": _FONT_SIZE}
    from matplotlib import pyplot

    return pyplot


def add_notes(figure: Any, notes: Sequence[str]) -> None:
    """Write under a figure on what data it was made, and how to read it."""
    # A letter is a little more than half as wide as its size, which is in 1/72 inch.
    width = int(figure.get_figwidth() * 72 / (0.55 * _FONT_SIZE))
    text = "\n".join(_balanced(note, width) for note in notes)
    figure.supxlabel(text, fontsize=_FONT_SIZE, parse_math=False)


def _balanced(text: str, width: int) -> str:
    """Return text in lines of about the same length, none longer than ``width`` characters."""
    lines = math.ceil(len(text) / width)
    return textwrap.fill(text, min(width, len(text) // lines + 12))


def save(figure: Any, outputs: Sequence[Path]) -> None:
    """Write a figure to files, .png or .svg, and close it."""
    from matplotlib import pyplot

    for path in outputs:
        # Dates and versions would change the bytes of an unchanged figure.
        metadata = {"Date": None} if path.suffix == ".svg" else {"Software": None}
        with atomic_path(path) as temporary:
            figure.savefig(temporary, dpi=100, metadata=metadata)
    pyplot.close(figure)
