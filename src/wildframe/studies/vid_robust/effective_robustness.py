"""Effective robustness: the distance of models above the lines of published models."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import numpy as np

from wildframe.core.arrays import Floats, Integers
from wildframe.core.choices import Targets
from wildframe.core.clusters import FEW_CLUSTERS
from wildframe.core.display import interval
from wildframe.core.statistics import clopper_pearson
from wildframe.core.tables import Row
from wildframe.core.targets import space_name
from wildframe.exhibits.comparisons import VIDEOS, paired, untested
from wildframe.exhibits.figure import PAGE_WIDTH, Figure, new_figure
from wildframe.exhibits.inputs import Seed
from wildframe.exhibits.registry import Context, File, Setting, exhibit
from wildframe.exhibits.robustness_table import RobustnessTable
from wildframe.exhibits.table import Table
from wildframe.scores.effective import (
    RESAMPLES,
    clipped,
    draw_accuracies,
    effective,
    effective_interval,
    logit,
)
from wildframe.scores.robustness import read_set_results
from wildframe.studies.vid_robust.cells import ACCURACY_KEYS, Kind, accuracy_cells, drawn_notes
from wildframe.studies.vid_robust.inputs import (
    DataNote,
    Kinds,
    Robustness,
    SetsLabelSpace,
    datasets,
    evaluated,
)
from wildframe.studies.vid_robust.scatter import NAMED, add_legend, draw_models, kind_of
from wildframe.studies.vid_robust.testbed import (
    SHIFTS,
    Background,
    K,
    Published,
    Testbed,
    read_testbed,
)

_TICKS = (0.1, 0.5, 1, 2, 5, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95, 98, 99, 99.5, 99.9)
"""Ticks of a logit axis, in percent."""

_TYPES = ("#bcd4e6", "#f4c7ab", "#c8e6c9", "#e1c4e9", "#f6e3a1", "#cfd8dc")
"""Colours of the published models' types; the rarer types share the last one."""

_OTHERS = "other types"

_CONSISTENCY, _DATA_SET = "effective", "effective_data_set"
"""Keys of the distances above the lines of both shifts."""

_DISTANCES = [f"{key}{end}" for key in (_CONSISTENCY, _DATA_SET) for end in ("", "_low", "_high")]


class ByVideo(NamedTuple):
    """The results of a model on the sets of each video."""

    correct: Integers
    """Correct anchors and wholly correct sets, shape (videos, 2)."""
    sets: Integers
    """Shape (videos,)."""


def read_by_video(paths: Sequence[Path]) -> dict[str, ByVideo]:
    """Read the results of models on each image, and count them by model and video.

    Raises:
        UserError: As `read_set_results`.
    """
    counted = {}
    for results in read_set_results(paths)[0]:
        videos = int(results.video.max()) + 1
        correct = np.zeros((videos, 2), np.int64)
        np.add.at(correct, results.video, results.correct_within[:, [0, -1]])
        sets = np.bincount(results.video, minlength=videos)
        counted[results.model] = ByVideo(correct, sets)
    return counted


def _published_file(run: Context) -> list[str]:
    return [run.study.published] if run.study.published else []


def _results(run: Context) -> list[dict[str, Any]]:
    """Return nothing without published models: there is then no line to be above."""
    return [
        {"dataset": run.dataset, "view": run.view, "evaluated": evaluated(run)}
        for _ in _published_file(run)
    ]


def _is_as_published(run: Context) -> bool:
    chosen = run.config.datasets[run.dataset]
    shown = run.config.views[run.view].kind, chosen.step
    return (chosen.merge, chosen.restrict_to_label_space, *shown) == ("max", True, "full", 1)


@exhibit(
    "Supplement: effective robustness",
    "above the lines of published models",
    "Distance of models above the lines that published models follow: from original to perturbed "
    "accuracy, and from the accuracy on ILSVRC's validation images to the original; on logit axes "
    "(not in the paper; after Taori et al. 2020).",
    datasets=datasets,
    numbers=True,
    compares=[
        untested("models against the line", "the band of the line resamples published models"),
        paired("each two models", VIDEOS, shown_in="model_pairs"),
    ],
)
def effective_robustness(
    robustness: Robustness,
    results: Annotated[
        Mapping[str, ByVideo], File("scores_image_results", read_by_video, _results, many=True)
    ],
    published: Annotated[Sequence[Path], File("", list, _published_file, many=True)],
    kinds: Kinds,
    label_space: SetsLabelSpace,
    seed: Seed,
    data_note: DataNote,
    as_published: Annotated[bool, Setting(_is_as_published, bool)],
) -> Figure:
    """Draw our models on axes of logits, over the published ones and their lines."""
    lacking = why_unknown(published, label_space, robustness.k, as_published)
    testbed = None if lacking else read_testbed(published[0], label_space)
    rows = points(robustness, kinds, testbed, results, seed)
    title = "Effective robustness"
    drawing = draw(rows, testbed, robustness.k)
    notes = [*robustness.notes(data_note, rows[0]["model"]), *notes_of(rows, testbed)]
    notes += [lacking] if lacking else []
    numbers = ["model", "kind", *ACCURACY_KEYS, "validation", *_DISTANCES]
    return Figure(title, drawing, notes, Table.of_numbers(numbers, rows))


def why_unknown(published: Sequence[Path], label_space: Targets, k: int, as_published: bool) -> str:
    """Say why there are no published models to compare with; empty if there are."""
    if not published:
        lacking = "no published models in the config: studies.vid_robust.published"
    elif label_space not in SHIFTS:
        spaces = " and ".join(SHIFTS)
        lacking = f"published accuracies are of {spaces}, these sets of {space_name(label_space)}"
    elif k != K:
        lacking = f"published accuracies are of sets up to {K} frames away, these reach {k}"
    elif not as_published:
        lacking = (
            "published accuracies are of each frame (step 1), shown whole and predicted among the "
            "classes of the label space by the best score below each (merge max); these are not"
        )
    else:
        return ""
    return f"Effective robustness is not known: {lacking}."


def points(
    table: RobustnessTable,
    kinds: Mapping[str, Kind],
    testbed: Testbed | None,
    results: Mapping[str, ByVideo],
    seed: int,
) -> list[Row]:
    """Return accuracies of each model in percent, and its distances above the lines in points.

    A distance is None without a line, or where an accuracy of 0 or 100 % has no logit; that of the
    shift of data set also where the model's accuracy on validation images is not published.

    Raises:
        UserError: A model was not scored.
    """
    rows = []
    for model, kind in kinds.items():
        row = accuracy_cells(table, model) | {"kind": kind}
        row |= dict.fromkeys(["validation", *_DISTANCES])
        rows.append(row)
        if testbed is None:
            continue
        # Shares of counts: percentages that are divided again may miss 1.
        original, perturbed = (
            row[f"{key}_successes"] / row[f"{key}_n"] for key in ("original", "perturbed")
        )
        anchors = row["original_n"]
        drawn = draw_accuracies(*results[model], RESAMPLES, seed)
        of_anchors, of_sets = Accuracy(original, drawn[:, 0], anchors), drawn[:, 1]
        after = Accuracy(perturbed, of_sets, anchors)
        videos = len(results[model].sets)
        row |= _distance_cells(_CONSISTENCY, testbed.consistency, of_anchors, after, videos)
        published = testbed.data_set.before(model) if testbed.data_set else None
        if testbed.data_set and published is not None:
            images = testbed.data_set.shift.n[0]
            draws = np.random.default_rng(seed).binomial(images, published, RESAMPLES) / images
            row["validation"] = 100 * published
            before = Accuracy(published, draws, images)
            row |= _distance_cells(_DATA_SET, testbed.data_set, before, of_anchors, videos)
    return rows


class Accuracy(NamedTuple):
    """An accuracy of a model."""

    value: float
    draws: Floats
    """Of a bootstrap, shape (RESAMPLES,)."""
    n: int
    """Images, or sets."""


def _distance_cells(
    key: str, behind: Background, before: Accuracy, after: Accuracy, videos: int
) -> Row:
    """Return the cells of a distance above a line with its interval; none of one without logit.

    Percentiles of draws of few videos would be too narrow by far.
    """
    distance = effective(behind.line, before.value, after.value)
    if distance is None:
        return {}
    if videos < FEW_CLUSTERS:
        return {key: distance}
    n = (before.n, after.n)
    low, high = effective_interval(behind.line, before.draws, after.draws, n)
    return {key: distance, f"{key}_low": low, f"{key}_high": high}


def notes_of(rows: Sequence[Row], testbed: Testbed | None) -> list[str]:
    """Return the notes that explain the drawing."""
    notes = [
        *drawn_notes(rows),
        "0 and 100 % have no logit: they are drawn half an anchor away"
        + (", and the model's effective robustness is not known (N/A)." if testbed else "."),
    ]
    if testbed:
        notes += [
            "Effective robustness, after each name: points above the line, fitted to the logits of "
            "published models of standard training; its band is a bootstrap over them (95 %).",
            "Published accuracies are of the published sets: on others, the distance from the line "
            "also reflects how the sets differ.",
        ]
        if any(row[f"{key}_low"] is not None for row in rows for key in (_CONSISTENCY, _DATA_SET)):
            notes.append(
                "The interval of a model resamples the published models and the videos together."
            )
        lines = {"Consistency": testbed.consistency, "Shift of data set": testbed.data_set}
        notes += [
            f"{name}: {_equation(one)}, {one.line.n} of {len(one.models)} published models."
            for name, one in lines.items()
            if one
        ]
    if testbed and testbed.data_set:
        known = [row for row in rows if row["validation"] is not None]
        notes.append(
            "Shift of data set: from ILSVRC's validation images of the same classes to anchors. "
            f"The accuracy on these images is the published one, known of {len(known)} of the "
            f"{len(rows)} models: those with torchvision's weights."
        )
        notes += [f"{row['model']}: {_told(row, _DATA_SET)} points." for row in known]
    if any("[N/A]" in _told(row, key) for row in rows for key in (_CONSISTENCY, _DATA_SET)):
        notes.append(
            f"No interval [N/A] of fewer than {FEW_CLUSTERS} videos: it would be too narrow."
        )
    if len(rows) > NAMED:
        notes.append("The names of the models are in the CSV.")
    return notes


def _equation(one: Background) -> str:
    line = one.line
    sign = "+" if line.intercept >= 0 else "-"
    return f"logit y = {line.slope:.2f} logit x {sign} {abs(line.intercept):.2f}, r = {line.r:.2f}"


def draw(rows: Sequence[Row], testbed: Testbed | None, k: int) -> Any:
    """Draw `points` on logit axes, over the published models: a panel a shift, one without any."""
    has_images = bool(testbed and testbed.data_set)
    figure = new_figure(PAGE_WIDTH, 9.4 if has_images else 5)
    axes = figure.subplots(2 if has_images else 1, squeeze=False)[:, 0]
    behind = testbed.consistency if testbed else None
    axis = axes[0]
    draw_models(axis, rows, _place, _kind_and_distance if behind else kind_of)
    ends = _ends(rows, ("original", "perturbed"), behind)
    axis.plot(ends, ends, "--", color="0.5", linewidth=0.8, label="y = x")
    _draw_background(axis, behind, ends)
    _logit_scale(axis, ends, ends)
    axis.set(
        aspect="equal",
        xlabel="accuracy on anchors (%, logit scale)",
        ylabel=f"accuracy on sets, pm-{k} (%, logit scale)",
    )
    if testbed and testbed.data_set:
        _draw_data_set(axes[1], rows, testbed.data_set)
    add_legend(figure)
    return figure


def _draw_data_set(axis: Any, rows: Sequence[Row], behind: Background) -> None:
    shifted = [_shifted(row, behind.shift.n[0]) for row in rows]
    draw_models(axis, shifted, _place, _kind_and_distance)
    known = [row for row in shifted if not np.isnan(row["original"])]
    across, up = _ends(known, ("original",), behind), _ends(known, ("perturbed",), behind)
    _draw_background(axis, behind, across)
    _logit_scale(axis, across, up)
    axis.set(
        xlabel="accuracy on ILSVRC's validation images of these classes (%, logit scale)",
        ylabel="accuracy on anchors (%, logit scale)",
    )


def _shifted(row: Row, images: int) -> Row:
    """Return a row as it is drawn under the shift of data set: from validation images to anchors.

    Where its accuracy on validation images is not known it is nowhere, but counts for its marker.
    """
    value = np.nan if row["validation"] is None else row["validation"]
    low = high = value
    if row["validation"] is not None:
        share = clopper_pearson(round(value / 100 * images), images)
        low, high = 100 * share.low, 100 * share.high
    of_images = dict(zip(("", "_low", "_high", "_n"), (value, low, high, images), strict=True))
    return row | {
        **{f"original{end}": number for end, number in of_images.items()},
        **{f"perturbed{end}": row[f"original{end}"] for end in of_images},
    }


def _kind_and_distance(row: Row) -> str:
    return f"{kind_of(row)}, {_told(row, _CONSISTENCY)}"


def _told(row: Row, key: str) -> str:
    if row[key] is None:
        return "N/A"
    ends = interval(row[f"{key}_low"], row[f"{key}_high"], "+.1f")
    return f"{row[key]:+.1f} [{ends}]"


def _place(percent: float, n: int) -> float:
    return float(logit(clipped(np.array(percent / 100), n)))


def _ends(
    rows: Sequence[Row], keys: Sequence[str], behind: Background | None
) -> tuple[float, float]:
    """Return the limits of an axis: of our points and intervals, and the published points."""
    drawn = [
        _place(row[name], row[f"{key}_n"])
        for row in rows
        for key in keys
        for name in (key, f"{key}_low", f"{key}_high")
        if row[name] is not None
    ]
    if behind:
        sides = {"original": 0, "perturbed": 1}
        drawn += [
            _place(100 * (one.before, one.after)[sides[key]], behind.shift.n[sides[key]])
            for one in behind.models
            for key in keys
        ]
    return min(drawn) - 0.15, max(drawn) + 0.15


def _logit_scale(axis: Any, across: tuple[float, float], up: tuple[float, float]) -> None:
    for (low, high), set_ticks in ((across, axis.set_xticks), (up, axis.set_yticks)):
        shown = [percent for percent in _TICKS if low <= logit(percent / 100) <= high]
        set_ticks([logit(p / 100) for p in shown], [f"{p:g}" for p in shown])
    axis.set(xlim=across, ylim=up)
    axis.grid()


def _draw_background(axis: Any, behind: Background | None, ends: tuple[float, float]) -> None:
    """Draw the line of published models with its band, and the models by type."""
    if behind is None:
        return
    at = np.linspace(*ends, 100)
    axis.fill_between(at, *behind.line.band(at), color="0.3", alpha=0.2, linewidth=0)
    label = f"line of {behind.line.n} published models:\n{_equation(behind)}"
    axis.plot(at, behind.line.at(at), color="0.15", linewidth=1.2, label=label)
    counts = Counter(one.model_type for one in behind.models)
    common = [name for name, _ in counts.most_common(len(_TYPES) - 1)]
    by_type: dict[str, list[Published]] = {name: [] for name in common}
    for one in behind.models:
        name = one.model_type if one.model_type in common else _OTHERS
        by_type.setdefault(name, []).append(one)
    before, after = behind.shift.n
    for (name, found), color in zip(by_type.items(), _TYPES, strict=False):
        axis.scatter(
            [_place(100 * one.before, before) for one in found],
            [_place(100 * one.after, after) for one in found],
            s=8,
            color=color,
            label=f"published: {name or 'no type'} ({len(found)})",
            zorder=1,
        )
