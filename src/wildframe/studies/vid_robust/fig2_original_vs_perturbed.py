"""Fig. 2: accuracy on anchors against accuracy on sets."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from wildframe.core.tables import Row
from wildframe.exhibits.comparisons import VIDEOS, paired, untested
from wildframe.exhibits.figure import PAGE_WIDTH, Figure, new_figure
from wildframe.exhibits.inputs import Seed
from wildframe.exhibits.paper import paper_numbers
from wildframe.exhibits.registry import exhibit
from wildframe.exhibits.robustness_table import RobustnessTable
from wildframe.exhibits.table import Table
from wildframe.scores.effective import Line, fit
from wildframe.studies.vid_robust.cells import (
    ACCURACY_KEYS,
    ORIGINAL_AGAINST_PERTURBED,
    Kind,
    accuracy_cells,
    compares,
    drawn_notes,
    papers_note,
)
from wildframe.studies.vid_robust.inputs import (
    ComparePaper,
    DataNote,
    Kinds,
    Robustness,
    datasets,
)
from wildframe.studies.vid_robust.scatter import NAMED, add_legend, draw_models


@exhibit(
    "Fig. 2",
    "accuracy on anchors and on sets",
    "Accuracy on anchors (original) against accuracy on all frames of their sets (perturbed, "
    "pm-k), a point a model, with the line of no loss and, where there are three, a line fitted to "
    "the classifiers (paper: Fig. 2).",
    datasets=datasets,
    printed="table3_models",
    numbers=True,
    compares=[
        paired("each two models", VIDEOS, shown_in="model_pairs"),
        untested(*ORIGINAL_AGAINST_PERTURBED),
    ],
)
def fig2_original_vs_perturbed(
    robustness: Robustness, kinds: Kinds, seed: Seed, data_note: DataNote, compare: ComparePaper
) -> Figure:
    """Draw a point a model, the line of no loss and a line fitted to the classifiers."""
    rows = points(robustness, kinds)
    shown = compares(compare, rows[0]["original_n"])
    line = line_through(rows, seed)
    notes = [*robustness.notes(data_note, rows[0]["model"]), *drawn_notes(rows)]
    if len(rows) > NAMED:
        notes.append("The names of the models are in the CSV.")
    if line:
        notes.append(
            "The line is fitted to the classifiers only, not to detectors. Its band is a bootstrap "
            "over the models (95 %)."
        )
    else:
        notes.append("No line is fitted: that needs three classifiers of different accuracy.")
    notes.append(papers_note(shown))
    title = "Fig. 2: original and perturbed accuracy"
    numbers = Table.of_numbers(["model", "kind", *ACCURACY_KEYS], rows)
    return Figure(title, draw(rows, line, robustness.k, shown), notes, numbers)


def points(table: RobustnessTable, kinds: Mapping[str, Kind]) -> list[Row]:
    """Return both accuracies of each model, in percent, and where the model comes from.

    Raises:
        UserError: A model was not scored.
    """
    return [accuracy_cells(table, model) | {"kind": kind} for model, kind in kinds.items()]


def line_through(rows: Sequence[Row], seed: int) -> Line | None:
    """Return the line fitted to the points of classifiers; None for fewer than three accuracies."""
    classifiers = [row for row in rows if row["kind"] != "detector"]
    original, perturbed = (
        np.array([row[key] for row in classifiers]) for key in ("original", "perturbed")
    )
    return fit(original, perturbed, seed=seed)


def draw(rows: Sequence[Row], line: Line | None, k: int, with_paper: bool) -> Any:
    """Draw `points` and the line fitted to them, over the paper's models if they are shown."""
    figure = new_figure(PAGE_WIDTH, 4.6)
    axis = figure.subplots()
    draw_models(axis, rows, lambda percent, _n: percent)
    numbers = [f"{key}{end}" for key in ("original", "perturbed") for end in ("", "_low", "_high")]
    drawn = [row[name] for row in rows for name in numbers if row[name] is not None]
    if with_paper:
        paper = paper_numbers("vid_robust", "table3_models").values()
        x, y = ([float(row[key]) for row in paper] for key in ("original", "perturbed"))
        axis.scatter(x, y, s=10, color="0.7", label=f"paper, {len(x)} models", zorder=1)
        drawn += x + y
    ends = np.array([max(0, min(drawn) - 3), min(100, max(drawn) + 3)])
    axis.plot(ends, ends, "--", color="0.5", linewidth=0.8, label="y = x: no loss")
    if line:
        sign = "+" if line.intercept >= 0 else "-"
        equation = f"y = {line.slope:.2f} x {sign} {abs(line.intercept):.1f}"
        label = f"fit to {line.n} classifiers:\n{equation}"
        axis.plot(ends, line.at(ends), color="black", linewidth=1, label=label)
        at = np.linspace(ends[0], ends[1], 100)
        axis.fill_between(at, *line.band(at), color="0.3", alpha=0.2, linewidth=0)
    axis.set(
        xlim=ends,
        ylim=ends,
        aspect="equal",
        xlabel="accuracy on anchors: original (%)",
        ylabel=f"accuracy on sets: perturbed, pm-{k} (%)",
    )
    axis.grid()
    add_legend(figure)
    return figure
