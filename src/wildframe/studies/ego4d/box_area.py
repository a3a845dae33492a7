"""Accuracy against how much of the picture the object takes up."""

import re
from collections.abc import Sequence
from pathlib import Path

from wildframe.core.errors import UserError
from wildframe.core.tables import Row
from wildframe.exhibits.figure import add_notes, pyplot, save
from wildframe.exhibits.score_table import ScoreTable
from wildframe.exhibits.table import Column, Table

_COPIED = ("successes", "n", "value", "low", "high", "cluster_low", "cluster_high")

_SPREAD = 0.6
"""Width over which the models' points of one bin are set apart, in bins."""


def accuracy_by_area(table: ScoreTable, models: Sequence[str]) -> list[Row]:
    """Return top-1 accuracy of each model in each bin of box areas, from small to large.

    Args:
        table: Scores.
        models: In the order of the rows.

    Raises:
        UserError: A model was not scored, or the scores have no such bins.
    """
    # A minus behind an e belongs to the number: 1e-05-0.01.
    bins = sorted((*map(float, re.split("(?<!e)-", name)), name) for name in table.values("area"))
    if not bins:
        raise UserError(f"{table.path}: no subset area=<low>-<high>; make the table anew")
    return [
        {"model": model, "area_low": low, "area_high": high}
        | {key: table.require(model, subset=f"area={name}")[key] for key in _COPIED}
        for model in models
        for low, high, name in bins
    ]


def numbers(rows: Sequence[Row]) -> Table:
    """Return what is drawn, and the intervals over clips, as a table."""
    columns = [Column(key, key) for key in ("model", "area_low", "area_high", *_COPIED)]
    return Table("Accuracy by box area", columns, rows)


def plot(rows: Sequence[Row], about: str, outputs: Sequence[Path]) -> None:
    """Draw a line a model.

    Args:
        rows: `accuracy_by_area`.
        about: What the data is.
        outputs: Files to write, .png or .svg.
    """
    by_model: dict[str, list[Row]] = {}
    for row in rows:
        by_model.setdefault(row["model"], []).append(row)
    plt = pyplot()
    width = max(9, 6 + len(by_model) / 2)
    figure, axis = plt.subplots(figsize=(width, 5.5), layout="constrained")
    colors = plt.get_cmap("tab10" if len(by_model) <= 10 else "tab20").colors
    for number, (model, bins) in enumerate(by_model.items()):
        # Side by side, or intervals would hide each other.
        aside = _SPREAD * ((number + 0.5) / len(by_model) - 0.5)
        axis.errorbar(
            [place + aside for place in range(len(bins))],
            [100 * row["value"] for row in bins],
            yerr=[
                [100 * (row["value"] - row["low"]) for row in bins],
                [100 * (row["high"] - row["value"]) for row in bins],
            ],
            marker="os^Dv"[number % 5],
            color=colors[number % len(colors)],
            markersize=4,
            capsize=2,
            linewidth=1.2,
            elinewidth=0.8,
            label=model,
        )
    first = next(iter(by_model.values()))
    names = [
        f"{100 * row['area_low']:g} - {100 * row['area_high']:g} %\nn = {row['n']}" for row in first
    ]
    axis.set_xticks(range(len(names)), names)
    axis.set(
        xlabel="share of the picture that the first annotated box takes up",
        ylabel="top-1 accuracy (%)",
        title="Accuracy by box area",
    )
    axis.set_ylim(bottom=0)
    axis.grid(axis="y", color="0.9")
    figure.legend(loc="outside right upper", frameon=False)
    notes = (f"Data: {about}", "n: pictures. Intervals are Clopper-Pearson's, 95 %.")
    add_notes(figure, notes)
    save(figure, outputs)
