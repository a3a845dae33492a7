"""Accuracy of the middle crop against the size that the image is resized to."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import cycle
from typing import Any

from wildframe.core.statistics import clopper_pearson
from wildframe.core.tables import Row
from wildframe.exhibits.comparisons import untested
from wildframe.exhibits.figure import MARKERS, PAGE_WIDTH, Figure, draw_points, new_figure
from wildframe.exhibits.registry import exhibit
from wildframe.exhibits.shares import drawn_interval, notes_on_intervals
from wildframe.exhibits.table import Table
from wildframe.scores.zoom import ONE_CROP
from wildframe.studies.imagenet_hard.inputs import Crops, ZoomNote, has_zoom, zoomed_datasets

_NUMBERS = (
    *("model", "size", "value", "low", "high", "cluster_low", "cluster_high", "clusters"),
    *("successes", "n"),
)


@exhibit(
    "Figure: accuracy by size",
    "accuracy of the middle crop by size",
    "Accuracy of the middle crop against the size that the shorter side is resized to.",
    datasets=zoomed_datasets,
    when=has_zoom,
    numbers=True,
    compares=[untested("sizes of one model", "the best is chosen by cross-validation in Table 1")],
)
def accuracy_by_size(crops: Crops, data_note: ZoomNote) -> Figure:
    """Draw a line a model."""
    rows = middle_crops(crops.rows)
    intervals, low, _ = drawn_interval(rows)
    notes = [
        f"Data: {data_note}",
        f"Dashed: size {ONE_CROP.size}, which stands for ordinary evaluation. Every crop has 224 "
        "pixels: smaller sizes show the whole image with a black border, larger ones a part of it.",
        *notes_on_intervals(intervals, rows, low=low, is_hollow=True),
    ]
    title = "Accuracy of the middle crop by size of the image"
    return Figure(title, draw(rows), notes, Table.of_numbers(_NUMBERS, rows))


def middle_crops(crops: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Return accuracy and intervals of the middle crop of every size, by model and size."""
    return [
        {key: row[key] for key in ("model", "size", "cluster_low", "cluster_high", "clusters")}
        | asdict(clopper_pearson(row["successes"], row["n"]))
        for row in crops
        if (row["row"], row["col"]) == ONE_CROP[1:]
    ]


def draw(rows: Sequence[Row]) -> Any:
    """Draw `middle_crops`."""
    from pandas import DataFrame

    figure = new_figure(PAGE_WIDTH, 3.2)
    axis: Any = figure.subplots()
    lines = DataFrame(rows).groupby("model", sort=False)
    _, *ends = drawn_interval(rows)
    for at, ((model, line), marker) in enumerate(zip(lines, cycle(MARKERS), strict=False)):
        percent = 100 * line[["value", *ends]].astype(float)
        # Side by side: intervals of one size would hide each other.
        x = line["size"] * (1 + 0.012 * (at - (lines.ngroups - 1) / 2))
        draw_points(axis, x, percent, line["n"], marker=marker, label=model)
    sizes = sorted({row["size"] for row in rows})
    axis.axvline(ONE_CROP.size, linestyle="--", color="0.6", linewidth=0.8)
    axis.set_xscale("log", base=2)
    axis.minorticks_off()
    axis.set(
        xticks=sizes if len(sizes) <= 12 else [2**power for power in range(3, 11)],
        xlabel="size of the shorter side (px)",
        ylabel="accuracy (%)",
        ylim=(0, None),
    )
    axis.xaxis.set_major_formatter("{x:.0f}")
    axis.grid(axis="y")
    # Above, the title would run into it.
    figure.legend(loc="outside right center")
    return figure
