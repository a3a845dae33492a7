"""Fig. 2: top-1 accuracy before and after fine-tuning, as bars."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from wildframe.exhibits.comparisons import lettered, paired
from wildframe.exhibits.figure import PAGE_WIDTH, Figure, new_figure
from wildframe.exhibits.pairs import Case, corrected, few_clusters, sentences
from wildframe.exhibits.panels import in_two_lines
from wildframe.exhibits.registry import exhibit
from wildframe.exhibits.shares import notes_on_intervals
from wildframe.studies.ego4d.fig11_finetuned import (
    BLOCKS,
    EARLY_STOPPING,
    WHICH_RECIPE,
    Trainings,
    fig11_finetuned,
    in_blocks,
    split_note,
)
from wildframe.studies.ego4d.inputs import (
    CompareFineTuning,
    FineTuned,
    FineTuningNote,
    HeldOutPairs,
    HeldOutScores,
    SplitBy,
)

_INTERVALS = "Intervals are Clopper-Pearson's, 95 %; Fig. 11 has those over clips."

_HEIGHT = 0.38
"""Height of a bar, where models are 1 apart."""

_NAME_WIDTH = 28
"""Characters of a line of a model's name."""

COLORS = ("#9aa5b1", "#0072b2")
_LABELS = ("zero-shot", "fine-tuned")
_DIAMOND: dict[str, Any] = {
    "marker": "D",
    "color": "black",
    "markerfacecolor": "white",
    "linestyle": "none",
}


@exhibit(
    "Fig. 02",
    "before and after fine-tuning",
    "Top-1 accuracy on held-out images before and after fine-tuning (paper: Fig. 2).",
    printed="fig11_finetuned",
    when=lambda run: run.study.finetuning,
    compares=[paired("after against before fine-tuning"), lettered(shown_in="fig11_finetuned")],
)
def fig2_finetuning(
    scores: HeldOutScores,
    pairs: HeldOutPairs,
    models: FineTuned,
    by: SplitBy,
    trainings: Trainings,
    data_note: FineTuningNote,
    compare: CompareFineTuning,
) -> Figure:
    """Draw two bars a model."""
    rows = fig11_finetuned(scores, pairs, models, by, trainings, data_note, compare).rows
    gains = corrected(
        [
            pairs.require(Case(entry.name), Case(origin.name))
            for _, origin, entry in in_blocks(models, by)
            if entry != origin
        ]
    )
    notes = [
        f"Data: {data_note}; {rows[0]['n']} held-out images",
        *notes_on_intervals(_INTERVALS, rows, low="top1_low"),
        split_note(by),
        *trainings,
        WHICH_RECIPE,
        EARLY_STOPPING,
        f"After minus before, in points (paired over clips; p: permutation, Holm): "
        f"{sentences(gains)}.",
        *few_clusters(gains),
    ]
    if _has_paper(rows):
        notes.append("The paper's zero-shot accuracies are of all its images.")
    title = "Fig. 2: top-1 accuracy before and after fine-tuning"
    return Figure(title, draw(rows), notes)


def _has_paper(rows: Sequence[Mapping[str, Any]]) -> bool:
    return any(row["paper_top1"] for row in rows)


def draw(rows: Sequence[Mapping[str, Any]]) -> Any:
    """Draw the rows of `fig11_finetuned`, a pair of bars a model."""
    from pandas import DataFrame

    percent = ["top1", "top1_low", "top1_high", "paper_top1"]
    frame = DataFrame(rows).astype(dict.fromkeys(percent, float))
    models = frame["origin"].unique()
    figure = new_figure(PAGE_WIDTH, 1.1 + 0.42 * len(models))
    axis = figure.subplots()
    handles: list[Any] = []
    for number, block in enumerate(BLOCKS):
        bars = frame[frame["block"] == block]
        places = np.arange(len(bars)) + (number - 0.5) * _HEIGHT
        values, color = bars["top1"], COLORS[number]
        handles.append(axis.barh(places, values, _HEIGHT, color=color, label=_LABELS[number]))
        errors = abs(bars[["top1_low", "top1_high"]].T - values)
        axis.errorbar(values, places, xerr=errors, fmt="none", ecolor="black", linewidth=0.8)
        for place, value in zip(places, values, strict=True):
            # Beside the axis, where it hides nothing.
            axis.text(101.5, place, f"{value:.2f} %", va="center", fontsize="small")
        axis.plot(bars["paper_top1"], places, **_DIAMOND)
    if _has_paper(rows):
        handles += axis.plot([], [], label="paper", **_DIAMOND)
    axis.set_yticks(range(len(models)), [in_two_lines(model, _NAME_WIDTH) for model in models])
    axis.invert_yaxis()
    axis.set(xlim=(0, 100), xlabel="top-1 accuracy on held-out images (%)")
    axis.grid(axis="x")
    figure.legend(handles=handles, loc="outside right center")
    return figure
