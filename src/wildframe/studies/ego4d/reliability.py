"""Whether models are as often right as they are sure."""

from collections.abc import Mapping, Sequence
from typing import Any

from wildframe.core.errors import UserError
from wildframe.core.statistics import clopper_pearson
from wildframe.core.tables import Row
from wildframe.exhibits.figure import PAGE_WIDTH, Figure, new_figure
from wildframe.exhibits.inputs import TableFile
from wildframe.exhibits.registry import exhibit
from wildframe.exhibits.table import Column, Table
from wildframe.scores.calibration import BINS, expected_calibration_error
from wildframe.studies.ego4d.inputs import Calibration, DataNote, Models
from wildframe.studies.ego4d.panels import TEXT_SIZE, in_two_lines

_COLUMNS = 4
"""Panels beside each other."""

_LETTERS = 26
"""Of a title that fits on one line."""


@exhibit(
    "Beyond: reliability",
    "accuracy against probability",
    "Top-1 accuracy against top-1 probability, a panel a model, with the expected calibration "
    "error and the number of images (not in the paper).",
    numbers=True,
)
def reliability(calibration: Calibration, models: Models, data_note: DataNote) -> Figure:
    """Draw a panel a model: accuracy against probability, and below it how many images."""
    rows = bins_by_model(calibration, models)
    notes = (
        f"Data: {data_note}",
        "A point is a bin of images, with Clopper-Pearson's 95 % interval; below the diagonal a "
        f"model is surer than it is right. ECE: expected calibration error, in {BINS} bins.",
    )
    title = "Reliability: top-1 accuracy against top-1 probability"
    return Figure(title, draw(title, rows), notes, numbers(rows))


def bins_by_model(calibration: TableFile, models: Sequence[str]) -> list[Row]:
    """Return the bins of some models, with exact intervals and each model's calibration error.

    Raises:
        UserError: The table has no bins of a model.
    """
    by_model: dict[str, list[Mapping[str, Any]]] = {}
    for row in calibration.rows:
        by_model.setdefault(row["model"], []).append(row)
    rows: list[Row] = []
    for model in models:
        if model not in by_model:
            raise UserError(
                f"{calibration.path}: no bins of {model}; name a model that this table has, or "
                "make it anew with the model's results"
            )
        error = expected_calibration_error(by_model[model])
        for found in by_model[model]:
            share = clopper_pearson(found["successes"], found["n"])
            interval = {"accuracy_low": share.low, "accuracy_high": share.high}
            rows.append({**found, "accuracy": share.value, **interval, "ece": error})
    return rows


def numbers(rows: Sequence[Row]) -> Table:
    """Return what is drawn as a table."""
    keys = ["model", "low", "high", "n", "successes", "mean_probability"]
    keys += ["accuracy", "accuracy_low", "accuracy_high", "ece"]
    return Table("Reliability", [Column(key, key) for key in keys], rows)


def draw(title: str, rows: Sequence[Row]) -> Any:
    """Return the drawing of `bins_by_model`."""
    by_model: dict[str, list[Row]] = {}
    for row in rows:
        by_model.setdefault(row["model"], []).append(row)
    across = min(len(by_model), _COLUMNS)
    down = -(-len(by_model) // across)
    figure = new_figure(PAGE_WIDTH, 2.1 * down + 0.6)
    grid: Any = figure.add_gridspec(down, across)
    for place, (model, bins) in zip(grid, by_model.items(), strict=False):
        halves = place.subgridspec(2, 1, height_ratios=(3, 1))
        above = figure.add_subplot(halves[0])
        _draw_accuracy(above, model, bins)
        _draw_counts(figure.add_subplot(halves[1], sharex=above), bins)
    figure.suptitle(title)
    return figure


def _draw_accuracy(axis: Any, model: str, bins: Sequence[Row]) -> None:
    axis.plot([0, 1], [0, 1], "--", color="0.6", linewidth=1)
    accuracies = [row["accuracy"] for row in bins]
    below = [row["accuracy"] - row["accuracy_low"] for row in bins]
    above = [row["accuracy_high"] - row["accuracy"] for row in bins]
    axis.errorbar(
        [row["mean_probability"] for row in bins],
        accuracies,
        yerr=[below, above],
        marker="o",
        markersize=3,
        elinewidth=0.7,
    )
    axis.set(xlim=(0, 1), ylim=(-0.03, 1.03), ylabel="accuracy")
    axis.tick_params(labelbottom=False)
    # Names of timm's checkpoints are longer than a panel is wide.
    name = in_two_lines(model, _LETTERS)
    # In the panel it would hide points or intervals, wherever it stood.
    title = f"{name}\nECE {100 * bins[0]['ece']:.1f} %"
    axis.set_title(title, loc="center", fontsize=TEXT_SIZE, fontweight="normal")


def _draw_counts(axis: Any, bins: Sequence[Row]) -> None:
    edges = [row["low"] for row in bins]
    widths = [row["high"] - row["low"] for row in bins]
    axis.bar(edges, [row["n"] for row in bins], widths, align="edge", color="0.7", edgecolor="1")
    axis.yaxis.get_major_locator().set_params(integer=True)
    axis.set(xlabel="probability", ylabel="images")
