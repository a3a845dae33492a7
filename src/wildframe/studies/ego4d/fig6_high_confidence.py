"""Fig. 6: errors that a model is sure of."""

import textwrap
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Annotated, Any

from wildframe.core.choices import View
from wildframe.core.tables import Row
from wildframe.exhibits.figure import PAGE_WIDTH, Figure, new_figure
from wildframe.exhibits.inputs import ClassNames
from wildframe.exhibits.registry import Context, File, Setting, exhibit
from wildframe.scores import read_image_results
from wildframe.studies.ego4d.inputs import DataNote, Images, Manifest, ViewOfStudy, viewed
from wildframe.studies.ego4d.panels import label_of, show_boxes, write_above

COLUMNS, ROWS = 4, 2

_LETTERS = 70
"""Of a line of the title."""


def _first_model(run: Context) -> str:
    # The paper shows the errors of its first model.
    model: str = run.study.models[0]
    return model


@exhibit(
    "Fig. 06",
    "high-confidence errors",
    "Wrong predictions that the first model of the study was most confident of, no two of one kind "
    "if possible, with the share of images above the threshold of the config (paper: Fig. 6).",
)
def fig6_high_confidence(
    frames: Images,
    results: Annotated[
        Collection[Row],
        File("scores_image_results", read_image_results, viewed("in1k", _first_model)),
    ],
    manifest: Manifest,
    class_names: ClassNames,
    model: Annotated[str, Setting(_first_model)],
    threshold: Annotated[float, Setting(lambda run: run.config.scores.high_confidence, float)],
    view: ViewOfStudy,
    data_note: DataNote,
) -> Figure:
    """Draw the most confident errors of a model."""
    errors = wrong_predictions(results)
    chosen = choose_errors(errors, threshold, COLUMNS * ROWS)
    images = frames.images([error["image_id"] for error in chosen])
    annotated = {image["image_id"]: image for image in manifest}
    title = f"Fig. 6: {model}: {describe(errors, len(results), threshold)}"
    drawing = draw(title, chosen, annotated, images, class_names)
    return Figure(title, drawing, notes_under(data_note, chosen, view))


def wrong_predictions(results: Iterable[Mapping[str, Any]]) -> list[Row]:
    """Return the wrong top-1 predictions, the most confident first.

    Returns:
        Rows with ``image_id``, ``labels``, ``predicted`` (wnid) and ``probability``.
    """
    wrong = [
        {
            "image_id": row["image_id"],
            "labels": row["labels"],
            "predicted": row["top"][0]["wnid"],
            "probability": row["top"][0]["probability"],
        }
        for row in results
        if not row["correct_top1"]
    ]
    return sorted(wrong, key=_surest_first)


def _surest_first(error: Mapping[str, Any]) -> tuple[float, str]:
    return -error["probability"], error["image_id"]


def choose_errors(
    errors: Sequence[Mapping[str, Any]], threshold: float, count: int
) -> list[Mapping[str, Any]]:
    """Return up to ``count`` errors in their order, no two of one kind if possible.

    Errors of one kind take the same class for the same other.

    Args:
        errors: All errors of `wrong_predictions`.
        threshold: Only errors of a higher probability are chosen, unless there is none.
        count: How many.
    """
    sure = [error for error in errors if error["probability"] > threshold]
    by_kind: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for error in sure or errors:
        by_kind.setdefault(_kind(error), []).append(error)
    firsts = [same[0] for same in by_kind.values()]
    others = sorted((error for same in by_kind.values() for error in same[1:]), key=_surest_first)
    return sorted([*firsts, *others][:count], key=_surest_first)


def _kind(error: Mapping[str, Any]) -> tuple[str, str]:
    return error["labels"][0], error["predicted"]


def describe(errors: Sequence[Mapping[str, Any]], images: int, threshold: float) -> str:
    """Say how many images are confident errors; without any, what is shown instead."""
    sure = sum(error["probability"] > threshold for error in errors)
    if sure:
        share = 100 * sure / images
        return f"{sure} of {images} images ({share:.1f} %) are wrong with p > {threshold:g}"
    instead = "; shown are the most confident errors" if errors else ""
    return f"none of {images} images is wrong with p > {threshold:g}{instead}"


def notes_under(data_note: str, chosen: Sequence[Mapping[str, Any]], view: View) -> list[str]:
    """Return what stands under the figure."""
    note = "The model is the first of the study."
    if len({_kind(error) for error in chosen}) < len(chosen):
        note += (
            " Shown is an error of each kind, the same class taken for the same other, and then "
            "further ones."
        )
    elif len(chosen) > 1:
        note += " No two errors shown are of one kind: the same class taken for the same other."
    if view == "box":
        note += " Images are shown whole; the model saw the object cut out."
    return [f"Data: {data_note}", note]


def draw(
    title: str,
    errors: Sequence[Mapping[str, Any]],
    manifest: Mapping[str, Mapping[str, Any]],
    images: Mapping[str, bytes],
    class_names: Mapping[str, str],
) -> Any:
    """Return the drawing of the images of errors with their boxes, labels and predictions."""
    rows = -(-len(errors) // COLUMNS)
    figure = new_figure(PAGE_WIDTH, 0.6 + 1.65 * rows)
    for position, error in enumerate(errors, start=1):
        axis = figure.add_subplot(rows, COLUMNS, position)
        axis.axis("off")
        show_boxes(axis, manifest[error["image_id"]], images[error["image_id"]])
        # No line ends within the probability.
        predicted = f"{class_names[error['predicted']]}, p\xa0=\xa0{error['probability']:.3f}"
        lines = [f"label: {label_of(error, class_names)}", f"predicted: {predicted}"]
        write_above(axis, lines, PAGE_WIDTH / COLUMNS)
    figure.suptitle(textwrap.fill(title, _LETTERS))
    return figure
