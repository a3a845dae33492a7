"""Accuracy of one crop, of a cross-validated crop and of an oracle among many: dots of a model."""

import math
from collections.abc import Sequence
from typing import Any

from wildframe.core.tables import Row
from wildframe.exhibits.comparisons import paired, untested
from wildframe.exhibits.figure import FEW, PAGE_WIDTH, Figure, new_figure
from wildframe.exhibits.panels import in_two_lines
from wildframe.exhibits.registry import exhibit
from wildframe.exhibits.shares import drawn_interval, notes_on_intervals
from wildframe.exhibits.table import Table
from wildframe.studies.imagenet_hard.inputs import (
    CROSS_VALIDATED,
    ORACLE,
    Zoom,
    ZoomNote,
    ZoomTable,
    has_zoom,
    zoomed_datasets,
)

_NUMBERS = (
    *("model", "metric", "crops", "oracle", "value", "low", "high", "cluster_low", "cluster_high"),
    *("clusters", "successes", "n", "random", "gained", "lost"),
    *("difference", "difference_low", "difference_high", "p_value"),
)

_STYLES = (
    ("one_crop", 0, "1 crop, middle at size 256", {"marker": "o", "color": "C0"}),
    ("cross_validated", 0, "1 crop, cross-validated", {"marker": "D", "color": "C2"}),
    ("oracle", 0, "oracle, {} crops", {"marker": "s", "color": "C1", "mfc": "none"}),
    ("oracle", 1, "oracle, {} crops", {"marker": "^", "color": "C5", "mfc": "none"}),
)
"""Metric, which of its numbers of crops, label and marker; what an oracle chooses is hollow."""

_NAME = 26
"""Characters of a model's name on one line."""


@exhibit(
    "Figure: power of zoom",
    "one crop against the best of many",
    "Accuracy of the middle crop, of a cross-validated crop and of an oracle that chooses among "
    "the crops, with the bound of random guessing, a line a model.",
    datasets=zoomed_datasets,
    when=has_zoom,
    numbers=True,
    compares=[
        paired("the cross-validated crop against the one crop", shown_in="table1_optimal_zoom"),
        untested("the oracle against the others", "it chooses crops knowing the labels"),
    ],
)
def power_of_zoom(scores: Zoom, data_note: ZoomNote) -> Figure:
    """Draw a line a model with the accuracy of one crop and of the best of many."""
    rows = drawn_rows(scores)
    intervals, low, _ = drawn_interval(rows)
    notes = [
        f"Data: {data_note}",
        ORACLE + " Dotted: what guessing once per crop, among as many classes, reaches at most on "
        "images of one label.",
        CROSS_VALIDATED,
        *notes_on_intervals(intervals, rows, low=low),
    ]
    title = "The power of zoom: one crop against the best of many"
    return Figure(title, draw(rows), notes, Table.of_numbers(_NUMBERS, rows))


def drawn_rows(scores: ZoomTable) -> list[Row]:
    """Return the scores that are drawn, by model, with the place of their style."""
    return [
        found[at] | {"style": style}
        for model in scores.models
        for style, (metric, at, *_) in enumerate(_STYLES)
        if at < len(found := scores.find(model, metric))
    ]


def draw(rows: Sequence[Row]) -> Any:
    """Draw `drawn_rows`, models from top to bottom."""
    models = list(dict.fromkeys(row["model"] for row in rows))
    figure = new_figure(PAGE_WIDTH, 1.6 + 0.42 * len(models))
    axis: Any = figure.subplots()
    for at, model in enumerate(models):
        of_model = [100 * row["value"] for row in rows if row["model"] == model]
        axis.plot([min(of_model), max(of_model)], [at, at], "--", color="0.7", linewidth=0.8)
    _, *sides = drawn_interval(rows)
    for style, (_, _, label, marks) in enumerate(_STYLES):
        found = [row for row in rows if row["style"] == style]
        if not found:
            continue
        # Beside each other where accuracies agree.
        y = [models.index(row["model"]) + 0.12 * (style - 1.5) for row in found]
        x = [100 * row["value"] for row in found]
        ends = [[_length(row, key) for row in found] for key in sides]
        name = label.format(found[0]["crops"])
        axis.errorbar(x, y, xerr=ends, linestyle="none", elinewidth=0.7, label=name, **marks)
        if bound := found[0]["random"]:
            guess = f"random, {found[0]['crops']} crops: {100 * bound:.1f} %"
            axis.axvline(100 * bound, linestyle=":", color=marks["color"], label=guess)
    axis.set(
        yticks=range(len(models)),
        yticklabels=[in_two_lines(model, _NAME) for model in models],
        ylim=(len(models) - 0.5, -0.5),
        xlim=(-1, 101),
        xlabel="accuracy (%)",
    )
    axis.grid(axis="x")
    # Above, the title would run into it.
    figure.legend(loc="outside right center")
    return figure


def _length(row: Row, end: str) -> float:
    """Return how far an interval reaches to one side, in points; NaN where none is drawn."""
    is_drawn = row["n"] >= FEW and row[end] is not None
    return 100 * abs(row[end] - row["value"]) if is_drawn else math.nan
