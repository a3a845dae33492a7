"""Labels of whole clips and boxes of every frame, as a folder of videos is annotated with."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from recipe import hard_cases, records
from recipe.catalog import ClipSpec, ObjectModel
from recipe.render import Film
from recipe.staging import Staging
from recipe.tables import Row, write_table

LABELS = ("video", "labels", "split")
BOXES = ("video", "frame", "wnid", "x", "y", "width", "height")
PERSON = "n00007846"
DINING_TABLE = "n03201208"
DINING_ROOMS = ("kitchen", "dining")
BROKEN_CASES = ("missing_clip", "unreadable_clip")

# The others are val. A parent video is on one side, and a class with two clips on both.
TRAIN_VIDEOS = ("k1", "k3", "d3", "l3", "o2", "o3")


def file_name(clip: ClipSpec) -> str:
    """File of a clip."""
    return f"{records.clip_uid(clip.name)}.mp4"


def labels(clip: ClipSpec, models: dict[str, ObjectModel]) -> list[str]:
    """COCO classes of what a clip is about, taken things first; empty if nothing taken is one."""
    if clip.case in BROKEN_CASES:
        return []
    taken = [take.model.coco for take in clip.takes if take.model.coco]
    tool = clip.resting.partition(":")[2]
    if taken and tool and models[tool].coco:
        taken.append(models[tool].coco)
    return list(dict.fromkeys(taken))


def clip_boxes(clip: ClipSpec, staging: Staging, film: Film) -> Iterator[Row]:
    """Rows of every frame of a clip's file: its COCO objects, those that are taken first."""
    things = _things(staging)
    shown, outlines = -1, film.outlines(0, [])
    for frame, index in enumerate(_positions(clip, staging)):
        if shown != film.shown(index):
            shown = film.shown(index)
            outlines = film.outlines(shown, [owners for _, owners in things])
        for (wnid, _), box in zip(things, outlines, strict=True):
            if box:
                yield file_name(clip), frame, wnid, *box


def write(
    folder: Path, clips: Iterable[ClipSpec], models: dict[str, ObjectModel], boxes: list[Row]
) -> None:
    """Write ``labels.csv`` and ``boxes.csv``, sorted by file name."""
    labelled = [
        (file_name(clip), " ".join(wnids), "train" if clip.video in TRAIN_VIDEOS else "val")
        for clip in clips
        if (wnids := labels(clip, models))
    ]
    folder.mkdir(parents=True, exist_ok=True)
    write_table(folder / "labels.csv", LABELS, sorted(labelled))
    # A stable sort: within a clip the rows stay as they were filmed.
    write_table(folder / "boxes.csv", BOXES, sorted(boxes, key=lambda row: str(row[0])))


def _things(staging: Staging) -> list[tuple[str, Collection[str]]]:
    """COCO class and labels of the scene of everything that has a class."""
    things: list[tuple[str, Collection[str]]] = [
        (prop.coco, {f"prop{index}"}) for index, prop in enumerate(staging.props) if prop.coco
    ]
    # The wearer is one person, of whom hands and sleeves are seen.
    hands = range(len(staging.hands))
    things.append((PERSON, {f"hand{i}{part}" for i in hands for part in ("", "-sleeve")}))
    if staging.spec.room in DINING_ROOMS:
        things.append((DINING_TABLE, {"table"}))
    return things


def _positions(clip: ClipSpec, staging: Staging) -> list[int]:
    """Position on the 30 fps grid of each frame in a clip's file."""
    first = next(hand.motion.moments for hand in staging.hands if hand.motion)
    dropped = hard_cases.stream_defects(clip.case, first).dropped
    return [index for index in range(clip.frame_count) if index not in dropped]
