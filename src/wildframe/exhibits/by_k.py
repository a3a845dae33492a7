"""Accuracy on sets against how far from the anchor they reach: a line and a band a model."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from wildframe.core.tables import Row
from wildframe.exhibits.figure import MARKERS, PAGE_WIDTH, label_ends, new_figure
from wildframe.exhibits.robustness_table import RobustnessTable

_SCORES = ("k", "value", "successes", "n", "pairs", "low", "high")

COLUMNS = ("row", "model", *_SCORES)
"""Keys of the numbers that are drawn; accuracies are in [0, 1]."""

_LEGEND_WIDTH = 30
"""Characters of a line of the legend."""

BANDS = (
    "Bands are Clopper-Pearson's 95 % intervals, and take anchors as independent. Line widths "
    "decrease, so that none hides another."
)


def accuracy_by_k(table: RobustnessTable, models: Mapping[str, str]) -> list[Row]:
    """Return accuracy on sets at every distance, of each model by the name of its line.

    Raises:
        UserError: A model was not scored.
    """
    return [
        {"row": name, "model": model} | {key: table.require(model, k)[key] for key in _SCORES}
        for name, model in models.items()
        for k in table.ks
    ]


def draw_by_k(title: str, rows: Sequence[Row], xlabel: str) -> Any:
    """Draw `accuracy_by_k`: a line a model with the band of its intervals."""
    from pandas import DataFrame

    lines = DataFrame(rows).groupby("row", sort=False)
    count = lines.ngroups
    figure = new_figure(PAGE_WIDTH, max(3.2, 1 + 0.26 * count))
    axis = figure.subplots()
    for number, (name, line) in enumerate(lines):
        color = f"C{number}"
        # Many bands over each other would hide lines; their edges tell them apart.
        shade, edge = (color, min(0.1, 0.4 / count)), (color, 0.55)
        bounds = 100 * line["low"], 100 * line["high"]
        axis.fill_between(line["k"], *bounds, facecolor=shade, edgecolor=edge, linewidth=0.5)
        # The first is the widest: lines that are the same show as one on the rim of another.
        rest = 1 - number / count
        axis.plot(
            line["k"],
            100 * line["value"],
            marker=MARKERS[number % len(MARKERS)],
            markersize=2.5 + 3 * rest,
            markerfacecolor="none",
            linewidth=0.8 + 1.6 * rest,
            color=color,
            label=textwrap.fill(name, _LEGEND_WIDTH),
        )
    axis.set_xticks(sorted({row["k"] for row in rows}))
    axis.set(xlabel=xlabel, ylabel="accuracy on sets (%)")
    bottom, top = axis.get_ylim()
    axis.set_ylim(max(0, bottom), min(101, top))
    axis.grid(axis="y")
    figure.suptitle(title)
    label_ends(axis)
    return figure
