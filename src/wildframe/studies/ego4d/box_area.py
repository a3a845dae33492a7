"""Accuracy against how much of the image the object takes up."""

from collections.abc import Sequence
from typing import Any

from wildframe.core.errors import UserError
from wildframe.core.tables import Row
from wildframe.exhibits.comparisons import paired, untested
from wildframe.exhibits.figure import FEW, MARKERS, PAGE_WIDTH, Figure, draw_points, new_figure
from wildframe.exhibits.pairs import few_clusters
from wildframe.exhibits.panels import in_two_lines
from wildframe.exhibits.registry import exhibit
from wildframe.exhibits.score_table import ScoreTable
from wildframe.exhibits.shares import OVER_CLIPS, notes_on_intervals
from wildframe.exhibits.table import Table
from wildframe.scores.accuracy import area_of
from wildframe.studies.ego4d.inputs import DataNote, Models, Scores, names_objects

_SCORES = ("successes", "n", "value", "low", "high", "cluster_low", "cluster_high", "clusters")

_SPREAD = 0.6
"""Width over which the models' points of one bin are set apart, in bins."""

_LEGEND_WIDTH = 28
"""Characters of a line of the legend."""


@exhibit(
    "Supplement: box area",
    "accuracy by size of the object",
    "Top-1 accuracy against the share of the image that the annotated object takes up (not in the "
    "paper).",
    numbers=True,
    when=names_objects,
    compares=[
        untested("bins of one model", "they are of other images, which differ in more than size"),
        paired("each two models, over all sizes", shown_in="model_pairs"),
    ],
)
def box_area(scores: Scores, models: Models, data_note: DataNote) -> Figure:
    """Draw a line a model."""
    rows = accuracy_by_area(scores, models)
    drawn = [row for row in rows if row["n"] >= FEW and row["cluster_low"] is not None]
    title = "Accuracy by box area"
    notes = [
        f"Data: {data_note}",
        "n: images.",
        *notes_on_intervals(OVER_CLIPS, rows, low="cluster_low", is_hollow=True),
        *few_clusters(drawn, has_flips=False),
    ]
    numbers = Table.of_numbers(("model", "area_low", "area_high", *_SCORES), rows)
    return Figure(title, draw(rows), notes, numbers)


def accuracy_by_area(table: ScoreTable, models: Sequence[str]) -> list[Row]:
    """Return top-1 accuracy of each model in each bin of box areas, from small to large.

    Raises:
        UserError: A model was not scored, or the scores have no such bins.
    """
    bins = sorted((*area_of(name), name) for name in table.values("area"))
    if not bins:
        raise UserError(f"{table.path}: no subset area=<low>-<high>; make the table anew")
    return [
        {"model": model, "area_low": low, "area_high": high}
        | {key: table.require(model, subset=f"area={name}")[key] for key in _SCORES}
        for model in models
        for low, high, name in bins
    ]


def draw(rows: Sequence[Row]) -> Any:
    """Draw `accuracy_by_area`, a line a model."""
    from pandas import DataFrame

    lines = DataFrame(rows).groupby("model", sort=False)
    figure = new_figure(PAGE_WIDTH, max(3.0, 0.9 + 0.25 * lines.ngroups))
    axis = figure.subplots()
    for number, (model, bins) in enumerate(lines):
        percent = 100 * bins[["value", "cluster_low", "cluster_high"]].astype(float)
        # Side by side, or intervals would hide each other.
        aside = _SPREAD * ((number + 0.5) / lines.ngroups - 0.5)
        draw_points(
            axis,
            [place + aside for place in range(len(bins))],
            percent,
            bins["n"],
            marker=MARKERS[number % len(MARKERS)],
            color=f"C{number}",
            markersize=3.5,
            label=in_two_lines(model, _LEGEND_WIDTH),
        )
    names = [
        f"{100 * row['area_low']:g} - {100 * row['area_high']:g} %\nn = {row['n']}"
        for row in rows
        if row["model"] == rows[0]["model"]
    ]
    axis.set_xticks(range(len(names)), names)
    axis.set(
        xlabel="share of the image that the first annotated box takes up",
        ylabel="top-1 accuracy (%)",
    )
    axis.set_ylim(0, 101)
    axis.grid(axis="y")
    figure.legend(loc="outside right center")
    return figure
