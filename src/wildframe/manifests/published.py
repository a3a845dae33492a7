"""Sets that a publisher chose and reviewed."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from wildframe.core.errors import UserError
from wildframe.core.tables import Row
from wildframe.labels.wordnet import UnknownSynsetError
from wildframe.manifests.sample import Boxes
from wildframe.manifests.sets import Part, SetChoices, blank_row, described, image_name


def published_sets(
    path: Path, rows: Iterable[Mapping[str, Any]], boxes: Boxes | None, choices: SetChoices
) -> Iterator[Part]:
    """Turn published sets into rows of the manifest and sets, video by video.

    An anchor that the publisher gave no class is kept, as in his own scores, and no prediction is
    correct; one whose classes are not in the label space is dropped. If each frame has its own
    labels, a neighbour without any in the label space is dropped.

    Args:
        path: The ``published`` table, for messages.
        rows: Its rows.
        boxes: Objects of frames, if there are any.
        choices: The dataset's settings.

    Raises:
        UserError: The window is in seconds, only anchors have labels although each frame should
            have its own, or a set has no anchor.
    """
    if choices.seconds is not None:
        raise UserError(
            f"datasets.{choices.dataset}.window: published sets have no frame rate; write frames "
            "instead of seconds"
        )
    frames = sorted(rows, key=itemgetter("video_id", "anchor", "offset"))
    own = choices.label_source == "frame"
    neighbours = [row for row in frames if row["offset"]]
    if own and neighbours and not any(row["labels"] for row in neighbours):
        raise UserError(
            f"{path}: only anchors have labels; write datasets.{choices.dataset}."
            "label_source: anchor in the config"
        )
    for video_id, of_video in groupby(frames, key=itemgetter("video_id")):
        annotated = boxes.of(video_id) if boxes else {}
        part = Part()
        for anchor, of_set in groupby(of_video, key=itemgetter("anchor")):
            try:
                _keep(part, path, anchor, list(of_set), annotated, choices)
            except UnknownSynsetError as error:
                part.drop_unknown(anchor, error)
        yield part


def _keep(
    part: Part,
    path: Path,
    name: str,
    frames: list[Mapping[str, Any]],
    annotated: Mapping[int, list[Row]],
    choices: SetChoices,
) -> None:
    """Add one published set, or record why not."""
    anchor = next((row for row in frames if row["offset"] == 0), None)
    if anchor is None:
        raise UserError(f"{path}: the set of {name} has no anchor; delete the table and rerun")
    labels = choices.labels(anchor["labels"])
    if anchor["labels"] and not labels:
        part.drop(name, "no_label", f"{', '.join(anchor['labels'])}: not in {choices.targets}")
        return
    offsets = choices.offsets(choices.frames or 0)
    neighbours: list[tuple[int, Row]] = []
    without = 0
    for row in frames:
        if row["offset"] in offsets and row is not anchor:
            scored = labels
            if choices.label_source == "frame":
                scored = choices.labels(row["labels"])
            if scored or choices.label_source == "anchor":
                neighbours.append((row["offset"], _image(row, scored, annotated, choices)))
            else:
                without += 1
    image = _image(anchor, labels, annotated, choices)
    part.keep(image, neighbours, described(len(neighbours) + 1, without))


def _image(
    row: Mapping[str, Any],
    labels: list[str],
    annotated: Mapping[int, list[Row]],
    choices: SetChoices,
) -> Row:
    # Boxes are in pixels of the file itself.
    objects = annotated.get(row["frame"], ())
    return blank_row(choices.dataset) | {
        "image_id": image_name(row["video_id"], row["frame"]),
        "record_id": row["anchor"],
        "media": row["media"],
        "media_kind": "image",
        "labels": choices.largest_first(labels, objects),
        "group_id": row["video_id"],
        "video_id": row["video_id"],
        "origin": choices.dataset,
        **choices.annotations(objects),
    }
