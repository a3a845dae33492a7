"""Records and clips that are wrong, odd or broken on purpose, as parts of Ego4D are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from recipe.motion import Moments

Record = dict[str, Any]

START_OFFSET_FRAMES = 21
DROPPED_BEFORE_PRE = 7

EXPECTATIONS = {
    "duplicate_record": (
        "Repeats the video and Pre frame number of the record before it; only one may survive."
    ),
    "no_object_box": "The Pre frame holds hand boxes only, so nothing names an object.",
    "null_nouns": "The object of change in the Pre frame has no noun, so no class is found.",
    "two_classes": (
        "Two objects of change in the Pre frame name two ImageNet-1K classes, so it is ambiguous."
    ),
    "synonyms_several_classes": "One noun names several ImageNet-1K classes, so it is ambiguous.",
    "no_class": "The noun names no ImageNet-1K class.",
    "start_time": (
        "The video stream starts 0.7 s late; frame n counts from the start of the stream."
    ),
    "unreadable_clip": "The clip is cut off before its index and cannot be opened.",
    "missing_clip": "The clip file does not exist.",
    "dropped_frame": (
        "A frame before the Pre frame is missing from the stream; the Pre frame keeps its time."
    ),
    "missing_frame": "The Pre frame itself is missing from the stream.",
    "no_pre_frame": "The record has no pre_frame key.",
}


@dataclass(frozen=True)
class StreamDefects:
    """What is wrong with the timing of a video stream."""

    start_frame: int = 0
    dropped: frozenset[int] = frozenset()


def stream_defects(case: str, moments: Moments) -> StreamDefects:
    """Timing defects that a case asks for."""
    if case == "start_time":
        return StreamDefects(start_frame=START_OFFSET_FRAMES)
    if case == "dropped_frame":
        return StreamDefects(dropped=frozenset({moments.pre - DROPPED_BEFORE_PRE}))
    if case == "missing_frame":
        return StreamDefects(dropped=frozenset({moments.pre}))
    return StreamDefects()


def altered(case: str, record: Record) -> list[Record]:
    """The records that stand for `record` once the case has had its way with it."""
    if case == "duplicate_record":
        return [record, dict(record)]
    if case == "no_pre_frame":
        return [{key: value for key, value in record.items() if key != "pre_frame"}]
    if case == "no_object_box":
        hands = [box for box in _boxes(record) if box["object_type"].endswith("_hand")]
        return [_with_boxes(record, hands)]
    if case == "null_nouns":
        return [_with_boxes(record, [{**box, "structured_noun": None} for box in _boxes(record)])]
    return [record]


def listing(records: list[tuple[str, Record]]) -> list[dict[str, Any]]:
    """Index of the hard cases among `(case, record)` pairs, for the tests to find them."""
    entries: dict[tuple[str, str], dict[str, Any]] = {}
    for index, (case, record) in enumerate(records):
        if case:
            # A duplicate comes second, so the later record of a clip replaces the earlier one.
            entries[case, record["clip_uid"]] = {
                "case": case,
                "record": index,
                "clip_uid": record["clip_uid"],
                "expect": EXPECTATIONS[case],
            }
    return list(entries.values())


def _boxes(record: Record) -> list[Record]:
    boxes: list[Record] = record["pre_frame"]["bbox"]
    return boxes


def _with_boxes(record: Record, boxes: list[Record]) -> Record:
    return {**record, "pre_frame": {**record["pre_frame"], "bbox": boxes}}
