"""Accuracy on sets against how far from the anchor they reach: a line and a band a model."""

import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path

from wildframe.core.tables import Row
from wildframe.exhibits.figure import add_notes, pyplot, save
from wildframe.exhibits.robustness_table import RobustnessTable
from wildframe.exhibits.table import Column, Table

_COPIED = ("k", "value", "successes", "n", "pairs", "low", "high")

_MARKERS = "os^DvPX"
"""Their number and that of colours have no common divisor: many lines can be told apart."""

_LETTERS = 38
"""Of a line of the legend."""

BANDS = (
    "Bands are Clopper-Pearson's 95 % intervals, and take anchors as independent. Widths of lines "
    "fall, so that none hides another."
)


def accuracy_by_k(table: RobustnessTable, models: Mapping[str, str]) -> list[Row]:
    """Return accuracy on sets of each model at every distance.

    Args:
        table: Robustness of the models.
        models: What a line is called, and its model.

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


def plot_by_k(
    rows: Sequence[Row], title: str, xlabel: str, notes: Sequence[str], outputs: Sequence[Path]
) -> None:
    """Draw a line a model with the band of its intervals.

    Args:
        rows: `accuracy_by_k`.
        title: Title of the figure.
        xlabel: What the distance is measured from.
        notes: What stands below the figure.
        outputs: Files to write, .png or .svg.
    """
    lines: dict[str, list[Row]] = {}
    for row in rows:
        lines.setdefault(row["row"], []).append(row)
    plt = pyplot()
    height = max(5.8, 2 + 0.36 * len(lines))
    figure, axis = plt.subplots(figsize=(10, height), layout="constrained")
    colors = plt.get_cmap("tab10" if len(lines) <= 10 else "tab20").colors
    for number, (name, found) in enumerate(lines.items()):
        color = colors[number % len(colors)]
        ks = [row["k"] for row in found]
        low, high = ([100 * row[end] for row in found] for end in ("low", "high"))
        # Many bands over each other would hide lines; their edges tell them apart.
        shade = min(0.1, 0.4 / len(lines))
        axis.fill_between(
            ks, low, high, facecolor=(*color, shade), edgecolor=(*color, 0.55), linewidth=0.6
        )
        # The first is the widest: lines that are the same show as one on the rim of another.
        rest = 1 - number / len(lines)
        axis.plot(
            ks,
            [100 * row["value"] for row in found],
            marker=_MARKERS[number % len(_MARKERS)],
            markersize=4 + 5 * rest,
            markerfacecolor="none",
            linewidth=1 + 2.5 * rest,
            color=color,
            label=textwrap.fill(name, _LETTERS),
        )
    axis.set_xticks([row["k"] for row in next(iter(lines.values()))])
    axis.set(xlabel=xlabel, ylabel="accuracy on sets (%)")
    bottom, top = axis.get_ylim()
    axis.set_ylim(max(0, bottom), min(101, top))
    axis.set_title(title, fontsize=12)
    axis.grid(axis="y", color="0.9")
    axis.set_axisbelow(True)
    legend = figure.legend(loc="outside right upper", frameon=False)
    for text in legend.get_texts():
        text.set_parse_math(False)
    add_notes(figure, [*notes, BANDS])
    save(figure, outputs)
