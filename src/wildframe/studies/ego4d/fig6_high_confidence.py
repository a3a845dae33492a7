"""Fig. 6: high-confidence errors of a model."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Annotated, Any

from wildframe.core.tables import Row
from wildframe.exhibits.comparisons import NOTHING
from wildframe.exhibits.figure import Figure
from wildframe.exhibits.inputs import ClassNames
from wildframe.exhibits.panels import names_of
from wildframe.exhibits.registry import Context, File, Setting, exhibit
from wildframe.scores import read_image_results
from wildframe.scores.image_results import top_probabilities
from wildframe.studies.ego4d.inputs import DataNote, Images, Manifest, Threshold, viewed
from wildframe.studies.ego4d.panels import draw_gallery

ERRORS = 8
"""Errors that are shown, at most."""


def _first_model(run: Context) -> str:
    # The paper shows the errors of its first model.
    return str(run.study.models[0])


@exhibit(
    "Fig. 06",
    "high-confidence errors",
    "Incorrect predictions of the first model of the study with the highest confidence, no two of "
    "one kind if possible, with the share of images above the threshold of the config (paper: "
    "Fig. 6).",
    compares=[NOTHING],
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
    threshold: Threshold,
    view_note: Annotated[str, Setting(lambda run: run.config.views[run.view].note)],
    data_note: DataNote,
) -> Figure:
    """Draw the most confident errors of a model; none of one without probabilities."""
    if top_probabilities(results) is None:
        title = f"Fig. 6: {model}: its external predictions have no probabilities"
        return Figure(title, draw_gallery([], {}), notes_under(data_note, [], ""))
    errors = incorrect_predictions(results)
    chosen = choose_errors(errors, threshold, ERRORS)
    images = frames.images([error["image_id"] for error in chosen])
    annotated = {image["image_id"]: image for image in manifest}
    title = f"Fig. 6: {model}: {describe(errors, len(results), threshold)}"
    panels = [(annotated[error["image_id"]], text_above(error, class_names)) for error in chosen]
    drawing = draw_gallery(panels, images)
    return Figure(title, drawing, notes_under(data_note, chosen, view_note))


def text_above(error: Mapping[str, Any], class_names: Mapping[str, str]) -> list[str]:
    """Return the labels of an error, the class predicted and its probability."""
    # No line ends within the probability.
    predicted = f"{class_names[error['predicted']]}, p\xa0=\xa0{error['probability']:.3f}"
    return [f"label: {names_of(error['labels'], class_names)}", f"predicted: {predicted}"]


def incorrect_predictions(results: Iterable[Mapping[str, Any]]) -> list[Row]:
    """Return the incorrect top-1 predictions, the most confident first.

    External predictions may have none of an image.

    Returns:
        Rows with ``image_id``, ``labels``, ``predicted`` (wnid) and ``probability``.
    """
    incorrect = [
        {
            "image_id": row["image_id"],
            "labels": row["labels"],
            "predicted": row["top"][0]["wnid"],
            "probability": row["top"][0]["probability"],
        }
        for row in results
        if row["top"] and not row["correct_top1"]
    ]
    return sorted(incorrect, key=_most_confident_first)


def _most_confident_first(error: Mapping[str, Any]) -> tuple[float, str]:
    return -error["probability"], error["image_id"]


def choose_errors(
    errors: Sequence[Mapping[str, Any]], threshold: float, count: int
) -> list[Mapping[str, Any]]:
    """Return up to ``count`` errors in their order, no two of one kind if possible.

    Errors of one kind have the same label and the same prediction. Only those of a probability
    above the threshold are chosen, unless there is none.
    """
    confident = [error for error in errors if error["probability"] > threshold]
    kinds: set[tuple[str, str]] = set()
    ranked = []
    for error in confident or errors:
        ranked.append((_kind(error) in kinds, error))
        kinds.add(_kind(error))
    # A stable sort: the first of each kind, then the others, both by confidence.
    chosen = [error for _, error in sorted(ranked, key=itemgetter(0))[:count]]
    return sorted(chosen, key=_most_confident_first)


def _kind(error: Mapping[str, Any]) -> tuple[str, str]:
    return error["labels"][0], error["predicted"]


def describe(errors: Sequence[Mapping[str, Any]], images: int, threshold: float) -> str:
    """Say how many of the images are confident errors; without any, what is shown instead."""
    confident = sum(error["probability"] > threshold for error in errors)
    if confident:
        share = f"{confident} of {images} images ({100 * confident / images:.1f} %)"
        return f"{share} are incorrect with p > {threshold:g}"
    instead = "; shown are the most confident errors" if errors else ""
    return f"none of {images} images is incorrect with p > {threshold:g}{instead}"


def notes_under(data_note: str, chosen: Sequence[Mapping[str, Any]], view_note: str) -> list[str]:
    """Return the notes under the figure."""
    note = "The model is the first of the study."
    if len({_kind(error) for error in chosen}) < len(chosen):
        note += " One error of each label and prediction is chosen first, then further ones."
    elif len(chosen) > 1:
        note += " No two errors shown have the same label and prediction."
    if view_note:
        note += f" Images are shown whole here; the model's view of them: {view_note}."
    return [f"Data: {data_note}", note]
