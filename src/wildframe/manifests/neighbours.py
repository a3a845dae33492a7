"""Sets of the images of another dataset and the neighbouring frames of the same videos."""

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import groupby
from pathlib import Path
from typing import Any

from wildframe.core.errors import UserError
from wildframe.core.rates import parse_rate
from wildframe.core.tables import Row
from wildframe.labels.wordnet import UnknownSynsetError
from wildframe.manifests.sets import Part, SetChoices, blank_row, described, image_name

_OF_THE_VIDEO = (
    *("split", "record_id", "media", "media_kind", "rate", "width", "height", "group_id", "origin"),
)


def sets_of_neighbours(
    path: Path, manifest: Iterable[Mapping[str, Any]], choices: SetChoices
) -> Iterator[Part]:
    """Make each image of a manifest an anchor, whose labels also count for its neighbours.

    Images of the same frame (objects of one image, coinciding moments) are one anchor with the
    labels and boxes of all. Neighbours are numbered like the anchor, and may turn out to be missing
    when they are read: the manifest does not know the length of a video.

    Args:
        path: Manifest of the other dataset, for messages.
        manifest: Its rows.
        choices: The dataset's settings.

    Yields:
        The sets of each video file, with a row of the funnel for each image.

    Raises:
        UserError: Each frame should have its own labels, or an image is no frame of a video.
    """
    if choices.label_source == "frame":
        raise UserError(
            f"datasets.{choices.dataset}.label_source: neighbours of another dataset's images "
            "have no labels of their own; write anchor"
        )
    # A stable sort: of several images of a frame, the manifest's first stays the first.
    images = sorted(manifest, key=lambda row: (row["media"], row["rate"] or ""))
    for _, of_file in groupby(images, key=lambda row: (row["media"], row["rate"])):
        part = Part()
        anchors: dict[int, Row] = {}
        for image in of_file:
            if image["media_kind"] != "video" or image["frame"] is None:
                raise UserError(
                    f"{path}: image {image['image_id']} is not a frame of a video and has "
                    "no neighbours; choose a dataset of videos"
                )
            try:
                _add(anchors, part, image, choices)
            except UnknownSynsetError as error:
                part.drop_unknown(image["image_id"], error)
        # Anchors come first: one may be the neighbour of another.
        part.images.update((anchor["image_id"], anchor) for anchor in anchors.values())
        for frame, anchor in sorted(anchors.items()):
            reach = choices.reach(_rate(path, anchor))
            offsets = [offset for offset in choices.offsets(reach or 0) if frame + offset >= 0]
            labels = {"labels": anchor["labels"]}
            neighbours = (
                (offset, _frame(anchor, frame + offset, choices) | labels) for offset in offsets
            )
            part.keep(anchor, neighbours, described(len(offsets)))
        yield part


def _rate(path: Path, anchor: Row) -> Fraction | None:
    try:
        return None if anchor["rate"] is None else parse_rate(anchor["rate"])
    except ValueError as error:
        raise UserError(f"{path}: image {anchor['image_id']}: {error}") from error


def _add(
    anchors: dict[int, Row], part: Part, image: Mapping[str, Any], choices: SetChoices
) -> None:
    """Add an image to the anchors of its file by frame, or record why not."""
    name, frame = image["image_id"], image["frame"]
    labels = choices.labels(image["labels"])
    if not labels:
        part.drop(name, "no_label", f"{', '.join(image['labels'])}: not in {choices.targets}")
    elif choices.seconds is not None and image["rate"] is None:
        part.drop(name, "no_rate", f"a window of {choices.seconds:g} s needs the frame rate")
    else:
        found = {"labels": labels, **_objects(image, choices)}
        first = anchors.get(frame)
        if first is None:
            anchors[frame] = _frame(image, frame, choices) | {"role": image["role"]} | found
            return
        part.drop(name, "duplicate", f"same frame as {first['image_id']}, which has its labels")
        for column, values in found.items():
            first[column] = [*first[column], *values]
        first["labels"] = list(dict.fromkeys(first["labels"]))


def _objects(image: Mapping[str, Any], choices: SetChoices) -> Row:
    """Return the columns about an image's annotated objects in the label space."""
    nouns = image["nouns"] or [None] * len(image["boxes"])
    named = [
        (labels, noun, box)
        for wnids, noun, box in zip(image["annotation_labels"], nouns, image["boxes"], strict=True)
        if (labels := choices.labels(wnids))
    ]
    return {
        "annotation_labels": [labels for labels, _, _ in named],
        "nouns": [noun for _, noun, _ in named if noun is not None],
        "boxes": [box for _, _, box in named],
    }


def _frame(image: Mapping[str, Any], frame: int, choices: SetChoices) -> Row:
    """Return the row of another frame of an image's video."""
    # Ids end in the frame number, except those of objects and of moments.
    name = image["image_id"].rpartition(f"_{image['frame']:07d}")[0]
    return blank_row(choices.dataset) | {
        "image_id": image_name(name or Path(image["media"]).stem, frame),
        **{column: image[column] for column in _OF_THE_VIDEO},
        "frame": frame,
        "video_id": image["video_id"] or image["group_id"],
    }
