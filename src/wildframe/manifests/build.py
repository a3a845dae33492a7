"""From annotated records to the manifest and its funnel."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from wildframe.core.choices import Media, Pick, Rule, Synsets, Unit
from wildframe.core.tables import Row
from wildframe.labels.mapping import LabelMap, Match
from wildframe.manifests.decisions import KEPT, decision

# Steps that drop a moment, in the order of the funnel (paper, Fig. 4 and 5).
STEPS = {
    "bad_record": "Record could not be read",
    "rejected": "Action rejected by the annotators",
    "no_moment": "Record has no such moment",
    "duplicate": "Duplicate video + frame",
    "no_object_box": "No object box",
    "no_noun": "Object boxes, but no noun",
    "no_class": "Nouns, but no class",
    "several_classes": "More than one class",
}
Labelled = tuple[Mapping[str, Any], list[Match]]
"""A box with a noun, and the classes that the noun matches."""


@dataclass(frozen=True, slots=True)
class Choices:
    """The settings of a dataset, as in the config."""

    dataset: str
    roles: Sequence[str]
    object_types: Sequence[str]
    unit: Unit
    rule: Rule
    pick: Pick
    synsets: Synsets
    media: Media
    version: str
    rate: str

    @property
    def place(self) -> tuple[str, str]:
        """Columns of a record with the video file and the frame in it."""
        is_clip = self.media.startswith("clips")
        return ("clip_id", "clip_frame") if is_clip else ("video_id", "frame")


def build_manifest(
    records: Iterable[Mapping[str, Any]],
    objects: Iterable[Mapping[str, Any]],
    label_map: LabelMap,
    choices: Choices,
) -> Iterator[tuple[Row | None, Row]]:
    """Keep or drop every moment of the chosen roles, or every object of them.

    Memory only grows by one key per distinct frame, to detect duplicates.

    Args:
        records: Rows of the ``records`` table.
        objects: Rows of the ``objects`` table, in the order of the records.
        label_map: Map of the label space.
        choices: The dataset's settings.

    Yields:
        A row of the manifest, None if the moment or object was dropped, and its row of the funnel.

    Raises:
        ValueError: Objects are not in the order of the records.
    """
    seen: dict[tuple[str, Any], dict[Any, str]] = defaultdict(dict)
    for record, annotated in _moments(records, objects, choices):
        boxes = [box for box in annotated if _is_visible(box["box"], record)]
        labelled = [
            (box, label_map.label(box["noun"], choices.pick, choices.synsets))
            for box in boxes
            if box["noun"]
        ]
        dropped = _drop_moment(record, boxes, seen, choices)
        if dropped:
            yield None, _funnel_row(record, None, *dropped, labelled)
        elif choices.unit == "image":
            step, detail = _match_labels(boxes, labelled)
            # The first object gives labels, crop and noun: one of which no label is doubtful.
            named = sorted((one for one in labelled if one[1]), key=_doubtful_labels)
            row = _manifest_row(record, named, choices) if step == KEPT else None
            yield row, _funnel_row(record, None, step, detail, labelled, row)
        else:
            by_position = {box["position"]: (box, matches) for box, matches in labelled}
            for box in boxes:
                found = [by_position[box["position"]]] if box["noun"] else []
                step, detail = _match_labels([box], found)
                row = _manifest_row(record, found, choices) if step == KEPT else None
                yield row, _funnel_row(record, box["position"], step, detail, found, row)


def _moments(
    records: Iterable[Mapping[str, Any]], objects: Iterable[Mapping[str, Any]], choices: Choices
) -> Iterator[tuple[Mapping[str, Any], list[Mapping[str, Any]]]]:
    """Yield each moment of the chosen roles with its boxes of the chosen types."""
    groups = groupby(objects, key=lambda box: (box["record_id"], box["role"]))
    waiting = next(groups, None)
    for record in records:
        boxes: list[Mapping[str, Any]] = []
        if waiting and waiting[0] == (record["record_id"], record["role"]):
            boxes = [box for box in waiting[1] if box["object_type"] in choices.object_types]
            waiting = next(groups, None)
        if record["role"] in choices.roles:
            yield record, boxes
    if waiting:
        raise ValueError(f"boxes of {waiting[0]} are not in the order of the records")


def _drop_moment(
    record: Mapping[str, Any],
    boxes: Sequence[Mapping[str, Any]],
    seen: dict[tuple[str, Any], dict[Any, str]],
    choices: Choices,
) -> tuple[str, str] | None:
    """Return the step that drops a moment regardless of its objects, with the detail."""
    if record["problem"]:
        return "bad_record", record["problem"]
    if record["rejected"]:
        return "rejected", record["rejected"]
    if record["frame"] is None and record["clip_frame"] is None:
        return "no_moment", f"no {record['role']}_frame"
    for key in (*choices.place, "frame_width", "frame_height"):
        if record[key] is None:
            return "bad_record", f"the {record['role']} moment has no {key}"
    # A frame can be in two overlapping clips: a duplicate is the same frame of video or of clip. It
    # must be of the same role, or Pre images would depend on whether PNR images are chosen.
    places = [
        ((record["role"], record[media]), record[frame])
        for media, frame in dict.fromkeys([("video_id", "frame"), choices.place])
        if record[media] is not None and record[frame] is not None
    ]
    for moment, frame in places:
        if frame in seen[moment]:
            return "duplicate", f"same frame as record {seen[moment][frame]}"
    for moment, frame in places:
        seen[moment][frame] = record["record_id"]
    if not boxes:
        types = ", ".join(choices.object_types)
        return "no_object_box", f"{record['boxes']} boxes, no visible one of {types}"
    return None


def _is_visible(box: Mapping[str, float], record: Mapping[str, Any]) -> bool:
    """Tell whether a box overlaps its frame; some annotated boxes do not."""
    width, height = record["frame_width"] or 0, record["frame_height"] or 0
    return min(box["x"] + box["width"], width) > max(box["x"], 0) and min(
        box["y"] + box["height"], height
    ) > max(box["y"], 0)


def _match_labels(
    boxes: Sequence[Mapping[str, Any]], labelled: Sequence[Labelled]
) -> tuple[str, str]:
    """Return the step that drops boxes by their nouns, or ``kept``, with the detail."""
    if not labelled:
        freeform = [box["freeform_noun"] for box in boxes if box["freeform_noun"]]
        words = f"; in the annotators' words: {', '.join(freeform)}" if freeform else ""
        return "no_noun", f"{len(boxes)} object boxes, all nouns null{words}"
    distinct = {frozenset(match.wnid for match in matches) for _, matches in labelled if matches}
    if not distinct:
        return "no_class", ", ".join(box["noun"] for box, _ in labelled)
    names = "; ".join(_describe(box["noun"], matches) for box, matches in labelled if matches)
    return ("several_classes" if len(distinct) > 1 else KEPT), names


def _doubtful_labels(labelled: Labelled) -> int:
    return sum(match.doubtful for match in labelled[1])


def _funnel_row(
    record: Mapping[str, Any],
    position: int | None,
    step: str,
    detail: str,
    labelled: Sequence[Labelled],
    image: Row | None = None,
) -> Row:
    return decision(
        record["record_id"],
        record["role"],
        step,
        detail,
        image["image_id"] if image else None,
        [[match.wnid for match in matches] for _, matches in labelled if matches],
        position,
    )


def _manifest_row(record: Mapping[str, Any], named: Sequence[Labelled], choices: Choices) -> Row:
    media_id, frame = (record[key] for key in choices.place)
    image_id = f"{media_id}_{frame:07d}"
    if len(choices.roles) > 1:
        image_id += f"_{record['role']}"
    first_box, first = named[0]
    if choices.unit == "object":
        image_id += f"_{first_box['position']}"
    annotation_labels = [[match.wnid for match in matches] for _, matches in named]
    return {
        "image_id": image_id,
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
        "words": [match.word for match in first],
        "boxes": [box["box"] for box, _ in named],
        "group_id": record["clip_id"] or record["video_id"],
        "video_id": record["video_id"],
        "role": record["role"],
        "origin": record["dataset"],
    }


def _describe(noun: str, matches: Sequence[Match]) -> str:
    return f"{noun} -> {', '.join(f'{m.word} ({m.wnid})' for m in matches)}"
