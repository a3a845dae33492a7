"""Fig. 2: top-1 accuracy before and after fine-tuning, as bars."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from wildframe.core.choices import Grouping
from wildframe.exhibits.figure import add_notes, pyplot, save
from wildframe.exhibits.table import Table
from wildframe.studies.ego4d.fig11_finetuned import BLOCKS, EARLY_STOPPING, split_note

_HEIGHT = 0.38
"""Of a bar, where models are 1 apart."""

_COLORS = ("#9aa5b1", "#2a6f97")
_LABELS = ("zero-shot", "fine-tuned")
_DIAMOND = {"marker": "D", "color": "black", "markerfacecolor": "white", "linestyle": "none"}


def bars(table: Table, by: Grouping, about: str, outputs: Sequence[Path]) -> None:
    """Draw two bars a model.

    Args:
        table: `fig11_finetuned.finetuned`, of the same models.
        by: What lay in one part as a whole.
        about: What the data is.
        outputs: Files to write, .png or .svg.
    """
    models = list(dict.fromkeys(row["model"] for row in table.rows))
    plt = pyplot()
    size = (9, 2.2 + 0.8 * len(models))
    figure, axis = plt.subplots(figsize=size, layout="constrained")
    handles = []
    for number, block in enumerate(BLOCKS):
        rows = [row for row in table.rows if row["block"] == block]
        places = [place + (number - 0.5) * _HEIGHT for place in range(len(rows))]
        handles.append(_draw(axis, rows, places, _COLORS[number], _LABELS[number]))
    if any(row["paper_top1"] for row in table.rows):
        handles += axis.plot([], [], label="paper", **_DIAMOND)
    axis.set_yticks(range(len(models)), models)
    axis.invert_yaxis()
    axis.set(xlim=(0, 100), xlabel="top-1 accuracy on held-out pictures (%)")
    axis.grid(axis="x", color="0.9")
    axis.set_axisbelow(True)
    axis.set_title("Fig. 2: top-1 accuracy before and after fine-tuning", fontsize=12)
    figure.legend(handles=handles, loc="outside right upper", frameon=False)
    notes = [
        f"Data: {about}; {table.rows[0]['n']} held-out pictures",
        "Intervals are Clopper-Pearson's, 95 %; Fig. 11 has those over clips.",
        split_note(by),
        EARLY_STOPPING,
    ]
    if len(handles) > len(BLOCKS):
        notes.append("The paper's zero-shot accuracies are of all its pictures.")
    add_notes(figure, notes)
    save(figure, outputs)


def _draw(
    axis: Any,
    rows: Sequence[Mapping[str, Any]],
    places: Sequence[float],
    color: str,
    label: str,
) -> Any:
    """Draw the bars of one block, and return what the legend shows of them."""
    values = [float(row["top1"]) for row in rows]
    errors = [
        [value - float(row["top1_low"]) for value, row in zip(values, rows, strict=True)],
        [float(row["top1_high"]) - value for value, row in zip(values, rows, strict=True)],
    ]
    drawn = axis.barh(places, values, _HEIGHT, color=color, label=label)
    axis.errorbar(values, places, xerr=errors, fmt="none", ecolor="black", capsize=3, linewidth=1)
    for place, row in zip(places, rows, strict=True):
        # Beside the axis, where it hides nothing.
        axis.text(101.5, place, f"{row['top1']} %", va="center")
        if row["paper_top1"]:
            axis.plot(float(row["paper_top1"]), place, **_DIAMOND)
    return drawn
