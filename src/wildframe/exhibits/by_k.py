"""Accuracy on sets against how far from the anchor they reach: a line and a band a model."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from wildframe.core.tables import Row
from wildframe.exhibits.figure import PAGE_WIDTH, new_figure
from wildframe.exhibits.robustness_table import RobustnessTable
from wildframe.exhibits.table import Column, Table

_COPIED = ("k", "value", "successes", "n", "pairs", "low", "high")

_MARKERS = "os^DvP"
"""Their number and that of colours have no common divisor: many lines can be told apart."""

_LETTERS = 30
"""Of a line of the legend."""

BANDS = (
    "Bands are Clopper-Pearson's 95 % intervals, and take anchors as independent. Widths of lines "
    "fall, so that none hides another."
)


def accuracy_by_k(table: RobustnessTable, models: Mapping[str, str]) -> list[Row]:
    """Return accuracy on sets of each model at every distance.

    Raises:
        UserError: A model was not scored.
    """
    rows = []
    for name, model in models.items():
        for k in table.ks:
            found = table.require(model, k)
            rows.append({"row": name, "model": model} | {key: found[key] for key in _COPIED})
    return rows


def numbers(rows: Sequence[Row]) -> Table:
    """Return what is drawn as a table; accuracies in [0, 1]."""
    columns = [Column(key, key) for key in ("row", "model", *_COPIED)]
    return Table("Accuracy by distance", columns, rows)


def draw_by_k(title: str, rows: Sequence[Row], xlabel: str) -> Any:
    """Return the drawing of a line a model with the band of its intervals."""
    lines: dict[str, list[Row]] = {}
    for row in rows:
        lines.setdefault(row["row"], []).append(row)
    figure = new_figure(PAGE_WIDTH, max(3.2, 1 + 0.26 * len(lines)))
    axis = figure.subplots()
    for number, (name, found) in enumerate(lines.items()):
        _draw_line(axis, name, found, number, len(lines))
    axis.set_xticks([row["k"] for row in next(iter(lines.values()))])
    axis.set(xlabel=xlabel, ylabel="accuracy on sets (%)")
    bottom, top = axis.get_ylim()
    axis.set_ylim(max(0, bottom), min(101, top))
    axis.grid(axis="y")
    figure.suptitle(title)
    figure.legend(loc="outside right center")
    return figure


def _draw_line(axis: Any, name: str, rows: Sequence[Row], number: int, count: int) -> None:
    """Draw one of several lines and its band."""
    color = f"C{number}"
    ks = [row["k"] for row in rows]
    low, high = ([100 * row[end] for row in rows] for end in ("low", "high"))
    # Many bands over each other would hide lines; their edges tell them apart.
    shade = min(0.1, 0.4 / count)
    axis.fill_between(
        ks, low, high, facecolor=(color, shade), edgecolor=(color, 0.55), linewidth=0.5
    )
    # The first is the widest: lines that are the same show as one on the rim of another.
    rest = 1 - number / count
    axis.plot(
        ks,
        [100 * row["value"] for row in rows],
        marker=_MARKERS[number % len(_MARKERS)],
        markersize=2.5 + 3 * rest,
        markerfacecolor="none",
        linewidth=0.8 + 1.6 * rest,
        color=color,
        label=textwrap.fill(name, _LETTERS),
    )
