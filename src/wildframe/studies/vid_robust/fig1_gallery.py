"""Fig. 1: sets that a model fails: anchor, incorrect frame, and its confidence on all frames."""

import math
import random
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from wildframe.core.errors import UserError
from wildframe.core.schemas import IMAGE_RESULTS
from wildframe.core.tables import Row
from wildframe.exhibits.by_k import in_frames
from wildframe.exhibits.comparisons import NOTHING
from wildframe.exhibits.figure import PAGE_WIDTH, Figure, new_figure
from wildframe.exhibits.inputs import Seed, TableFile, table_of
from wildframe.exhibits.panels import CORRECT, INCORRECT, names_of
from wildframe.exhibits.registry import Context, File, Setting, exhibit
from wildframe.exhibits.robustness_table import reviewed
from wildframe.scores.predicted import Prediction, Protocol, open_predictions
from wildframe.studies.vid_robust.cells import class_names
from wildframe.studies.vid_robust.inputs import (
    DataNote,
    FrameRate,
    FrameShards,
    ManifestFile,
    SetsLabelSpace,
    datasets,
)
from wildframe.studies.vid_robust.panels import Manifest, in_turns, offset_text, origin, show_panel

SETS = 6
"""At most."""

_NOTHING = "none"

_NAME_WIDTH, _NAME_SIZE = 20, 5
"""Characters of a class that is named on a frame, and their size in points."""

_WIDTH = PAGE_WIDTH / 3.9
"""Width of a panel, in inches."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A set whose anchor a model predicts correctly, and a frame of it incorrectly."""

    rows: list[Row]
    """Rows of IMAGE_RESULTS of the set, by offset."""
    anchor: Row
    incorrect: Row
    """The incorrect frame nearest to the anchor; of two at the same distance, the earlier."""


Confidences = Mapping[tuple[str, str], float]
"""By wnid and ``image_id``."""


def _of_model(run: Context) -> dict[str, str]:
    name: str = run.study.gallery
    named = {"model": name, "detector": name, "evaluated": name}
    return {"dataset": run.dataset, "view": run.view} | named


def _is_detector(run: Context) -> bool:
    return run.study.gallery in run.detectors


def _predicting_rule(run: Context) -> str:
    return "predictions_detect" if _is_detector(run) else "predictions_run"


def _predicted(run: Context) -> dict[str, str]:
    # Detectors are shown whole images.
    return _of_model(run) | ({"view": "full"} if _is_detector(run) else {})


@exhibit(
    "Fig. 1",
    "failing pairs",
    "Sets whose anchor a model predicts correctly and a neighbour incorrectly, with its confidence "
    "in both classes on all frames of the set (paper: Fig. 1).",
    datasets=datasets,
    compares=[NOTHING],
)
def fig1_gallery(
    frames: FrameShards,
    manifest: ManifestFile,
    results: Annotated[TableFile, File("scores_image_results", table_of(IMAGE_RESULTS), _of_model)],
    # Results keep the confidence in the predicted class only, not in others.
    predictions: Annotated[Path, File(_predicting_rule, Path, _predicted)],
    model: Annotated[str, Setting(lambda run: run.study.gallery)],
    label_space: SetsLabelSpace,
    seed: Seed,
    frame_rate: FrameRate,
    data_note: DataNote,
) -> Figure:
    """Draw sets whose anchor a model predicts correctly, and another frame incorrectly.

    Raises:
        UserError: The files are not of the model, or not of the same dataset.
    """
    facts = results.facts
    found_in = facts.get("targets", "its own label space")
    if (facts["model"], found_in) != (model, label_space):
        raise UserError(
            f"{results.path}: is of {facts['model']} under {found_in}, not of {model} under "
            f"{label_space}; name the results of this model"
        )
    found = failures(results.rows)
    chosen = choose(found, SETS, seed)
    confidences = read_confidences(predictions, facts, chosen)
    shown = [row["image_id"] for one in chosen for row in (one.anchor, one.incorrect)]
    manifest.require(shown)
    sets = len({row["anchor_id"] for row in results.rows})
    title = describe(model, sets, len(found), len(chosen))
    grid, names = grid_of(results.rows), class_names(label_space)
    drawing = draw(chosen, grid, confidences, manifest, frames.images(shown), names)
    if chosen:
        drawing.axes[-1].set_xlabel(in_frames("from the anchor", grid[0], frame_rate))
    return Figure(title, drawing, notes_under(data_note, facts, chosen))


def failures(results: Iterable[Row]) -> list[Failure]:
    """Return the sets with a correct anchor and an incorrect other frame, by anchor."""
    sets: dict[str, list[Row]] = {}
    for row in results:
        sets.setdefault(row["anchor_id"], []).append(row)
    found = []
    for anchor_id, rows in sorted(sets.items()):
        anchors = [row for row in rows if row["image_id"] == anchor_id and row["correct_top1"]]
        incorrect = [row for row in rows if not row["correct_top1"]]
        if anchors and incorrect:
            nearest = min(incorrect, key=lambda row: (abs(row["offset"]), row["offset"]))
            by_offset = sorted(rows, key=lambda row: row["offset"])
            found.append(Failure(by_offset, anchors[0], nearest))
    return found


def choose(found: Sequence[Failure], count: int, seed: int) -> list[Failure]:
    """Draw up to ``count`` sets, of as many classes as possible."""
    drawn = random.Random(seed).sample(found, len(found))
    return in_turns(drawn, lambda failure: failure.anchor["labels"][0])[:count]


def read_confidences(
    path: Path, facts: Mapping[str, str], chosen: Sequence[Failure]
) -> Confidences:
    """Return `confidences_of` a file of predictions or detections, by the metadata of results.

    Raises:
        UserError: The file is absent or something else, or an image has no prediction.
    """
    predictions, _ = open_predictions(path, Protocol.of(facts), None)
    return confidences_of(path, predictions, chosen) if chosen else {}


def confidences_of(
    path: Path, predictions: Iterable[Prediction], chosen: Sequence[Failure]
) -> Confidences:
    """Return the confidence in the class predicted on each incorrect frame, on all frames.

    Raises:
        UserError: An image has no prediction.
    """
    wanted: dict[str, set[str]] = {}
    for failure in chosen:
        if predicted_class := failure.incorrect["predicted"]:
            for row in failure.rows:
                wanted.setdefault(row["image_id"], set()).add(predicted_class)
    found = {
        (wnid, prediction.image_id): prediction.confidences[wnid]
        for prediction in predictions
        for wnid in wanted.get(prediction.image_id, ())
    }
    missing = sorted(wanted.keys() - {image_id for _, image_id in found})
    if missing:
        raise UserError(
            f"{path}: image {missing[0]} has no prediction; name the predictions that the "
            "results were made of"
        )
    return found


def notes_under(data_note: str, facts: Mapping[str, str], chosen: Sequence[Failure]) -> list[str]:
    """Return the notes under the figure."""
    notes = [f"Data: {data_note}", reviewed(facts["review"])]
    if chosen:
        protocol = Protocol.of(facts)
        among = " among those of the label space" if protocol.restrict else ""
        how = (
            "the score of its best box"
            if facts["predicted_from"].startswith("best box")
            else f"the {protocol.merge} of the probabilities of its classes{among}"
        )
        notes.append(
            "Shown is the incorrect frame nearest to the anchor (the dashed line). Confidence in a "
            f"class: {how}. Shaded frames are incorrect, with the class predicted there if it is "
            "not the one drawn; frames that are not part of the set are left out, and break the "
            "lines. The scales of confidence differ."
        )
    return notes


def describe(model: str, sets: int, found: int, shown: int) -> str:
    """Return the title: how many sets fail so, and how many of them are shown."""
    title = f"Fig. 1: {model}: "
    if not found:
        return f"{title}none of {sets} sets has a correct anchor and an incorrect frame"
    part = "" if shown == found else f"; {shown} of them are shown"
    verb = "has" if found == 1 else "have"
    return f"{title}{found} of {sets} sets {verb} a correct anchor and an incorrect frame{part}"


def draw(
    chosen: Sequence[Failure],
    steps: tuple[int, int],
    confidences: Confidences,
    manifest: Manifest,
    images: Mapping[str, bytes],
    names: Mapping[str, str],
) -> Any:
    """Draw a row a set: anchor, incorrect frame, and both confidences on all its frames."""
    rows = len(chosen)
    figure = new_figure(PAGE_WIDTH, 0.6 + 1.4 * rows)
    if rows:
        axes = figure.subplots(rows, 3, squeeze=False, width_ratios=[1, 1, 1.5])
        for failure, (left, middle, right) in zip(chosen, axes, strict=True):
            anchor, incorrect = failure.anchor, failure.incorrect
            for axis, row, head in (
                (left, anchor, f"anchor, {origin(anchor['image_id'], manifest)}"),
                (middle, incorrect, offset_text(incorrect["offset"])),
            ):
                predicted = names_of([row["predicted"]], names) if row["predicted"] else _NOTHING
                if row["confidence"] is not None:
                    predicted += f", confidence {row['confidence']:#.2g}"
                label = names_of(row["labels"], names)
                lines = [head, f"label: {label}", f"predicted: {predicted}"]
                color = CORRECT if row["correct_top1"] else INCORRECT
                show_panel(axis, images[row["image_id"]], lines, _WIDTH, color)
            _trace(right, failure, steps, confidences, names)
        for axis in axes[:-1, 2]:
            axis.tick_params(labelbottom=False)
    return figure


def grid_of(results: Iterable[Row]) -> tuple[int, int]:
    """Return the largest distance of frames from their anchors, and the step; both in frames."""
    offsets = [abs(row["offset"]) for row in results]
    return max(offsets, default=0), math.gcd(*offsets) or 1


def incorrect_runs(rows: Iterable[Row], step: int) -> list[tuple[int, int, str | None]]:
    """Return stretches of frames with the same incorrect prediction.

    Args:
        rows: Rows of IMAGE_RESULTS of one set, by offset.
        step: Distance of frames that follow each other.

    Returns:
        The first and the last offset of each, and the class predicted (wnid); None for none.
    """
    runs: list[tuple[int, int, str | None]] = []
    for row in rows:
        if row["correct_top1"]:
            continue
        offset, predicted = row["offset"], row["predicted"]
        if runs and runs[-1][1:] == (offset - step, predicted):
            runs[-1] = (runs[-1][0], offset, predicted)
        else:
            runs.append((offset, offset, predicted))
    return runs


def _name_prediction(axis: Any, offset: float, name: str) -> None:
    # Along the frame, which is narrow; above the lines, which end below.
    axis.text(
        offset,
        0.97,
        textwrap.shorten(name, _NAME_WIDTH, placeholder="…"),
        transform=axis.get_xaxis_transform(),
        rotation=90,
        ha="center",
        va="top",
        fontsize=_NAME_SIZE,
        color=INCORRECT,
    )


def _trace(
    axis: Any,
    failure: Failure,
    steps: tuple[int, int],
    confidences: Confidences,
    names: Mapping[str, str],
) -> None:
    from pandas import DataFrame

    reach, step = steps
    rows = DataFrame(failure.rows).set_index("offset")
    lines = [(rows["label_confidence"], failure.anchor["labels"], "label", CORRECT, "o")]
    if wnid := failure.incorrect["predicted"]:
        other = rows["image_id"].map(lambda image_id: confidences[wnid, image_id])
        lines.append((other, [wnid], "incorrect prediction", INCORRECT, "x"))
    for first, last, wnid in incorrect_runs(failure.rows, step):
        axis.axvspan(first - step / 2, last + step / 2, color=INCORRECT, alpha=0.1, linewidth=0)
        if wnid and wnid != failure.incorrect["predicted"]:
            _name_prediction(axis, (first + last) / 2, names_of([wnid], names))
    axis.axvline(0, color="0.4", linewidth=0.8)
    axis.axvline(failure.incorrect["offset"], color="0.4", linewidth=0.8, linestyle="--")
    highest = 0.0
    for values, wnids, role, color, marker in lines:
        label = textwrap.fill(f"{names_of(wnids, names)} ({role})", 44)
        # A missing confidence breaks the line.
        known = values.astype(float).replace(-math.inf, math.nan)
        drawn = known.reindex(range(-reach, reach + 1, step))
        axis.plot(drawn, color=color, marker=marker, markersize=3, label=label)
        highest = max(highest, drawn.max())
    axis.set(xlim=(-reach - step / 2, reach + step / 2), ylabel="confidence")
    axis.set_ylim(0, 1.15 * (highest or 1))
    axis.xaxis.get_major_locator().set_params(integer=True)
    # Above the axis, where it hides nothing.
    axis.legend(loc="lower center", bbox_to_anchor=(0.5, 1), borderaxespad=0.1)
