"""Test sets of single images: which of a source are evaluated, and under which labels."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wildframe.core.choices import ImageGrouping
from wildframe.core.tables import Row
from wildframe.labels.wordnet import UnknownSynsetError
from wildframe.manifests.decisions import KEPT, Reasons, decision, require_split
from wildframe.manifests.sets import blank_row

IMAGE = "image"
"""Role of rows of the funnel that are about single images."""

# Steps that drop an image, in the order of the funnel.
IMAGE_STEPS = {
    "bad_image": "Record or file that cannot be used",
    "no_label": "No label",
    "no_class": "Labels, but none in the label space",
}


@dataclass(frozen=True, slots=True)
class ImageChoices:
    """The settings of a dataset of single images, as in the config."""

    dataset: str
    split: str | None
    """Split of the source; None for all images."""
    group_by: ImageGrouping


def choose_images(
    images: Iterable[Mapping[str, Any]],
    labels_of: Callable[[Sequence[str]], list[str]],
    choices: ImageChoices,
) -> Iterator[tuple[Row | None, Row]]:
    """Keep or drop every image of a split.

    Args:
        images: Rows of the ``images`` table.
        labels_of: Returns which classes of the label space the labels of an image are, or raises
            an `UnknownSynsetError`, which drops the image.
        choices: The dataset's settings.

    Yields:
        A row of the manifest, None if the image was dropped, and its row of the funnel.

    Raises:
        UserError: At the end, if no image is in the split or none was kept; gives the reasons.
    """
    reasons = Reasons(IMAGE_STEPS)
    splits: set[str] = set()
    for image in images:
        splits.add(image["split"])
        if choices.split not in (None, image["split"]):
            continue
        labels, problem = [], image["problem"]
        try:
            labels = labels_of(image["labels"])
        except UnknownSynsetError as error:
            problem = problem or f"{error}; correct its label"
        step, detail = _decide(image["labels"], labels, problem)
        kept = _manifest_row(image, labels, choices) if step == KEPT else None
        image_id = image["image_id"] if kept else None
        given = [image["labels"]] if image["labels"] else []
        row = decision(image["record_id"], IMAGE, step, detail, image_id, given)
        reasons.add(row)
        yield kept, row
    if splits:
        require_split(choices.dataset, choices.split, splits, "image")
    reasons.require_kept(f"{choices.dataset}: no image is left to evaluate")


def _decide(
    given: Collection[str], labels: Collection[str], problem: str | None
) -> tuple[str, str]:
    """Return the step that drops an image, or ``kept``, with the detail."""
    if problem:
        return "bad_image", problem
    if not given:
        return "no_label", "it has no label"
    if not labels:
        return "no_class", ", ".join(given)
    return KEPT, ", ".join(labels)


def _manifest_row(image: Mapping[str, Any], labels: list[str], choices: ImageChoices) -> Row:
    folder = image["media"].rpartition("/")[0] or "."
    by_choice = folder if choices.group_by == "folder" else image["image_id"]
    return blank_row(choices.dataset) | {
        "image_id": image["image_id"],
        "split": image["split"],
        "record_id": image["record_id"],
        "media": image["media"],
        "media_kind": image["media_kind"],
        "frame": image["frame"],
        "origin": image["origin"],
        "labels": labels,
        "group_id": image["group_id"] or by_choice,
    }
