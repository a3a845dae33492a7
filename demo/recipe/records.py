"""Annotation records in the schema of Ego4D v1 `fho_scod_train.json`."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import numpy as np

from recipe.catalog import FPS, ClipSpec, Take
from recipe.motion import Moments
from recipe.render import VisibleBox

NAMESPACE = uuid.UUID("5d1f9c52-6b0e-4f6f-9a43-6a1c2f3f7d10")
FIRST_CLIP_ID = 101
CLIP_SPACING_FRAMES = 8_970
DESCRIPTION = (
    "State Change Object Detection Annotations of SYNTHETIC demo clips rendered by wildframe; "
    "not Ego4D data"
)

Record = dict[str, Any]
BoxesAt = Callable[[int], list[VisibleBox]]


def video_uid(video: str) -> str:
    """Stable uid of a parent video."""
    return str(uuid.uuid5(NAMESPACE, f"video {video}"))


def clip_uid(clip: str) -> str:
    """Stable uid of a clip."""
    return str(uuid.uuid5(NAMESPACE, f"clip {clip}"))


def parent_starts(clips: list[ClipSpec]) -> dict[str, int]:
    """First frame of every clip within its parent video."""
    starts: dict[str, int] = {}
    seen: dict[str, int] = {}
    for clip in clips:
        place = seen.get(clip.video, 0)
        seen[clip.video] = place + 1
        jitter = int(np.random.default_rng(clip.seed).integers(0, 2_000))
        opens_video = place == 0 and jitter < 400
        starts[clip.name] = 0 if opens_video else place * CLIP_SPACING_FRAMES + 240 + jitter
    return starts


def actions(clip: ClipSpec, takes_moments: list[Moments]) -> list[tuple[list[Take], Moments]]:
    """Group takes into annotated actions: takes that start together are one action."""
    grouped: list[tuple[list[Take], Moments]] = []
    for take, moments in zip(clip.takes, takes_moments, strict=True):
        if grouped and grouped[-1][1] == moments:
            grouped[-1][0].append(take)
        else:
            grouped.append(([take], moments))
    return grouped


def record(
    clip: ClipSpec, start: int, takes: list[Take], moments: Moments, boxes_at: BoxesAt
) -> Record:
    """One annotated action; `boxes_at` says what is visible at a frame of the clip."""
    end = start + clip.frame_count
    changing = {take.model.key for take in takes}

    def frame(index: int) -> Record:
        visible = [
            box for box in boxes_at(index) if box.role != "object_of_change" or box.name in changing
        ]
        return {
            "frame_number": start + index,
            "clip_frame_number": index,
            "width": clip.width,
            "height": clip.height,
            "bbox": [_box(box) for box in visible],
        }

    return {
        "video_uid": video_uid(clip.video),
        "clip_id": "",
        "clip_uid": clip_uid(clip.name),
        "clip_parent_start_sec": start / FPS,
        "clip_parent_end_sec": end / FPS,
        "clip_parent_start_frame": start,
        "clip_parent_end_frame": end,
        "pre_frame": frame(moments.pre),
        "pnr_frame": frame(moments.pnr),
        "post_frame": frame(moments.post),
    }


def document(records: list[Record]) -> Record:
    """The whole annotation file."""
    ids: dict[str, str] = {}
    for entry in records:
        ids.setdefault(entry["clip_uid"], str(FIRST_CLIP_ID + len(ids)))
    return {
        "version": "1.0",
        "date": "260101",
        "description": DESCRIPTION,
        "split": "train",
        "clips": [{**entry, "clip_id": ids[entry["clip_uid"]]} for entry in records],
    }


def _box(box: VisibleBox) -> Record:
    return {
        "object_type": box.role,
        "structured_noun": box.noun,
        "instance_number": 1,
        "bbox": {"x": box.x, "y": box.y, "width": box.width, "height": box.height},
    }
