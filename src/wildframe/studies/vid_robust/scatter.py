"""Models as points, accuracy on anchors against accuracy on sets, both with intervals."""

import textwrap
from collections.abc import Callable, Sequence
from typing import Any

from wildframe.core.tables import Row
from wildframe.studies.vid_robust.cells import KINDS, Kind

NAMED = 14
"""Models that a legend can tell apart: by marker, and by colour where they come from."""

_COLORS: dict[Kind, str] = {
    "zoo": "C0",
    "trained here": "C5",
    "detector": "C1",
    "imported": "C2",
}

_MARKERS = "os^Dv<>pPX*hd8"

_LETTERS = 34
"""Of a line of the legend."""

Place = Callable[[float, int], float]
"""Where an accuracy in percent out of so many anchors is drawn."""


def _kind(row: Row) -> str:
    return str(row["kind"])


def draw_models(
    axis: Any, rows: Sequence[Row], place: Place, told: Callable[[Row], str] = _kind
) -> None:
    """Draw a point a model with both intervals; names stand in the legend if they are few."""
    named = len(rows) <= NAMED
    counts = {kind: sum(row["kind"] == kind for row in rows) for kind in KINDS}
    seen = set()
    for number, row in enumerate(rows):
        label = f"{row['model']} ({told(row)})" if named else _count(row["kind"], counts)
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
            # Open, so that what lies at the same place is seen; whole, also at the rim.
            markerfacecolor="none",
            markeredgewidth=1.2,
            markersize=5.5,
            clip_on=False,
            elinewidth=0.7,
            label=None if label in seen else textwrap.fill(label, _LETTERS),
            zorder=3,
        )
        seen.add(label)


def add_legend(figure: Any) -> None:
    """Put the legend beside the axes, where it hides nothing."""
    for axis in figure.axes:
        # Axes of equal scales do not fill their place: what is left over is not between the two.
        axis.set_anchor("NE")
    figure.legend(loc="outside right center", labelspacing=0.3)


def _count(kind: Kind, counts: dict[Kind, int]) -> str:
    return f"{kind} ({counts[kind]} models)" if counts[kind] > 1 else f"{kind} (1 model)"


def _point(row: Row, key: str, place: Place) -> tuple[float, list[list[float]]]:
    at, low, high = (
        place(row[name], row[f"{key}_n"]) for name in (key, f"{key}_low", f"{key}_high")
    )
    return at, [[at - low], [high - at]]
