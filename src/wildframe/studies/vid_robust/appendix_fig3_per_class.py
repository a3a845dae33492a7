"""Appendix Fig. 3: accuracy of one model on anchors and on sets, class by class."""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Annotated, Any

from wildframe.core.errors import UserError
from wildframe.core.tables import Row
from wildframe.exhibits.comparisons import untested
from wildframe.exhibits.figure import FEW, PAGE_WIDTH, Figure, new_figure
from wildframe.exhibits.panels import shortened
from wildframe.exhibits.registry import Setting, exhibit
from wildframe.exhibits.robustness_table import RobustnessTable
from wildframe.exhibits.table import Table
from wildframe.exhibits.unpredictable import unpredictable_notes
from wildframe.studies.vid_robust.cells import (
    ACCURACY_KEYS,
    BY_LABEL,
    ORIGINAL_AGAINST_PERTURBED,
    accuracy_cells,
    class_names,
    drawn_notes,
)
from wildframe.studies.vid_robust.inputs import DataNote, Robustness, SetsLabelSpace, datasets

MOST = 60
"""Classes that are drawn, at most."""

_HEIGHT = 0.4
"""Height of a bar, where classes are 1 apart."""

_BARS = (("original", "0.7"), ("perturbed", "C0"))
"""Accuracies, and their colours."""

_NUMBERS = ["class_name", "wnid", "model", *ACCURACY_KEYS, "delta", "delta_low", "delta_high"]

_NAME_WIDTH = 28
"""Characters of the name of a class."""


@exhibit(
    "App. Fig. 3",
    "accuracy by class",
    "Original and perturbed accuracy of one model on each class, by falling loss (paper: appendix "
    "Fig. 3).",
    datasets=datasets,
    numbers=True,
    compares=[
        untested("classes of one model", "they are of other sets"),
        untested(*ORIGINAL_AGAINST_PERTURBED),
    ],
)
def appendix_fig3_per_class(
    robustness: Robustness,
    model: Annotated[str, Setting(lambda run: run.study.per_class)],
    label_space: SetsLabelSpace,
    data_note: DataNote,
) -> Figure:
    """Draw two bars a class; of many classes those with the most anchors."""
    rows = per_class(robustness, model, class_names(label_space))
    common = sorted(rows, key=lambda row: -row["original_n"])[:MOST]
    drawn = [row for row in rows if row in common]
    total = accuracy_cells(robustness, model)
    notes = [
        *robustness.notes(data_note, model),
        "An anchor counts for each of its labels; any of them is correct. Predictions are correct "
        f"on {total['original']:.1f} % of all anchors, and on {total['perturbed']:.1f} % of sets "
        f"(pm-{robustness.k}); the median loss of a class is "
        f"{median(row['delta'] for row in rows):.1f}.",
        *drawn_notes(drawn),
        *unpredictable_notes(BY_LABEL, label_space, robustness.counts("class", model, 0)),
    ]
    if len(drawn) < len(rows):
        notes.append(
            f"Of {len(rows)} classes the {len(drawn)} with the most anchors are drawn; the CSV "
            "has all."
        )
    title = f"Appendix Fig. 3: accuracy by class, {model}"
    return Figure(title, draw(drawn), notes, Table.of_numbers(_NUMBERS, rows))


def per_class(table: RobustnessTable, model: str, names: Mapping[str, str]) -> list[Row]:
    """Return both accuracies on each class in percent, by falling loss.

    Raises:
        UserError: The model was not scored by class.
    """
    rows: list[Row] = [
        {"class_name": names.get(wnid, wnid), "wnid": wnid}
        | accuracy_cells(table, model, f"class={wnid}")
        for wnid in table.values("class", model)
    ]
    if not rows:
        raise UserError(
            f"{table.path}: {model} has no subset class=<wnid>; make the table anew from its "
            "set results"
        )
    rows.sort(key=lambda row: (-row["delta"], row["class_name"], row["wnid"]))
    return rows


def draw(rows: Sequence[Row]) -> Any:
    """Draw `per_class`, a pair of bars a row."""
    from pandas import DataFrame

    frame = DataFrame(rows)
    figure = new_figure(PAGE_WIDTH, 1.2 + 0.24 * len(rows))
    axis = figure.subplots()
    for number, (key, color) in enumerate(_BARS):
        places = frame.index + (number - 0.5) * _HEIGHT
        axis.barh(places, frame[key], _HEIGHT, color=color, label=key)
        several = frame["original_n"] >= FEW
        if not several.any():  # matplotlib cannot draw no whiskers
            continue
        bars, ends = frame[several], frame.loc[several, [f"{key}_low", f"{key}_high"]]
        whiskers = axis.errorbar(
            bars[key],
            places[several],
            xerr=abs(ends.T - bars[key]),
            fmt="none",
            ecolor="0.25",
            elinewidth=0.6,
            capsize=1.5,
        )
        for cap in whiskers.lines[1]:
            cap.set_clip_on(False)
    for place, row in enumerate(rows):
        # Beside the axis, where it hides nothing.
        text = f"{row['delta']:.1f}  (n = {row['original_n']})"
        axis.text(101.5, place, text, va="center", fontsize="small")
    axis.set_yticks(
        range(len(rows)), [shortened(name, _NAME_WIDTH) for name in frame["class_name"]]
    )
    axis.invert_yaxis()
    axis.set(xlim=(0, 100), xlabel="accuracy (%); right: points lost, and n anchors")
    axis.set_ylim(len(rows) - 0.4, -0.6)
    axis.grid(axis="x")
    axis.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2)
    return figure
