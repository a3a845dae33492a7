"""Fig. 1: sets that a model fails, anchor and wrong frame, and how its confidence moves between."""

import math
import random
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, cast

from wildframe.core.choices import Merge, Targets
from wildframe.core.errors import UserError
from wildframe.core.schemas import SET_RESULTS
from wildframe.core.tables import Row
from wildframe.exhibits.figure import Figure
from wildframe.exhibits.inputs import TableFile, table_of
from wildframe.exhibits.registry import Context, File, Setting, exhibit
from wildframe.exhibits.robustness_table import reviewed
from wildframe.labels.hypernyms import read_targets
from wildframe.scores.predicted import Predicted, open_predicted
from wildframe.studies.vid_robust.cells import target_names
from wildframe.studies.vid_robust.inputs import (
    DataNote,
    FrameShards,
    ManifestFile,
    Seed,
    TargetClasses,
    datasets,
)
from wildframe.studies.vid_robust.panels import (
    RIGHT,
    WRONG,
    Manifest,
    image_figure,
    names_of,
    origin,
    show_image,
    where,
)

SETS = 6
"""At most."""

_NOTHING = "none of the targets"


@dataclass(frozen=True, slots=True)
class Failure:
    """A set whose anchor a model gets right, and a frame of it wrong."""

    rows: list[Row]
    """Rows of SET_RESULTS of the set, by offset."""
    anchor: Row
    wrong: Row
    """The wrong frame nearest to the anchor; of two as near the earlier."""


Confidences = Mapping[tuple[str, str], float]
"""By wnid and ``image_id``."""


def _of_model(run: Context) -> dict[str, str]:
    name: str = run.study.gallery
    named = {"model": name, "detector": name, "evaluated": name}
    return {"dataset": run.dataset, "view": "full"} | named


def _predicting_rule(run: Context) -> str:
    return "predictions_detect" if run.study.gallery in run.detectors else "predictions_run"


@exhibit(
    "Fig. 1",
    "failing pairs",
    "Sets whose anchor a model predicts correctly and a neighbour incorrectly, with its confidence "
    "in both classes on all frames of the set (paper: Fig. 1).",
    datasets=datasets,
)
def fig1_gallery(
    frames: FrameShards,
    manifest: ManifestFile,
    results: Annotated[TableFile, File("scores_set_results", table_of(SET_RESULTS), _of_model)],
    # Results keep the confidence in what was predicted only, not in what else was likely.
    predictions: Annotated[Path, File(_predicting_rule, Path, _of_model)],
    model: Annotated[str, Setting(lambda run: run.study.gallery)],
    targets: TargetClasses,
    seed: Seed,
    data_note: DataNote,
) -> Figure:
    """Draw sets whose anchor a model gets right, and another frame wrong.

    Args:
        frames: Of the dataset.
        manifest: Of the dataset.
        results: Of the model on the sets.
        predictions: File of the predictions or detections that the results were made of.
        model: Name of the model.
        targets: Classes that predictions are scored among.
        seed: Of the draw.
        data_note: What the data is.

    Raises:
        UserError: The files are not of the model, or not of the same dataset.
    """
    facts = results.facts
    if (facts["model"], facts["targets"]) != (model, targets):
        raise UserError(
            f"{results.path}: is of {facts['model']} under {facts['targets']}, not of {model} "
            f"under {targets}; name the results of this model"
        )
    found = failures(results.rows)
    chosen = choose(found, SETS, seed)
    confidences = read_confidences(predictions, facts, targets, chosen)
    shown = [row["image_id"] for one in chosen for row in (one.anchor, one.wrong)]
    manifest.require(shown)
    sets = len({row["anchor_id"] for row in results.rows})
    title = describe(model, sets, len(found), len(chosen))
    drawing = draw(
        title,
        chosen,
        grid_of(results.rows),
        confidences,
        manifest,
        frames.images(shown),
        target_names(targets),
    )
    return Figure(title, drawing, notes_under(data_note, facts, chosen))


def failures(results: Iterable[Row]) -> list[Failure]:
    """Return the sets whose anchor is right and another frame of them wrong, by anchor.

    Args:
        results: Rows of SET_RESULTS of one model.
    """
    sets: dict[str, list[Row]] = {}
    for row in results:
        sets.setdefault(row["anchor_id"], []).append(row)
    found = []
    for anchor_id, rows in sorted(sets.items()):
        anchors = [row for row in rows if row["image_id"] == anchor_id and row["correct"]]
        wrong = [row for row in rows if not row["correct"]]
        if anchors and wrong:
            nearest = min(wrong, key=lambda row: (abs(row["offset"]), row["offset"]))
            by_offset = sorted(rows, key=lambda row: row["offset"])
            found.append(Failure(by_offset, anchors[0], nearest))
    return found


def choose(found: Sequence[Failure], count: int, seed: int) -> list[Failure]:
    """Draw up to ``count`` sets, as many classes as there are before any comes again.

    Args:
        found: `failures`.
        count: How many.
        seed: Of the draw.
    """
    rng = random.Random(seed)
    by_class: dict[str, list[Failure]] = {}
    for failure in rng.sample(found, len(found)):
        by_class.setdefault(failure.anchor["labels"][0], []).append(failure)
    turns = [(turn, one) for of_class in by_class.values() for turn, one in enumerate(of_class)]
    # A stable sort: classes keep the order in which they were drawn.
    return [one for _, one in sorted(turns, key=lambda entry: entry[0])[:count]]


def read_confidences(
    path: Path, facts: Mapping[str, str], targets: Targets, chosen: Sequence[Failure]
) -> Confidences:
    """Return `confidences_of` a file of predictions or detections.

    Args:
        path: Predictions or detections.
        facts: Metadata of the results: how they were made of these predictions.
        targets: Classes that predictions are scored among.
        chosen: Sets; without any the file is not read as a whole.

    Raises:
        UserError: The file is absent or something else, or an image has no prediction.
    """
    restrict = facts["restrict_to_label_space"] == str(True)
    predicted, _ = open_predicted(path, targets, cast("Merge", facts["merge"]), restrict)
    known = enumerate(read_targets(targets))
    index_of = {target.wnid: index for index, target in known if target.wnid}
    return confidences_of(path, predicted, chosen, index_of) if chosen else {}


def confidences_of(
    path: Path,
    predicted: Iterable[Predicted],
    chosen: Sequence[Failure],
    index_of: Mapping[str, int],
) -> Confidences:
    """Return the confidence in targets on images.

    Args:
        path: Predictions, for messages.
        predicted: What the model says of each image.
        chosen: Sets; of each the answer on its wrong frame is looked up on all its frames.
        index_of: Index of each target by wnid.

    Raises:
        UserError: A image has no prediction.
    """
    wanted: dict[str, set[str]] = {}
    for failure in chosen:
        if failure.wrong["predicted"]:
            for row in failure.rows:
                wanted.setdefault(row["image_id"], set()).add(failure.wrong["predicted"])
    found = {
        (wnid, image_id): float(block.confidences[number, index_of[wnid]])
        for block in predicted
        for number, image_id in enumerate(block.image_ids)
        for wnid in wanted.get(image_id, ())
    }
    missing = sorted(wanted.keys() - {image_id for _, image_id in found})
    if missing:
        raise UserError(
            f"{path}: image {missing[0]} has no prediction; name the predictions that the "
            "results were made of"
        )
    return found


def notes_under(data_note: str, facts: Mapping[str, str], chosen: Sequence[Failure]) -> list[str]:
    """Return what stands under the figure.

    Args:
        data_note: What the data is.
        facts: Metadata of the results.
        chosen: Sets that are shown.
    """
    notes = [f"Data: {data_note}", reviewed(facts["review"])]
    if chosen:
        how = (
            "score of its best box"
            if facts["predicted_from"].startswith("best box")
            else f"{facts['merge']} of the probabilities of its classes"
        )
        notes.append(
            "Shown is the wrong frame nearest to the anchor (the dashed line). Confidence of a "
            f"target: {how}. Shaded frames are wrong; frames that are not part of the set are "
            "left out, and break the lines. The scales of confidence differ."
        )
    return notes


def describe(model: str, sets: int, found: int, shown: int) -> str:
    """Return the title: how many sets fail so, and how many of them are shown."""
    title = f"Fig. 1: {model}: "
    if not found:
        return f"{title}none of {sets} sets has its anchor right and another frame wrong"
    part = "" if shown == found else f"; {shown} of them are shown"
    verb = "has" if found == 1 else "have"
    return f"{title}{found} of {sets} sets {verb} the anchor right and a frame wrong{part}"


def draw(
    title: str,
    chosen: Sequence[Failure],
    steps: tuple[int, int],
    confidences: Confidences,
    manifest: Manifest,
    images: Mapping[str, bytes],
    names: Mapping[str, str],
) -> Any:
    """Return the drawing, a row a set: anchor, wrong frame, and both confidences on all its frames.

    Args:
        title: `describe`.
        chosen: `choose`; without any, the title stands alone.
        steps: `grid_of` all results.
        confidences: `confidences_of`.
        manifest: Of the dataset.
        images: Encoded images by ``image_id``.
        names: Names of targets by wnid.
    """
    rows = len(chosen)
    figure = image_figure(title, rows, 1.4)
    if rows:
        axes = figure.subplots(rows, 3, squeeze=False, width_ratios=[1, 1, 1.5])
        for failure, (left, middle, right) in zip(chosen, axes, strict=True):
            anchor, wrong = failure.anchor, failure.wrong
            for axis, row, head in (
                (left, anchor, f"anchor, {origin(anchor['image_id'], manifest)}"),
                (middle, wrong, where(wrong["offset"])),
            ):
                answer = names.get(row["predicted"], row["predicted"]) or _NOTHING
                sure = "" if row["confidence"] is None else f", confidence {row['confidence']:#.2g}"
                lines = [
                    head,
                    f"label: {names_of(row['labels'], names)}",
                    f"answer: {answer}{sure}",
                ]
                color = RIGHT if row["correct"] else WRONG
                show_image(axis, images[row["image_id"]], 1 / 3.9, lines, color)
            _trace(right, failure, steps, confidences, names)
        for axis in axes[:-1, 2]:
            axis.tick_params(labelbottom=False)
        axes[-1, 2].set_xlabel("frames from the anchor")
    return figure


def grid_of(results: Iterable[Row]) -> tuple[int, int]:
    """Return how far from their anchors frames lie at most, and in which steps; both in frames."""
    offsets = [abs(row["offset"]) for row in results]
    return max(offsets, default=0), math.gcd(*offsets) or 1


def _trace(
    axis: Any,
    failure: Failure,
    steps: tuple[int, int],
    confidences: Confidences,
    names: Mapping[str, str],
) -> None:
    reach, step = steps
    offsets = list(range(-reach, reach + 1, step))
    of_set = {row["offset"]: row for row in failure.rows}
    label = {offset: row["label_confidence"] for offset, row in of_set.items()}
    lines = [(label, names_of(failure.anchor["labels"], names) + " (label)", RIGHT, "o")]
    if answer := failure.wrong["predicted"]:
        other = {
            offset: confidences[answer, row["image_id"]]
            for offset, row in of_set.items()
            if math.isfinite(confidences[answer, row["image_id"]])
        }
        lines.append((other, f"{names.get(answer, answer)} (wrong answer)", WRONG, "x"))
    for offset, row in of_set.items():
        if not row["correct"]:
            axis.axvspan(offset - step / 2, offset + step / 2, color=WRONG, alpha=0.1, linewidth=0)
    axis.axvline(0, color="0.4", linewidth=0.8)
    axis.axvline(failure.wrong["offset"], color="0.4", linewidth=0.8, linestyle="--")
    for values, name, color, marker in lines:
        # What is not known breaks the line.
        drawn = [math.nan if values.get(at) is None else values[at] for at in offsets]
        axis.plot(
            offsets, drawn, color=color, marker=marker, markersize=3, label=textwrap.fill(name, 44)
        )
    highest = max((value for values, *_ in lines for value in values.values() if value), default=1)
    axis.set(xlim=(-reach - step / 2, reach + step / 2), ylabel="confidence")
    axis.set_ylim(0, 1.15 * highest)
    axis.xaxis.get_major_locator().set_params(integer=True)
    # Above the axis, where it hides nothing.
    axis.legend(loc="lower center", bbox_to_anchor=(0.5, 1), borderaxespad=0.1)
