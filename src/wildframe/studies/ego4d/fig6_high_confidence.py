"""Fig. 6: errors that a model is sure of."""

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from wildframe.core.choices import View
from wildframe.core.tables import Row
from wildframe.exhibits.figure import add_notes, pyplot, save
from wildframe.studies.ego4d.fig3_gallery import show_boxes

COLUMNS, ROWS = 4, 2


def wrong_predictions(outcomes: Iterable[Mapping[str, Any]]) -> list[Row]:
    """Return the wrong top-1 predictions, the most confident first.

    Args:
        outcomes: Rows of ``outcomes``.

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
        for row in outcomes
        if not row["right_top1"]
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


def describe(errors: Sequence[Mapping[str, Any]], pictures: int, threshold: float) -> str:
    """Say how many pictures are confident errors; without any, what is shown instead.

    Args:
        errors: All errors of `wrong_predictions`.
        pictures: Number of pictures examined.
        threshold: Probability above which an error counts as confident.
    """
    sure = sum(error["probability"] > threshold for error in errors)
    if sure:
        share = 100 * sure / pictures
        return f"{sure} of {pictures} pictures ({share:.1f} %) are wrong with p > {threshold:g}"
    instead = "; shown are the most confident errors" if errors else ""
    return f"none of {pictures} pictures is wrong with p > {threshold:g}{instead}"


def notes_under(about: str, chosen: Sequence[Mapping[str, Any]], view: View) -> list[str]:
    """Return what stands under the figure.

    Args:
        about: What the data is.
        chosen: Errors that are shown, see `choose_errors`.
        view: How pictures were shown to the model.
    """
    note = "The model is the first of the study."
    if len({_kind(error) for error in chosen}) < len(chosen):
        note += (
            " Shown is an error of each kind, the same class taken for the same other, and then "
            "further ones."
        )
    elif len(chosen) > 1:
        note += " No two errors shown are of one kind: the same class taken for the same other."
    if view == "box":
        note += " Pictures are shown whole; the model saw the object cut out."
    return [f"Data: {about}", note]


def gallery(
    errors: Sequence[Mapping[str, Any]],
    manifest: Mapping[str, Mapping[str, Any]],
    images: Mapping[str, bytes],
    class_names: Mapping[str, str],
    title: str,
    notes: Sequence[str],
    outputs: Sequence[Path],
) -> None:
    """Draw the pictures of errors with their boxes, labels and predictions.

    Args:
        errors: Up to ``COLUMNS * ROWS``, see `choose_errors`; without any, the title stands alone.
        manifest: Rows of the manifest by ``image_id``.
        images: Encoded pictures by ``image_id``.
        class_names: wnid to class name.
        title: Title of the figure.
        notes: What stands under the figure: what the data is, and how to read it.
        outputs: Files to write, .png or .svg.
    """
    plt = pyplot()
    rows = -(-len(errors) // COLUMNS)
    figure = plt.figure(figsize=(13, 1 + 2.75 * rows), layout="constrained")
    for position, error in enumerate(errors, start=1):
        axis = figure.add_subplot(rows, COLUMNS, position)
        axis.axis("off")
        show_boxes(axis, manifest[error["image_id"]], images[error["image_id"]])
        label = " or ".join(class_names[wnid] for wnid in error["labels"])
        predicted = f"{class_names[error['predicted']]}, p = {error['probability']:.3f}"
        text = [f"label: {label}", f"predicted: {predicted}"]
        axis.set_title("\n".join(textwrap.fill(line, 44) for line in text), parse_math=False)
    figure.suptitle(title, fontsize=12, parse_math=False)
    add_notes(figure, notes)
    save(figure, outputs)
