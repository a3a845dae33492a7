"""Effective robustness: the distance of models above the line of published models."""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np

from wildframe.core.choices import Targets
from wildframe.core.tables import Row
from wildframe.exhibits.figure import PAGE_WIDTH, Figure, new_figure
from wildframe.exhibits.registry import Context, File, exhibit
from wildframe.exhibits.robustness_table import INTERVALS, RobustnessTable
from wildframe.exhibits.table import Table
from wildframe.scores.effective import (
    PUBLISHED,
    Fit,
    Published,
    clipped,
    effective,
    fit,
    read_published,
)
from wildframe.studies.vid_robust.cells import (
    ACCURACY_KEYS,
    Kind,
    accuracy_cells,
)
from wildframe.studies.vid_robust.inputs import (
    DataNote,
    Kinds,
    Robustness,
    SetsLabelSpace,
    datasets,
)
from wildframe.studies.vid_robust.scatter import NAMED, add_legend, draw_models, kind_of

_K = 10
"""Largest distance of the published accuracies, in frames."""

_TICKS = (0.1, 0.5, 1, 2, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 98, 99, 99.5, 99.9)
"""Ticks of a logit axis, in percent."""

_TYPES = ("#bcd4e6", "#f4c7ab", "#c8e6c9", "#e1c4e9", "#f6e3a1", "#cfd8dc")
"""Colours of the published models' types; the rarer types share the last one."""

_OTHERS = "other types"

_ACCURACIES = ("original", "perturbed")


@dataclass(frozen=True, slots=True)
class Background:
    """The published models that ours are compared with."""

    published: Sequence[Published]
    line: Fit | None
    lacking: str
    """Why there is no line; empty where there is one."""


def _published_file(run: Context) -> list[str]:
    return [run.study.published] if run.study.published else []


@exhibit(
    "Supplement: effective robustness",
    "above the line of published models",
    "Distance of models above the line that published models follow from original to perturbed "
    "accuracy, on logit axes (not in the paper; after Taori et al. 2020).",
    datasets=datasets,
    numbers=True,
)
def effective_robustness(
    robustness: Robustness,
    published: Annotated[Sequence[Path], File("", list, _published_file, many=True)],
    kinds: Kinds,
    label_space: SetsLabelSpace,
    data_note: DataNote,
) -> Figure:
    """Draw our models on axes of logits, over the published ones and their line."""
    behind = background(next(iter(published), None), label_space, robustness.k)
    rows = points(robustness, kinds, behind)
    title = "Effective robustness"
    drawing = draw(title, rows, behind, robustness.k)
    notes = [*robustness.notes(data_note, rows[0]["model"]), *notes_of(behind, len(rows))]
    numbers = ["model", "kind", *ACCURACY_KEYS, "effective"]
    return Figure(title, drawing, notes, Table.of_numbers(title, numbers, rows))


def background(path: Path | None, label_space: Targets, k: int) -> Background:
    """Return the published models and their line, or why there are none to compare with.

    Raises:
        UserError: The file is absent or something else.
    """
    if path is None:
        lacking = "no published models in the config: studies.vid_robust.published"
    elif label_space not in PUBLISHED:
        spaces = " and ".join(PUBLISHED)
        lacking = f"published accuracies are of {spaces}, these sets of {label_space}"
    elif k != _K:
        lacking = f"published accuracies are of sets up to {_K} frames away, these reach {k}"
    else:
        published = read_published(path, label_space)
        return Background(published, fit(published), "")
    return Background([], None, f"Effective robustness is not known: {lacking}.")


def points(table: RobustnessTable, kinds: Mapping[str, Kind], behind: Background) -> list[Row]:
    """Return accuracies of each model in percent, and its distance above the line in points.

    The distance is None without a line, or where an accuracy of 0 or 100 % has no logit.

    Raises:
        UserError: A model was not scored.
    """
    rows = []
    for model, kind in kinds.items():
        cells = accuracy_cells(table, model) | {"kind": kind}
        above = None
        if behind.line:
            # Shares of counts: percentages that are divided again may miss 1.
            ours = [cells[f"{key}_successes"] / cells[f"{key}_n"] for key in _ACCURACIES]
            above = effective(behind.line, *ours)
        rows.append(cells | {"effective": above})
    return rows


def notes_of(behind: Background, models: int) -> list[str]:
    """Return the notes that explain the drawing of so many models."""
    notes = [
        f"{INTERVALS} 0 and 100 % have no logit: they are drawn half an anchor away"
        + (", and the model's effective robustness is not known (N/A)." if behind.line else "."),
    ]
    if behind.line:
        notes += [
            "Effective robustness, after each name: points above the line, fitted to the logits of "
            "published models of standard training; its band resamples them (bootstrap, 95 %).",
            "Published accuracies are of the published sets: on others, the distance from the line "
            "also reflects how the sets differ.",
        ]
    else:
        notes.append(behind.lacking)
    if models > NAMED:
        notes.append("The names of the models are in the CSV.")
    return notes


def draw(title: str, rows: Sequence[Row], behind: Background, k: int) -> Any:
    """Draw `points` on logit axes, over the published models."""
    figure = new_figure(PAGE_WIDTH, 5)
    axis = figure.subplots()
    draw_models(axis, rows, _place, _kind_and_distance if behind.line else kind_of)
    low, high = _ends(rows, behind.published)
    axis.plot([low, high], [low, high], "--", color="0.5", linewidth=0.8, label="y = x")
    if behind.line:
        _draw_line(axis, behind.line, low, high)
        _draw_published(axis, behind.published)
    ticks = [percent for percent in _TICKS if low <= _logit(percent / 100) <= high]
    places = [_logit(percent / 100) for percent in ticks]
    names = [f"{percent:g}" for percent in ticks]
    axis.set_xticks(places, names)
    axis.set_yticks(places, names)
    axis.set(
        xlim=(low, high),
        ylim=(low, high),
        aspect="equal",
        xlabel="accuracy on anchors (%, logit scale)",
        ylabel=f"accuracy on sets, pm-{k} (%, logit scale)",
    )
    axis.grid()
    figure.suptitle(title)
    add_legend(figure)
    return figure


def _kind_and_distance(row: Row) -> str:
    above = row["effective"]
    return f"{kind_of(row)}, {'N/A' if above is None else f'{above:+.1f}'}"


def _logit(p: float) -> float:
    return math.log(p / (1 - p))


def _place(percent: float, n: int) -> float:
    return _logit(float(clipped(np.array(percent / 100), n)))


def _ends(rows: Sequence[Row], published: Sequence[Published]) -> tuple[float, float]:
    """Return the limits of both axes: of our points and intervals, and the published points."""
    keys = [f"{key}_{end}" for key in ("original", "perturbed") for end in ("low", "high")]
    drawn = [_place(row[key], row["original_n"]) for row in rows for key in keys]
    drawn += [_place(100 * p, one.n) for one in published for p in (one.pm_0, one.pm_k)]
    return min(drawn) - 0.15, max(drawn) + 0.15


def _draw_line(axis: Any, line: Fit, low: float, high: float) -> None:
    at = np.linspace(low, high, 100)
    anchors = 1 / (1 + np.exp(-at))
    below, above = (np.log(p / (1 - p)) for p in line.band(anchors))
    axis.fill_between(at, below, above, color="0.3", alpha=0.2, linewidth=0)
    label = (
        f"line of {line.n} published models:\nlogit y = {line.slope:.2f} logit x "
        f"{'+' if line.intercept >= 0 else '-'} {abs(line.intercept):.2f}, r = {line.r:.2f}"
    )
    axis.plot(at, line.slope * at + line.intercept, color="0.15", linewidth=1.2, label=label)


def _draw_published(axis: Any, published: Sequence[Published]) -> None:
    counts = Counter(one.model_type for one in published)
    common = [name for name, _ in counts.most_common(len(_TYPES) - 1)]
    by_type: dict[str, list[Published]] = {name: [] for name in common}
    for one in published:
        name = one.model_type if one.model_type in common else _OTHERS
        by_type.setdefault(name, []).append(one)
    for (name, found), color in zip(by_type.items(), _TYPES, strict=False):
        axis.scatter(
            [_place(100 * one.pm_0, one.n) for one in found],
            [_place(100 * one.pm_k, one.n) for one in found],
            s=8,
            color=color,
            label=f"published: {name or 'no type'} ({len(found)})",
            zorder=1,
        )
