"""Which crops are in the cover: counts by anchor and by size."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from wildframe.core.tables import Row
from wildframe.exhibits.comparisons import untested
from wildframe.exhibits.figure import PAGE_WIDTH, Figure, new_figure
from wildframe.exhibits.panels import TEXT_SIZE, in_two_lines
from wildframe.exhibits.registry import exhibit
from wildframe.exhibits.table import Table
from wildframe.frames.views.zoom import ANCHORS, SIDE
from wildframe.scores.zoom import COVER_CROPS
from wildframe.studies.imagenet_hard.inputs import Crops, ZoomNote, has_zoom, zoomed_datasets

_NUMBERS = ("model", "cover_rank", "size", "row", "col", "successes", "covered", "n")

_NAME = 20
"""Characters of a model's name on one line."""


@exhibit(
    "Figure: crops of the cover",
    "which crops solve most images",
    f"Anchors and sizes of the first {COVER_CROPS} crops of each model's cover: crops that "
    "together solve what any crop solves, each the one that solves most of the rest.",
    datasets=zoomed_datasets,
    when=has_zoom,
    numbers=True,
    compares=[untested("crops of one model", "counts of what an oracle chooses")],
)
def cover_counts(crops: Crops, data_note: ZoomNote) -> Figure:
    """Draw counts by anchor and by size, a row a model."""
    rows = first_of_cover(crops.rows)
    notes = [
        f"Data: {data_note}",
        f"The cover is fitted to these images. Of each model its first {COVER_CROPS} crops are "
        "counted, or all if there are fewer; the CSV lists them.",
    ]
    title = f"Crops that solve most images: the first {COVER_CROPS} of each cover"
    models = list(dict.fromkeys(row["model"] for row in crops.rows))
    return Figure(title, draw(rows, models), notes, Table.of_numbers(_NUMBERS, rows))


def first_of_cover(crops: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Return the first crops of each model's cover, in their order."""
    chosen = [dict(row) for row in crops if 0 < (row["cover_rank"] or 0) <= COVER_CROPS]
    models = list(dict.fromkeys(row["model"] for row in crops))
    return sorted(chosen, key=lambda row: (models.index(row["model"]), row["cover_rank"]))


def counts_by_anchor(rows: Sequence[Mapping[str, Any]]) -> "np.ndarray[Any, Any]":
    """Return how many crops are at each anchor, shape (rows, columns)."""
    counts = np.zeros((ANCHORS, ANCHORS), int)
    np.add.at(counts, ([row["row"] for row in rows], [row["col"] for row in rows]), 1)
    return counts


def draw(rows: Sequence[Row], models: Sequence[str]) -> Any:
    """Draw `first_of_cover`, a row a model; one without a correct crop has no cover."""
    figure = new_figure(PAGE_WIDTH, 0.8 + 1.5 * len(models))
    axes: Any = figure.subplots(len(models), 2, squeeze=False, width_ratios=(1, 2.6))
    sizes = sorted({row["size"] for row in rows})
    for (left, right), model in zip(axes, models, strict=True):
        of_model = [row for row in rows if row["model"] == model]
        counts = counts_by_anchor(of_model)
        left.imshow(counts, cmap="Blues", vmin=0, vmax=max(1, counts.max()), aspect=0.75)
        for (down, across), count in np.ndenumerate(counts):
            dark = count > counts.max() / 2
            place = {"ha": "center", "va": "center", "color": "white" if dark else "black"}
            left.text(across, down, str(count), **place)
        left.set(xticks=[], yticks=[])
        left.spines[:].set_visible(False)
        left.set_ylabel(in_two_lines(model, _NAME), fontsize=TEXT_SIZE)
        heights = [sum(row["size"] == size for row in of_model) for size in sizes]
        colours = ["C5" if size > SIDE else "C0" if size < SIDE else "0.5" for size in sizes]
        right.bar(range(len(sizes)), heights, color=colours)
        right.set(xticks=range(len(sizes)), ylabel="crops")
        right.set_xticklabels(sizes, rotation=90 if len(sizes) > 12 else 0)
        right.yaxis.get_major_locator().set_params(integer=True)
    axes[0, 0].set_title("by anchor", loc="center")
    axes[0, 1].set_title(f"by size (px): below, at and above {SIDE}", loc="center")
    return figure
