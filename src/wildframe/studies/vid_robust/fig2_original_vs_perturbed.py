"""Fig. 2: accuracy on anchors against accuracy on sets."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from wildframe.core.tables import Row
from wildframe.exhibits.figure import add_notes, pyplot, save
from wildframe.exhibits.paper import paper_numbers
from wildframe.exhibits.robustness_table import INTERVALS, RobustnessTable
from wildframe.exhibits.table import Table
from wildframe.studies.vid_robust.cells import (
    accuracy_cells,
    compares,
    kind_of,
    number_columns,
    papers_note,
)
from wildframe.studies.vid_robust.scatter import NAMED, add_legend, draw_models

_FEWEST = 3
"""Models that a line is fitted to: two points lie on one whatever they are."""


@dataclass(frozen=True, slots=True)
class Line:
    """``perturbed = slope * original + intercept``, in percent; ordinary least squares."""

    slope: float
    intercept: float


def points(table: RobustnessTable, models: Sequence[str]) -> list[Row]:
    """Return both accuracies of each model, in percent, and where the model comes from.

    Args:
        table: Robustness of the models.
        models: In the order of the rows.

    Raises:
        UserError: A model was not scored.
    """
    return [accuracy_cells(table, model) | {"kind": kind_of(model)} for model in models]


def numbers(rows: Sequence[Row]) -> Table:
    """Return what is drawn as a table."""
    keys = ["model", "kind"]
    for key in ("original", "perturbed"):
        keys += [key, f"{key}_low", f"{key}_high", f"{key}_successes", f"{key}_n"]
    return Table("Accuracy on anchors and on sets", number_columns(keys), rows)


def line_through(rows: Sequence[Row]) -> Line | None:
    """Return the line through points; None for fewer than three, or where all are as accurate."""
    original = np.array([row["original"] for row in rows])
    if len(rows) < _FEWEST or np.ptp(original) == 0:
        return None
    slope, intercept = np.polyfit(original, [row["perturbed"] for row in rows], 1)
    return Line(float(slope), float(intercept))


def plot(
    rows: Sequence[Row],
    table: RobustnessTable,
    about: str,
    licensed: bool,
    outputs: Sequence[Path],
) -> None:
    """Draw a point a model, the line of no loss and a fitted line.

    Args:
        rows: `points`, at least one.
        table: Robustness of the models.
        about: What the data is.
        licensed: Whether the data is the paper's; its numbers are drawn behind ours if all of it
            is.
        outputs: Files to write, .png or .svg.
    """
    figure, axis = pyplot().subplots(figsize=(10, 7), layout="constrained")
    draw_models(axis, rows, lambda percent, _n: percent)
    drawn = [row[key] for row in rows for key in ("original_low", "perturbed_low")]
    drawn += [row[key] for row in rows for key in ("original_high", "perturbed_high")]
    shown = compares(licensed, table.require(rows[0]["model"], 0)["n"])
    if shown:
        paper = paper_numbers("vid_robust", "table3_models").values()
        at = [[float(row[key]) for row in paper] for key in ("original", "perturbed")]
        label = f"paper, {len(at[0])} models"
        axis.scatter(*at, s=18, color="0.7", label=label, zorder=1)
        drawn += [value for values in at for value in values]
    ends = np.array([max(0, min(drawn) - 3), min(100, max(drawn) + 3)])
    axis.plot(ends, ends, "--", color="0.5", linewidth=1, label="y = x: nothing is lost")
    line = line_through(rows)
    if line:
        sign = "+" if line.intercept >= 0 else "-"
        equation = f"y = {line.slope:.2f} x {sign} {abs(line.intercept):.1f}"
        label = f"fit to {len(rows)} models:\n{equation}"
        axis.plot(ends, line.slope * ends + line.intercept, color="black", linewidth=1, label=label)
    axis.set(
        xlim=ends,
        ylim=ends,
        aspect="equal",
        xlabel="accuracy on anchors: original (%)",
        ylabel=f"accuracy on sets: perturbed, pm-{table.k} (%)",
    )
    axis.set_title("Fig. 2: original and perturbed accuracy", fontsize=12)
    axis.grid(color="0.93")
    axis.set_axisbelow(True)
    add_legend(figure)
    notes = [*table.notes(about, rows[0]["model"]), INTERVALS]
    if len(rows) > NAMED:
        notes.append("The names of the models are in the table of the drawn numbers.")
    if not line:
        notes.append(f"No line is fitted: that takes {_FEWEST} models of different accuracy.")
    add_notes(figure, [*notes, papers_note(shown)])
    save(figure, outputs)
