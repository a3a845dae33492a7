"""Figures in one style, reproducible to the byte, that show text of the data as it is."""

import hashlib
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import as_file, files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wildframe.core.display import markdown_text
from wildframe.core.errors import UserError
from wildframe.core.files import atomic_path, write_text
from wildframe.exhibits.table import Table

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing
    from pandas import DataFrame, Series

COLUMN_WIDTH = 3.25
"""Width of a column of a conference paper, in inches (CVPR, ICML)."""

PAGE_WIDTH = 6.875
"""Width of the text of a page of two columns, in inches (CVPR)."""

_TITLE_WIDTH = 88
"""Characters of a line of a title that is as wide as the page."""

MARKERS = "os^DvP"
"""Their number and that of colours have no common divisor: many lines can be distinguished."""

CAPTION = ".caption.md"
"""Suffix of the text that stands under a figure."""

FEW = 5
"""Of fewer images, no interval is drawn, nor a line."""

_METADATA: dict[str, dict[str, None]] = {
    # Dates and versions would change the bytes of an unchanged figure.
    ".png": {"Software": None},
    ".svg": {"Date": None, "Creator": None},
    ".pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}


@dataclass(frozen=True)
class Figure:
    """A figure of a paper: what it shows, and on what data it was made.

    ``drawing`` has axes and legend. The title is drawn above, and the first of ``notes``, which is
    the data note, below in one line; the caption has all notes. ``numbers`` are the values drawn.
    """

    title: str
    drawing: "Drawing"
    notes: Sequence[str] = ()
    numbers: Table | None = None

    def __post_init__(self) -> None:
        """Draw the title, in as many lines as it needs."""
        characters = round(_TITLE_WIDTH * self.drawing.get_figwidth() / PAGE_WIDTH)
        self.drawing.suptitle(textwrap.fill(self.title, characters))

    def write(self, outputs: Iterable[Path]) -> None:
        """Write the figure to files, each in the format of its suffix.

        Args:
            outputs: .png, .svg and .pdf are the drawing, .csv its numbers, .caption.md its text.

        Raises:
            UserError: A suffix is none of these, or the figure has no numbers.
        """
        for path in outputs:
            if path.suffix in _METADATA:
                self._lay_out()
                with atomic_path(path) as temporary:
                    self.drawing.savefig(temporary, metadata=_METADATA[path.suffix])
            elif path.suffix == ".csv" and self.numbers:
                self.numbers.write([path])
            elif path.name.endswith(CAPTION):
                write_text(path, self._caption())
            else:
                numbers = ", its numbers as .csv" if self.numbers else ""
                raise UserError(
                    f"{path}: a figure is written as {', '.join(_METADATA)}{numbers}, its text as "
                    f"{CAPTION}"
                )

    def _lay_out(self) -> None:
        """Fix where everything stands, once for all formats."""
        engine = self.drawing.get_layout_engine()
        if engine is None:
            return
        if self.notes:
            _draw_note(self.drawing, self.notes[0])
        engine.execute(self.drawing)
        # With any engine, even one named "none", each format would be drawn twice.
        self.drawing.set_layout_engine(None)

    def _caption(self) -> str:
        paragraphs = [f"**{markdown_text(self.title)}**", *map(markdown_text, self.notes)]
        return "\n\n".join(paragraphs) + "\n"


def new_figure(width: float, height: float) -> "Drawing":
    """Return an empty figure in the style of the package; sides in inches.

    Axes have titles where there are several.
    """
    import matplotlib.style
    from matplotlib.figure import Figure as Drawing

    # A user's matplotlibrc does not count.
    with as_file(_style()) as style:
        matplotlib.style.use(["default", style])
    return Drawing(figsize=(width, height), layout="constrained")


def style_sha256() -> str:
    """Return a hash of the style of figures, which no hash of code covers."""
    return hashlib.sha256(_style().read_bytes()).hexdigest()


def _style() -> Traversable:
    return files("wildframe") / "data" / "wildframe.mplstyle"


def draw_points(axis: Any, x: Any, y: "DataFrame", n: "Series[int]", **style: Any) -> None:
    """Draw accuracies of bins with their intervals, and a line through neighbouring bins.

    Bins of fewer than `FEW` images are hollow, without line and interval: they say next to nothing.

    Args:
        axis: Where to draw.
        x: Positions, one a bin.
        y: Accuracies, and both ends of their intervals, NaN where there is none: three columns, one
            row a bin.
        n: Images of each bin.
        style: Marker and colour, as of ``Axes.errorbar``.
    """
    enough = n >= FEW
    value, low, high = (y[key].where(enough) for key in y)
    # Not even the legend has whiskers where no bin has an interval.
    yerr = [abs(low - value), abs(high - value)] if low.notna().any() else None
    points = axis.errorbar(x, value, yerr=yerr, elinewidth=0.7, **style)
    style = style | {"color": points.lines[0].get_color(), "label": None, "linestyle": "none"}
    axis.plot(x, y.iloc[:, 0].where(~enough), markerfacecolor="none", **style)


def _draw_note(drawing: "Drawing", note: str) -> None:
    """Draw a note below, in one line: the words that do not fit are left out."""
    text = " ".join(note.split())
    # The layout makes room for a common label of x axes, which text elsewhere does not get.
    label = drawing.supxlabel(text, x=0.01, ha="left", color="0.35", size="small", weight="normal")
    while label.get_window_extent().width > 0.98 * drawing.bbox.width:
        text = text.rpartition(" ")[0]
        label.set_text(text.rstrip(",;:") + "…")
