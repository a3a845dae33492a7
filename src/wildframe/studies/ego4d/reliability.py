"""Calibration: top-1 accuracy against top-1 probability."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from wildframe.core.statistics import clopper_pearson
from wildframe.core.tables import Row
from wildframe.exhibits.comparisons import paired, untested
from wildframe.exhibits.figure import PAGE_WIDTH, Figure, draw_points, new_figure
from wildframe.exhibits.inputs import TableFile
from wildframe.exhibits.panels import TEXT_SIZE, in_two_lines
from wildframe.exhibits.registry import exhibit
from wildframe.exhibits.shares import drawn_interval, notes_on_intervals
from wildframe.exhibits.table import Table
from wildframe.scores.calibration import BINS, calibration_noise_floor, expected_calibration_error
from wildframe.studies.ego4d.inputs import Calibration, DataNote, Models

if TYPE_CHECKING:
    from pandas import DataFrame

_COLUMNS = 4
"""Panels beside each other."""

_TITLE_WIDTH = 26
"""Characters of a title that fits on one line."""

_NUMBERS = ("model", "low", "high", "n", "successes", "mean_probability")
_SHARES = (
    *("accuracy", "accuracy_low", "accuracy_high", "cluster_low", "cluster_high", "clusters"),
    *("ece", "ece_floor"),
)


@exhibit(
    "Supplement: reliability",
    "accuracy against probability",
    "Top-1 accuracy against top-1 probability, a panel a model, with the expected calibration "
    "error and the number of images (not in the paper).",
    numbers=True,
    compares=[
        untested(
            "calibration errors of models",
            "each stands beside its noise floor, the error expected of a calibrated model",
        ),
        paired("accuracy of each two models", shown_in="model_pairs"),
    ],
)
def reliability(calibration: Calibration, models: Models, data_note: DataNote) -> Figure:
    """Draw a panel a model: accuracy against probability, and below it how many images."""
    rows = bins_by_model(calibration, models)
    without = [model for model in models if model not in {row["model"] for row in rows}]
    notes = [f"Data: {data_note}"]
    if rows:
        notes.append(
            "A point is a bin of images; below the diagonal a model is overconfident. ECE: "
            f"expected calibration error, in {BINS} bins; floor: the ECE that a perfectly "
            "calibrated model would have on average with as many images."
        )
    intervals, low, _ = _interval(rows)
    notes += notes_on_intervals(intervals, rows, low=low, is_hollow=True)
    if without:
        notes.append(f"Without probabilities, and so not shown: {', '.join(without)}.")
    title = "Reliability: top-1 accuracy against top-1 probability"
    return Figure(title, draw(rows), notes, Table.of_numbers(_NUMBERS + _SHARES, rows))


def bins_by_model(calibration: TableFile, models: Sequence[str]) -> list[Row]:
    """Return the bins of some models, with both intervals and each model's calibration error.

    There are none of external predictions without probabilities.
    """
    by_model: dict[str, list[Mapping[str, Any]]] = {}
    for row in calibration.rows:
        by_model.setdefault(row["model"], []).append(row)
    rows: list[Row] = []
    for model in filter(by_model.__contains__, models):
        error = expected_calibration_error(by_model[model])
        floor = calibration_noise_floor(by_model[model])
        for found in by_model[model]:
            share = clopper_pearson(found["successes"], found["n"])
            interval = {"accuracy_low": share.low, "accuracy_high": share.high}
            rows.append(
                {**found, "accuracy": share.value, **interval, "ece": error, "ece_floor": floor}
            )
    return rows


def _interval(rows: Sequence[Row]) -> tuple[str, str, str]:
    return drawn_interval(rows, "accuracy_")


def draw(rows: Sequence[Row]) -> Any:
    """Draw `bins_by_model`, a panel a model; without any, the title stands alone."""
    from pandas import DataFrame

    if not rows:
        return new_figure(PAGE_WIDTH, 0.6)
    panels = DataFrame(rows).groupby("model", sort=False)
    across = min(panels.ngroups, _COLUMNS)
    down = -(-panels.ngroups // across)
    figure = new_figure(PAGE_WIDTH, 2.1 * down + 0.6)
    grid: Any = figure.add_gridspec(down, across)
    _, *ends = _interval(rows)
    for place, (model, bins) in zip(grid, panels, strict=False):
        halves = place.subgridspec(2, 1, height_ratios=(3, 1))
        above = figure.add_subplot(halves[0])
        _draw_accuracy(above, model, bins, ends)
        _draw_counts(figure.add_subplot(halves[1], sharex=above), bins)
    return figure


def _draw_accuracy(axis: Any, model: str, bins: "DataFrame", ends: Sequence[str]) -> None:
    axis.plot([0, 1], [0, 1], "--", color="0.6", linewidth=1)
    shares = bins[["accuracy", *ends]].astype(float)
    draw_points(axis, bins["mean_probability"], shares, bins["n"], marker="o", markersize=3)
    # Points at the rim are whole.
    axis.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.03), ylabel="accuracy")
    axis.tick_params(labelbottom=False)
    # In the panel it would hide points or intervals, wherever it stood.
    first = bins.iloc[0]
    error = f"ECE {100 * first['ece']:.1f} %, floor {100 * first['ece_floor']:.1f} %"
    title = f"{in_two_lines(model, _TITLE_WIDTH)}\n{error}"
    axis.set_title(title, loc="center", fontsize=TEXT_SIZE)


def _draw_counts(axis: Any, bins: "DataFrame") -> None:
    widths = bins["high"] - bins["low"]
    axis.bar(bins["low"], bins["n"], widths, align="edge", color="0.7", edgecolor="1")
    axis.yaxis.get_major_locator().set_params(integer=True)
    axis.set(xlabel="probability", ylabel="images")
