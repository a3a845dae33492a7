"""Models as points, accuracy on anchors against accuracy on sets, both with intervals."""

import math
import textwrap
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from wildframe.core.tables import Row
from wildframe.studies.vid_robust.cells import Kind

NAMED = 14
"""Models that a legend can tell apart: by marker, and by colour for their kind."""

_COLORS: dict[Kind, str] = {
    "zoo": "C0",
    "trained here": "C5",
    "detector": "C1",
    "external": "C2",
}

_MARKERS = "os^Dv<>pPX*hd8"

_LEGEND_WIDTH = 34
"""Characters of a line of the legend."""

Place = Callable[[float, int], float]
"""Position of an accuracy in percent, of so many anchors."""


def kind_of(row: Row) -> str:
    """Return where the model of a row comes from."""
    return str(row["kind"])


def draw_models(
    axis: Any, rows: Sequence[Row], place: Place, detail: Callable[[Row], str] = kind_of
) -> None:
    """Draw a point a model with both intervals; the legend names them if they are few."""
    named = len(rows) <= NAMED
    counts = Counter(map(kind_of, rows))
    seen = set()
    for number, row in enumerate(rows):
        count = counts[row["kind"]]
        models = f"{row['kind']} ({count} model{'s' if count > 1 else ''})"
        label = f"{row['model']} ({detail(row)})" if named else models
        x, x_ends = _point(row, "original", place)
        y, y_ends = _point(row, "perturbed", place)
        axis.errorbar(
            x,
            y,
            xerr=x_ends,
            yerr=y_ends,
            fmt=_MARKERS[number] if named else "o",
            color=_COLORS[row["kind"]],
            ecolor=(_COLORS[row["kind"]], 0.45),
            # Open, so that points at the same place are seen; whole, also at the rim.
            markerfacecolor="none",
            markeredgewidth=1.2,
            markersize=5.5,
            clip_on=False,
            elinewidth=0.7,
            label=None if label in seen else textwrap.fill(label, _LEGEND_WIDTH),
            zorder=3,
        )
        seen.add(label)


def add_legend(figure: Any) -> None:
    """Put the legend beside the axes, where it hides nothing."""
    for axis in figure.axes:
        # Axes of equal scales do not fill their place: no gap is left beside the legend.
        axis.set_anchor("NE")
    # What is in several panels has one line.
    drawn = [zip(*axis.get_legend_handles_labels()[::-1], strict=True) for axis in figure.axes]
    handles = {label: handle for found in drawn for label, handle in found}
    figure.legend(handles.values(), handles, loc="outside right center", labelspacing=0.3)


def _point(row: Row, key: str, place: Place) -> tuple[float, list[list[float]] | None]:
    # Without an interval there are no whiskers, in the legend neither.
    known = (row[name] for name in (key, f"{key}_low", f"{key}_high"))
    at, low, high = (
        math.nan if percent is None else place(percent, row[f"{key}_n"]) for percent in known
    )
    return at, None if math.isnan(low) else [[at - low], [high - at]]
