"""Sets around the images of another dataset: the same videos, a little earlier and later."""

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from itertools import groupby
from pathlib import Path
from typing import Any

from wildframe.core.errors import UserError
from wildframe.core.tables import Row
from wildframe.manifests.sets import Labeller, Part, SetChoices, blank_row, described, image_name

_OF_THE_VIDEO = (
    *("split", "record_id", "media", "media_kind", "rate", "width", "height", "group_id", "origin"),
)


def sets_of_neighbours(
    path: Path, manifest: Iterable[Mapping[str, Any]], choices: SetChoices
) -> Iterator[Part]:
    """Make each image of a manifest an anchor, judged by its labels together with what is near.

    Images that are the same frame (objects of one image, moments that coincide) make one anchor
    with the labels and boxes of all. Frames are counted as the anchor's is, and may prove to be
    missing when they are read: the manifest does not say where a video ends.

    Args:
        path: Manifest of the other dataset, for messages.
        manifest: Its rows.
        choices: The dataset's choices.

    Yields:
        The sets of each video file, with a row of the funnel for each image.

    Raises:
        UserError: Frames are to be judged by labels of their own, which they have not, or a image
            is no frame of a video.
    """
    if choices.label_source == "frame":
        raise UserError(
            f"datasets.{choices.dataset}.label_source: frames around images of another dataset "
            "have no labels of their own; write anchor"
        )
    labeller = Labeller(choices.targets)
    # The order of roles is that of the manifest, so that what is first does not hang on names.
    images = sorted(manifest, key=lambda row: (row["media"], row["rate"] or ""))
    for _, of_file in groupby(images, key=lambda row: (row["media"], row["rate"])):
        part = Part()
        anchors: dict[int, Row] = {}
        for image in of_file:
            if image["media_kind"] != "video" or image["frame"] is None:
                raise UserError(
                    f"{path}: image {image['image_id']} is no frame of a video, so that "
                    "nothing is around it; choose a dataset of videos"
                )
            _add(anchors, part, image, choices, labeller)
        # Anchors come first: a frame may be one and near another.
        part.images.update((anchor["image_id"], anchor) for anchor in anchors.values())
        for frame, anchor in sorted(anchors.items()):
            reach = choices.reach(None if anchor["rate"] is None else Fraction(anchor["rate"]))
            offsets = [offset for offset in choices.offsets(reach or 0) if frame + offset >= 0]
            neighbours = (
                (offset, _neighbour(anchor, frame + offset, choices)) for offset in offsets
            )
            part.keep(anchor, neighbours, described(len(offsets)))
        yield part


def _add(
    anchors: dict[int, Row],
    part: Part,
    image: Mapping[str, Any],
    choices: SetChoices,
    labeller: Labeller,
) -> None:
    """Add a image to the anchors of its file by frame, or say why not."""
    name, frame = image["image_id"], image["frame"]
    video_id = image["video_id"] or image["group_id"]
    labels = labeller.labels(video_id, image["labels"])
    if not labels:
        part.drop(name, "no_label", f"{', '.join(image['labels'])}: none of {choices.targets}")
    elif choices.seconds is not None and image["rate"] is None:
        part.drop(name, "no_rate", f"a window of {choices.window} needs the frame rate")
    else:
        found = {"labels": labels, **_objects(image, video_id, labeller)}
        first = anchors.get(frame)
        if first is None:
            anchors[frame] = _frame(image, frame, choices) | {"role": image["role"]} | found
            return
        part.drop(name, "duplicate", f"same frame as {first['image_id']}, which has its labels")
        for column, values in found.items():
            first[column] = [*first[column], *values]
        first["labels"] = list(dict.fromkeys(first["labels"]))


def _objects(image: Mapping[str, Any], video_id: str, labeller: Labeller) -> Row:
    """Return the columns about the annotated objects of a image that are targets."""
    nouns = image["nouns"] or [None] * len(image["boxes"])
    named = [
        (labels, noun, box)
        for wnids, noun, box in zip(image["annotation_labels"], nouns, image["boxes"], strict=True)
        if (labels := labeller.labels(video_id, wnids))
    ]
    return {
        "annotation_labels": [labels for labels, _, _ in named],
        "nouns": [noun for _, noun, _ in named if noun is not None],
        "boxes": [box for _, _, box in named],
    }


def _neighbour(anchor: Mapping[str, Any], frame: int, choices: SetChoices) -> Row:
    return _frame(anchor, frame, choices) | {"labels": anchor["labels"]}


def _frame(image: Mapping[str, Any], frame: int, choices: SetChoices) -> Row:
    """Return the row of a frame of a image's video, without what is known of the image."""
    # Ids end in the frame, but those of objects and of moments.
    name = image["image_id"].rpartition(f"_{image['frame']:07d}")[0]
    return blank_row(choices.dataset) | {
        "image_id": image_name(name or Path(image["media"]).stem, frame),
        **{column: image[column] for column in _OF_THE_VIDEO},
        "frame": frame,
        "video_id": image["video_id"] or image["group_id"],
    }
