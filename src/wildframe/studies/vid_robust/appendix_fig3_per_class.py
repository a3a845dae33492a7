"""Appendix Fig. 3: accuracy of one model on anchors and on sets, class by class."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

from wildframe.core.choices import Targets
from wildframe.core.errors import UserError
from wildframe.core.tables import Row
from wildframe.exhibits.figure import add_notes, pyplot, save
from wildframe.exhibits.robustness_table import INTERVALS, RobustnessTable
from wildframe.exhibits.table import Table
from wildframe.studies.vid_robust.cells import accuracy_cells, number_columns, unanswerable_notes

MOST = 60
"""Classes that are drawn."""

_HEIGHT = 0.4
"""Of a bar, where classes are 1 apart."""

_BARS = (("original", "#9aa5b1", "original"), ("perturbed", "#2a6f97", "perturbed"))

_LETTERS = 28
"""Of the name of a class."""


def per_class(table: RobustnessTable, model: str, names: Mapping[str, str]) -> list[Row]:
    """Return both accuracies on each class in percent, by falling loss.

    Args:
        table: Robustness of the model.
        model: Model of the study.
        names: Names of classes by wnid; a class without one is shown by its wnid.

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
            "outcomes"
        )
    rows.sort(key=lambda row: (-row["delta"], row["class_name"], row["wnid"]))
    return rows


def numbers(rows: Sequence[Row]) -> Table:
    """Return all classes as a table, also those that are not drawn."""
    keys = ["class_name", "wnid", "model"]
    for key in ("original", "perturbed"):
        keys += [key, f"{key}_low", f"{key}_high", f"{key}_successes", f"{key}_n"]
    keys += ["delta", "delta_low", "delta_high"]
    return Table("Accuracy by class", number_columns(keys), rows)


def plot(
    rows: Sequence[Row],
    table: RobustnessTable,
    targets: Targets,
    about: str,
    outputs: Sequence[Path],
) -> None:
    """Draw two bars a class; of many classes those with the most anchors.

    Args:
        rows: `per_class`.
        table: Robustness of the model.
        targets: Classes that answers are judged by.
        about: What the data is.
        outputs: Files to write, .png or .svg.
    """
    model = rows[0]["model"]
    common = sorted(rows, key=lambda row: -row["original_n"])[:MOST]
    drawn = [row for row in rows if row in common]
    figure, axis = pyplot().subplots(figsize=(9, 3 + 0.34 * len(drawn)), layout="constrained")
    for number, (key, color, label) in enumerate(_BARS):
        places = [place + (number - 0.5) * _HEIGHT for place in range(len(drawn))]
        axis.barh(places, [row[key] for row in drawn], _HEIGHT, color=color, label=label)
        several = [
            (place, row) for place, row in zip(places, drawn, strict=True) if row["original_n"] > 1
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
            linewidth=0.7,
            capsize=2,
        )
        for cap in whiskers.lines[1]:
            cap.set_clip_on(False)
    for place, row in enumerate(drawn):
        # Beside the axis, where it hides nothing.
        axis.text(101.5, place, f"{row['delta']:.1f}  (n = {row['original_n']})", va="center")
    axis.set_yticks(range(len(drawn)), [_short(row["class_name"]) for row in drawn])
    for label in axis.get_yticklabels():
        label.set_parse_math(False)
    axis.invert_yaxis()
    axis.set(xlim=(0, 100), xlabel="accuracy (%); right: points lost, and n anchors")
    axis.set_ylim(len(drawn) - 0.4, -0.6)
    axis.grid(axis="x", color="0.9")
    axis.set_axisbelow(True)
    axis.set_title(f"Appendix Fig. 3: accuracy by class\n{model}", fontsize=12, parse_math=False)
    figure.legend(loc="outside upper right", frameon=False, ncols=2)
    total = accuracy_cells(table, model)
    notes = [
        *table.notes(about, model),
        "An anchor counts for each of its labels; any of them is right. Of all anchors "
        f"{total['original']:.1f} % are right, and {total['perturbed']:.1f} % of sets (pm-"
        f"{table.k}); the median loss of a class is {median(row['delta'] for row in rows):.1f}.",
        INTERVALS,
        *unanswerable_notes(table, model, targets),
    ]
    if any(row["original_n"] == 1 for row in drawn):
        notes.append("The interval of a single anchor tells nothing, and is not drawn.")
    if len(drawn) < len(rows):
        notes.append(
            f"Of {len(rows)} classes the {len(drawn)} with the most anchors are drawn; the table "
            "of the drawn numbers has all."
        )
    add_notes(figure, notes)
    save(figure, outputs)


def _short(name: str) -> str:
    return name if len(name) <= _LETTERS else f"{name[: _LETTERS - 1]}…"
