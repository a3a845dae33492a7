"""Accuracy on sets against how far from the anchor they reach: a panel a model."""

import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from wildframe.core.tables import Row
from wildframe.exhibits.figure import FEW, PAGE_WIDTH, draw_points, new_figure
from wildframe.exhibits.pairs import Case, PairTable, few_clusters, sentences
from wildframe.exhibits.panels import TEXT_SIZE
from wildframe.exhibits.robustness_table import DRAWN_INTERVALS, RobustnessTable
from wildframe.exhibits.shares import notes_on_intervals

_SCORES = (
    *("k", "value", "successes", "n", "pairs"),
    *("low", "high", "cluster_low", "cluster_high"),
)

COLUMNS = ("row", "model", *_SCORES)
"""Keys of the numbers that are drawn; accuracies are in [0, 1]."""

_TITLE_WIDTH = 26
"""Characters of a line of a panel's title."""

_PANELS = 4
"""Panels beside each other."""


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


def notes_by_k(rows: Sequence[Row]) -> list[str]:
    """Return what is to be said of the drawing of `accuracy_by_k`."""
    return [
        "Each panel shows one line, and the others in grey.",
        *notes_on_intervals(DRAWN_INTERVALS, rows, unit="anchors", is_hollow=True),
    ]


def pairs_notes(pairs: PairTable, models: Sequence[str], k: int) -> list[str]:
    """Return the notes that compare models at the largest distance; none of a single model.

    Raises:
        UserError: Two of the models were not compared.
    """
    rows = pairs.all_pairs([*map(Case, models)], k, "pm_k")
    if not rows:
        return []
    told = f"Differences at {k} frames, in points (paired over videos; p: permutation, Holm)"
    return [f"{told}: {sentences(rows)}.", *few_clusters(rows)]


def draw_by_k(rows: Sequence[Row], distance: str, rate: float | None) -> Any:
    """Draw `accuracy_by_k`: a panel a model with its intervals.

    Args:
        rows: What to draw.
        distance: What is meant by distance, in words.
        rate: Frames a second; None if it is unknown, or videos differ.
    """
    from pandas import DataFrame

    lines = DataFrame(rows).groupby("row", sort=False)
    across = min(lines.ngroups, _PANELS)
    down = -(-lines.ngroups // across)
    figure = new_figure(PAGE_WIDTH, 0.9 + 1.7 * down)
    # Labels of all panels: those of the figure itself are its note.
    body: Any = figure.subfigures()
    places: Any = body.add_gridspec(down, across)
    first: Any = None
    for place, (name, line) in zip(places, lines, strict=False):
        first = axis = body.add_subplot(place, sharex=first, sharey=first)
        for other, behind in lines:
            if other != name:
                known = behind["value"].where(behind["n"] >= FEW)
                axis.plot(behind["k"], 100 * known, color="0.8", linewidth=0.8)
        percent = 100 * line[["value", "low", "high"]]
        draw_points(axis, line["k"], percent, line["n"], marker="o", markersize=3)
        label = textwrap.fill(name, _TITLE_WIDTH)
        axis.set_title(label, loc="center", fontsize=TEXT_SIZE)
        axis.grid(axis="y")
        axis.label_outer()
    distances = sorted({row["k"] for row in rows})
    first.set(xticks=distances, ylim=(0, min(101, 100 * max(row["high"] for row in rows) + 3)))
    body.supxlabel(in_frames(distance, distances[-1], rate))
    body.supylabel("accuracy on sets (%)")
    return figure


def in_frames(distance: str, frames: int, rate: float | None) -> str:
    """Say that a distance is in frames, and how long so many of them are if their rate is known."""
    seconds = f"; {frames} are {frames / rate:.2g} s" if rate else ""
    return f"{distance} (frames{seconds})"
