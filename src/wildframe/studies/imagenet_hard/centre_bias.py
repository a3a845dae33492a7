"""Centre bias: upper bounds by anchor, in each of its definitions."""

from collections.abc import Sequence
from typing import Any

from wildframe.core.tables import Row
from wildframe.exhibits.comparisons import untested
from wildframe.exhibits.figure import PAGE_WIDTH, Figure, new_figure
from wildframe.exhibits.panels import COLORMAP, TEXT_SIZE, in_two_lines
from wildframe.exhibits.registry import exhibit
from wildframe.exhibits.table import Table
from wildframe.frames.views.zoom import ANCHORS
from wildframe.studies.imagenet_hard.inputs import (
    ORACLE,
    Zoom,
    ZoomNote,
    ZoomTable,
    has_zoom,
    zoomed_datasets,
)

DEFINITIONS = {
    "at_anchor": "crops at the anchor",
    "showing_anchor": "crops that show the anchor",
    "showing_anchor_cover": "those of the cover that show it",
}
"""What the upper bound of an anchor is over, by metric."""

_NUMBERS = ("model", "metric", "row", "col", "crops", "value", "difference", "successes", "n")

_NAME = 20
"""Characters of a model's name on one line."""


@exhibit(
    "Figure: centre bias",
    "upper bounds by anchor",
    "Upper bound of the crops at each anchor, and of those that show it, as a map of the image, "
    "with the difference from the centre.",
    datasets=zoomed_datasets,
    when=has_zoom,
    numbers=True,
    compares=[untested("anchors of one model", "upper bounds of an oracle")],
)
def centre_bias(scores: Zoom, data_note: ZoomNote) -> Figure:
    """Draw a map of the anchors for each model (row) and definition (column)."""
    rows = anchor_rows(scores)
    notes = [
        f"Data: {data_note}",
        "Upper bound in percent, and its difference from the middle anchor. Two definitions are in "
        "use: crops around the anchor, and crops in which it can be seen, of the grid or of the "
        "crops that together solve what any crop solves (the cover). The paper's maps are of the "
        "last, and for CLIP of the first.",
        ORACLE,
    ]
    title = "Centre bias: upper bound by anchor"
    return Figure(title, draw(rows), notes, Table.of_numbers(_NUMBERS, rows))


def anchor_rows(scores: ZoomTable) -> list[Row]:
    """Return the upper bound of every anchor with its difference from the middle one.

    Raises:
        UserError: An anchor is missing.
    """
    rows = []
    for model in scores.models:
        for metric in DEFINITIONS:
            anchors = scores.by_anchor(model, metric)
            centre = anchors[len(anchors) // 2]["value"]
            rows += [row | {"difference": row["value"] - centre} for row in anchors]
    return rows


def draw(rows: Sequence[Row]) -> Any:
    """Draw `anchor_rows`: one scale of colours for all maps."""
    from pandas import DataFrame

    table = DataFrame(rows)
    models = list(dict.fromkeys(table["model"]))
    figure = new_figure(PAGE_WIDTH, 0.7 + 1.65 * len(models))
    axes: Any = figure.subplots(len(models), len(DEFINITIONS), squeeze=False)
    low, high = 100 * table["value"].min(), 100 * max(table["value"].max(), 0.01)
    shown: Any = None
    for (model, metric), found in table.groupby(["model", "metric"], sort=False):
        down, across = models.index(model), list(DEFINITIONS).index(metric)
        axis = axes[down, across]
        values = 100 * found["value"].to_numpy().reshape(ANCHORS, ANCHORS)
        shown = axis.imshow(values, cmap=COLORMAP, vmin=low, vmax=high, aspect=0.75)
        for row, value in zip(found.to_dict("records"), values.ravel(), strict=True):
            dark = value < (low + high) / 2
            text = f"{value:.1f}\n({100 * row['difference']:+.1f})"
            colour = "white" if dark else "black"
            place = {"ha": "center", "va": "center", "fontsize": TEXT_SIZE, "color": colour}
            axis.text(row["col"], row["row"], text, **place)
        axis.set(xticks=[], yticks=[])
        axis.spines[:].set_visible(False)
        if not down:
            axis.set_title(DEFINITIONS[metric], loc="center")
        if not across:
            axis.set_ylabel(in_two_lines(model, _NAME), fontsize=TEXT_SIZE)
    figure.colorbar(shown, ax=axes, label="upper bound (%)", shrink=0.8)
    return figure
