"""Version 2 of Ego4D's state changes: ``fho_main.json`` and the files that name a split's clips.

Source: the publisher's annotation schema and FHO_Overview.md. Videos have annotated intervals (one
per clip), intervals have narrated actions; an action has frames with boxes if it changes an
object's state, which is one record of version 1. ``fho_main.json`` names no split, and includes the
actions that the publisher's own flags exclude.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from wildframe.core.errors import UserError
from wildframe.core.tables import Row
from wildframe.sources.fields import (
    BadRecordError,
    Fields,
    boxes,
    flag,
    free_text,
    integer,
    items,
    mapping,
    optional_mapping,
    uid,
)
from wildframe.sources.moments import ROLES, Moment, blank
from wildframe.sources.stream import iter_list

_FRAME_TYPES = tuple(f"{role}_frame" for role in ROLES)


@dataclass(frozen=True, slots=True)
class Members:
    """The clips and videos that a split's files name; uids are case-folded."""

    files: tuple[Path, ...]
    clips: frozenset[str]
    whole_videos: frozenset[str]
    """Videos that are only named without a clip; other clips of others may be of another split."""
    videos: frozenset[str]

    def hold(self, clip: str | None, video: str | None) -> bool:
        """Tell whether a clip of a video is in the split."""
        folded = video.casefold() if video is not None else None
        if folded in self.whole_videos:
            return True
        # A clip without a uid is looked up by its video.
        return folded in self.videos if clip is None else clip.casefold() in self.clips


def read_members(files: Iterable[tuple[Path, Callable[[str, Any], None]]], remedy: str) -> Members:
    """Read which clips and videos are of a split.

    Args:
        files: ``fho_lta_<split>.json``, ``fho_oscc-pnr_<split>.json`` or both, each with a function
            that is called with its members other than the list of clips.
        remedy: How to get the files.

    Raises:
        UserError: A file is not such a JSON file.
    """
    paths: list[Path] = []
    clips: set[str] = set()
    without_clip: set[str] = set()
    with_clip: set[str] = set()
    for path, check in files:
        paths.append(path)
        kind = "a fho_lta_*.json or fho_oscc-pnr_*.json"
        for entry in iter_list(path, "clips", kind=kind, remedy=remedy, check=check):
            if isinstance(entry, dict):
                clip, video = entry.get("clip_uid"), entry.get("video_uid")
                if isinstance(clip, str):
                    clips.add(clip.casefold())
                if isinstance(video, str):
                    (without_clip if clip is None else with_clip).add(video.casefold())
    return Members(
        tuple(paths),
        frozenset(clips),
        whole_videos=frozenset(without_clip - with_clip),
        videos=frozenset(without_clip | with_clip),
    )


def iter_moments(annotations: Path, members: Members, split: str, remedy: str) -> Iterator[Moment]:
    """Yield the moments of the split's annotated actions, three each, in the file's order.

    Args:
        annotations: ``fho_main.json``.
        members: Clips and videos of the split.
        split: The publisher's split.
        remedy: How to get the file.

    Raises:
        UserError: The file is not such a JSON file, or has no such action.
    """
    number = 0
    matched = False
    kind = "the fho_main.json of version 2"
    for video in iter_list(annotations, "videos", kind=kind, remedy=remedy):
        for interval in _iter_intervals(video, members):
            matched |= interval.problem is None
            for place in _iter_places(interval):
                for role in ROLES:
                    yield _parse(place, blank(split, number, role))
                number += 1
    if not matched:
        raise UserError(
            f"{annotations}: no annotated interval is of a clip or video named in "
            f"{' and '.join(map(str, members.files))}; they must be of one release: {remedy}"
        )
    if not number:
        raise UserError(
            f"{annotations}: no action of split {split!r} has an annotated moment; {remedy}"
        )


@dataclass(frozen=True, slots=True)
class _Place:
    """A video, interval and action, as far as they are read, or why the next cannot be."""

    video: Fields
    interval: Fields
    action: Any = None
    problem: str | None = None


def _iter_intervals(video: Any, members: Members) -> Iterator[_Place]:
    """Yield the intervals of the split; one that cannot be read is in every split, not in none."""
    try:
        video = mapping(video, "the video")
        intervals = items(video.get("annotated_intervals"), "annotated_intervals")
    except BadRecordError as error:
        yield _Place({}, {}, problem=str(error))
        return
    for interval in intervals:
        try:
            interval = mapping(interval, "the interval")
            held = members.hold(_plain(interval, "clip_uid"), _plain(video, "video_uid"))
        except BadRecordError as error:
            yield _Place(video, {}, problem=str(error))
            continue
        if held:
            yield _Place(video, interval)


def _iter_places(interval: _Place) -> Iterator[_Place]:
    """Yield the annotated actions of an interval, or what cannot be read."""
    if interval.problem:
        yield interval
        return
    try:
        actions = items(interval.interval.get("narrated_actions"), "narrated_actions")
    except BadRecordError as error:
        yield replace(interval, problem=str(error))
        return
    yield from (replace(interval, action=one) for one in actions if _is_annotated(one))


def _plain(fields: Fields, key: str) -> str | None:
    value = fields.get(key)
    if value is not None and not isinstance(value, str):
        raise BadRecordError(f"{key} is not a string")
    return value


def _is_annotated(action: Any) -> bool:
    """Tell whether an action has any moment, or cannot be read, which becomes its problem."""
    if not isinstance(action, dict):
        return True
    frames = action.get("frames") or []
    if not isinstance(frames, list):
        return True
    if any(not isinstance(f, dict) or f.get("frame_type") in _FRAME_TYPES for f in frames):
        return True
    for key in ("critical_frames", "clip_critical_frames"):
        critical = action.get(key) or {}
        if not isinstance(critical, dict):
            return True
        if any(critical.get(frame_type) is not None for frame_type in _FRAME_TYPES):
            return True
    return False


def _parse(place: _Place, record: Row) -> Moment:
    found: list[Row] = []
    try:
        record["video_id"] = uid(place.video, "video_uid")
        record["clip_id"] = uid(place.interval, "clip_uid")
        if place.problem:
            raise BadRecordError(place.problem)
        action = mapping(place.action, "the action")
        record["rejected"] = _rejection(action)
        record["frame"], record["clip_frame"] = _frame_numbers(place, action, record["role"])
        if record["frame"] is not None or record["clip_frame"] is not None:
            # The video's: frames have no size of their own.
            metadata = optional_mapping(place.video, "video_metadata")
            record["frame_width"] = integer(metadata, "width", least=1)
            record["frame_height"] = integer(metadata, "height", least=1)
        listed = _frame(action, record["role"]).get("boxes")
        where = f"{record['role']}_frame.boxes"
        found = list(boxes(listed, record["record_id"], record["role"], where))
        record["boxes"] = len(found)
    except BadRecordError as error:
        record["problem"] = str(error)
        found = []
    return record, found


def _rejection(action: Fields) -> str | None:
    """Return which flags of the publisher exclude an action, in one sentence."""
    flags = []
    if flag(action, "is_valid_action") is False:
        flags.append("not a valid action")
    if flag(action, "is_rejected"):
        reason = free_text(action, "reject_reason")
        flags.append(f"rejected ({reason})" if reason else "rejected")
    if flag(action, "is_invalid_annotation"):
        flags.append("an invalid annotation")
    return f"flagged by the publisher: {', '.join(flags)}" if flags else None


def _frame(action: Fields, role: str) -> Fields:
    """Return the annotated frame of a moment, empty if there is none."""
    named = [
        frame
        for position, item in enumerate(items(action.get("frames"), "frames"))
        if (frame := mapping(item, f"frames[{position}]")).get("frame_type") == f"{role}_frame"
    ]
    if len(named) > 1:
        raise BadRecordError(f"frames has {len(named)} of type {role}_frame")
    return named[0] if named else {}


def _frame_numbers(place: _Place, action: Fields, role: str) -> tuple[int | None, int | None]:
    """Return the number of a moment's frame in the video and in the clip."""
    key = f"{role}_frame"
    critical = integer(optional_mapping(action, "critical_frames"), key)
    clip_critical = integer(optional_mapping(action, "clip_critical_frames"), key)
    annotated = integer(_frame(action, role), "frame_number")
    frame = critical if annotated is None else annotated
    start = integer(place.interval, "clip_parent_start_frame")
    is_of_frame = critical == frame or (critical is None and None in (frame, start))
    if clip_critical is not None and is_of_frame:
        return frame, clip_critical
    # If the boxes are not on the critical frame, count from the start of the clip.
    if frame is None or start is None or frame < start:
        return frame, None
    return frame, frame - start
