"""From annotated records to the manifest and its funnel."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wildframe.core.choices import Media, Pick, Role, Synsets
from wildframe.core.tables import Row
from wildframe.labels.mapping import LabelMap, Match

# Steps that drop a record, in the order in which they are asked (paper, Fig. 4 and 5).
STEPS = {
    "bad_record": "Record could not be read",
    "no_moment": "Record has no such moment",
    "duplicate": "Duplicate video + frame",
    "no_object_box": "No object box",
    "no_noun": "Object boxes, but no noun",
    "no_class": "Nouns, but no class",
    "several_classes": "More than one class",
}
KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Choices:
    """What makes a dataset out of a source; the fields are those of the config."""

    dataset: str
    role: Role
    object_types: Sequence[str]
    words: Pick
    synsets: Synsets
    media: Media
    version: str
    rate: str


def build_manifest(
    records: Iterable[Mapping[str, Any]],
    objects: Iterable[Mapping[str, Any]],
    label_map: LabelMap,
    choices: Choices,
) -> tuple[list[Row], list[Row]]:
    """Decide about every record of one moment.

    Args:
        records: Rows of the ``records`` table.
        objects: Rows of the ``objects`` table.
        label_map: Map of the class space.
        choices: The dataset's choices.

    Returns:
        Rows of the manifest, sorted by image, and of the funnel, one per record in listed order.
    """
    boxes: dict[str, list[Mapping[str, Any]]] = {}
    for box in objects:
        if box["role"] == choices.role and box["object_type"] in choices.object_types:
            boxes.setdefault(box["record_id"], []).append(box)
    manifest, funnel = [], []
    seen: dict[tuple[Any, Any], str] = {}
    for record in records:
        if record["role"] != choices.role:
            continue
        found = boxes.get(record["record_id"], [])
        labelled = [
            (box, label_map.label(box["noun"], choices.words, choices.synsets))
            for box in found
            if box["noun"]
        ]
        step, detail = _judge(record, found, labelled, seen, choices)
        row = _manifest_row(record, labelled, choices) if step == KEPT else None
        if row:
            manifest.append(row)
        funnel.append(
            {
                "record_id": record["record_id"],
                "image_id": row["image_id"] if row else None,
                "step": step,
                "annotation_labels": [
                    [match.wnid for match in matches] for _, matches in labelled if matches
                ],
                "detail": detail,
            }
        )
    return sorted(manifest, key=lambda row: str(row["image_id"])), funnel


def _judge(
    record: Mapping[str, Any],
    boxes: Sequence[Mapping[str, Any]],
    labelled: Sequence[tuple[Mapping[str, Any], list[Match]]],
    seen: dict[tuple[Any, Any], str],
    choices: Choices,
) -> tuple[str, str]:
    """Return the step that drops a record, or ``kept``, and what was found."""
    media_key, frame_key = _media_keys(choices)
    if record["problem"]:
        return "bad_record", record["problem"]
    if record["frame"] is None and record["clip_frame"] is None:
        return "no_moment", f"no {choices.role}_frame"
    for key in (media_key, frame_key, "frame_width", "frame_height"):
        if record[key] is None:
            return "bad_record", f"the {choices.role} moment has no {key}"
    # A frame of the video can lie in two clips that overlap: both namings tell a duplicate.
    places = [
        place
        for place in (
            (record["video_id"], record["frame"]),
            (record[media_key], record[frame_key]),
        )
        if None not in place
    ]
    for place in places:
        if place in seen:
            return "duplicate", f"same frame as record {seen[place]}"
    seen.update(dict.fromkeys(places, record["record_id"]))
    if not boxes:
        return (
            "no_object_box",
            f"{record['boxes']} boxes, none of {', '.join(choices.object_types)}",
        )
    if not labelled:
        return "no_noun", f"{len(boxes)} object boxes, all nouns null"
    distinct = {tuple(match.wnid for match in matches) for _, matches in labelled if matches}
    if not distinct:
        return "no_class", ", ".join(box["noun"] for box, _ in labelled)
    names = "; ".join(_describe(box["noun"], matches) for box, matches in labelled if matches)
    return ("several_classes" if len(distinct) > 1 else KEPT), names


def _manifest_row(
    record: Mapping[str, Any],
    labelled: Sequence[tuple[Mapping[str, Any], list[Match]]],
    choices: Choices,
) -> Row:
    media_key, frame_key = _media_keys(choices)
    media_id, frame = record[media_key], record[frame_key]
    named = [(box, matches) for box, matches in labelled if matches]
    annotation_labels = [[match.wnid for match in matches] for _, matches in named]
    return {
        "image_id": f"{media_id}_{frame:07d}",
        "dataset": choices.dataset,
        "split": record["split"],
        "record_id": record["record_id"],
        "media": f"{choices.version}/{choices.media}/{media_id}.mp4",
        "media_kind": "video",
        "frame": frame,
        "rate": choices.rate,
        "width": record["frame_width"],
        "height": record["frame_height"],
        "labels": annotation_labels[0],
        "annotation_labels": annotation_labels,
        "nouns": [box["noun"] for box, _ in named],
        "words": list(dict.fromkeys(match.word for match in named[0][1])),
        "boxes": [box["box"] for box, _ in named],
        "group_id": record["clip_id"] or record["video_id"],
        "video_id": record["video_id"],
        "anchor_id": None,
        "offset": None,
        "role": choices.role,
        "origin": record["dataset"],
    }


def _media_keys(choices: Choices) -> tuple[str, str]:
    """Return the columns that name the video file and the frame in it."""
    return ("clip_id", "clip_frame") if choices.media == "clips" else ("video_id", "frame")


def _describe(noun: str, matches: Sequence[Match]) -> str:
    return f"{noun} -> {', '.join(f'{m.word} ({m.wnid})' for m in matches)}"
