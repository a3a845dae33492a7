"""Appendix Fig. 3: accuracy of one model on anchors and on sets, class by class."""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Annotated, Any

from wildframe.core.errors import UserError
from wildframe.core.tables import Row
from wildframe.exhibits.figure import PAGE_WIDTH, Figure, new_figure
from wildframe.exhibits.registry import Setting, exhibit
from wildframe.exhibits.robustness_table import INTERVALS, RobustnessTable
from wildframe.exhibits.table import Table
from wildframe.studies.vid_robust.cells import (
    ACCURACY_KEYS,
    accuracy_cells,
    number_columns,
    target_names,
    unanswerable_notes,
)
from wildframe.studies.vid_robust.inputs import DataNote, Robustness, TargetClasses, datasets

MOST = 60
"""Classes that are drawn."""

_HEIGHT = 0.4
"""Of a bar, where classes are 1 apart."""

_BARS = (("original", "0.7"), ("perturbed", "C0"))
"""Accuracies, and their colours."""

_LETTERS = 28
"""Of the name of a class."""


@exhibit(
    "App. Fig. 3",
    "accuracy by class",
    "Original and perturbed accuracy of one model on each class, by falling loss (paper: appendix "
    "Fig. 3).",
    datasets=datasets,
    numbers=True,
)
def appendix_fig3_per_class(
    robustness: Robustness,
    model: Annotated[str, Setting(lambda run: run.study.per_class)],
    targets: TargetClasses,
    data_note: DataNote,
) -> Figure:
    """Draw two bars a class; of many classes those with the most anchors."""
    rows = per_class(robustness, model, target_names(targets))
    common = sorted(rows, key=lambda row: -row["original_n"])[:MOST]
    drawn = [row for row in rows if row in common]
    total = accuracy_cells(robustness, model)
    notes = [
        *robustness.notes(data_note, model),
        "An anchor counts for each of its labels; any of them is right. Of all anchors "
        f"{total['original']:.1f} % are right, and {total['perturbed']:.1f} % of sets (pm-"
        f"{robustness.k}); the median loss of a class is {median(row['delta'] for row in rows):.1f}"
        ".",
        INTERVALS,
        *unanswerable_notes(robustness, model, targets),
    ]
    if any(row["original_n"] == 1 for row in drawn):
        notes.append("The interval of a single anchor tells nothing, and is not drawn.")
    if len(drawn) < len(rows):
        notes.append(
            f"Of {len(rows)} classes the {len(drawn)} with the most anchors are drawn; the table "
            "of the drawn numbers has all."
        )
    title = f"Appendix Fig. 3: accuracy by class, {model}"
    return Figure(title, draw(title, drawn), notes, numbers(rows))


def per_class(table: RobustnessTable, model: str, names: Mapping[str, str]) -> list[Row]:
    """Return both accuracies on each class in percent, by falling loss.

    Raises:
        UserError: The model was not scored by class.
    """
    rows: list[Row] = [
        {"class_name": names.get(wnid, wnid), "wnid": wnid}
        | accuracy_cells(table, model, f"class={wnid}")
        for wnid in table.classes(model)
    ]
    if not rows:
        raise UserError(
            f"{table.path}: {model} has no subset class=<wnid>; make the table anew with its "
            "image_results"
        )
    rows.sort(key=lambda row: (-row["delta"], row["class_name"], row["wnid"]))
    return rows


def numbers(rows: Sequence[Row]) -> Table:
    """Return all classes as a table, also those that are not drawn."""
    ends = ["delta", "delta_low", "delta_high"]
    columns = number_columns(["class_name", "wnid", "model", *ACCURACY_KEYS, *ends])
    return Table("Accuracy by class", columns, rows)


def draw(title: str, rows: Sequence[Row]) -> Any:
    """Return the drawing of `per_class`, a pair of bars a row."""
    figure = new_figure(PAGE_WIDTH, 1.2 + 0.24 * len(rows))
    axis = figure.subplots()
    for number, (key, color) in enumerate(_BARS):
        places = [place + (number - 0.5) * _HEIGHT for place in range(len(rows))]
        axis.barh(places, [row[key] for row in rows], _HEIGHT, color=color, label=key)
        several = [
            (place, row) for place, row in zip(places, rows, strict=True) if row["original_n"] > 1
        ]
        whiskers = axis.errorbar(
            [row[key] for _, row in several],
            [place for place, _ in several],
            xerr=[
                [row[key] - row[f"{key}_low"] for _, row in several],
                [row[f"{key}_high"] - row[key] for _, row in several],
            ],
            fmt="none",
            ecolor="0.25",
            elinewidth=0.6,
            capsize=1.5,
        )
        for cap in whiskers.lines[1]:
            cap.set_clip_on(False)
    for place, row in enumerate(rows):
        # Beside the axis, where it hides nothing.
        told = f"{row['delta']:.1f}  (n = {row['original_n']})"
        axis.text(101.5, place, told, va="center", fontsize="small")
    axis.set_yticks(range(len(rows)), [_short(row["class_name"]) for row in rows])
    axis.invert_yaxis()
    axis.set(xlim=(0, 100), xlabel="accuracy (%); right: points lost, and n anchors")
    axis.set_ylim(len(rows) - 0.4, -0.6)
    axis.grid(axis="x")
    axis.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2)
    figure.suptitle(title)
    return figure


def _short(name: str) -> str:
    return name if len(name) <= _LETTERS else f"{name[: _LETTERS - 1]}…"
