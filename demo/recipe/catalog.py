"""What the demo set shows: the object models, the clips and how they are filmed."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

DATA = Path(__file__).parent
FPS = 30

Grasp = Literal["top", "side"]
Side = Literal["left", "right"]
Codec = Literal["vp9", "h264"]


@dataclass(frozen=True)
class ObjectModel:
    """One furniture-catalogue model, how it lies on the table and how it is grasped."""

    key: str
    package: str
    model: str
    group: str
    noun: str
    size: float
    turn: tuple[float, float, float]
    grasp: Grasp
    reach: float
    grip: str
    coco: str
    """wnid of the COCO class that it is; empty for none."""


@dataclass(frozen=True)
class Take:
    """One hand takes one object, starting at `start` seconds."""

    model: ObjectModel
    side: Side
    start: float


@dataclass(frozen=True)
class ClipSpec:
    """Everything that tells one clip from another."""

    name: str
    video: str
    takes: tuple[Take, ...]
    room: str
    resting: str
    duration: float
    render_fps: int
    width: int
    height: int
    codec: Codec
    gop: int
    seed: int
    case: str

    @property
    def frame_count(self) -> int:
        """Length on the 30 fps grid."""
        return round(self.duration * FPS)


def outwards(side: Side) -> float:
    """Sign of x on the side of the body where a hand belongs."""
    return 1.0 if side == "right" else -1.0


def load_models(path: Path = DATA / "objects.csv") -> dict[str, ObjectModel]:
    """Object models by key."""
    with path.open(newline="") as handle:
        return {row["key"]: _model(row) for row in csv.DictReader(handle)}


def load_clips(models: dict[str, ObjectModel], path: Path = DATA / "clips.csv") -> list[ClipSpec]:
    """Clips in the order in which they are annotated."""
    with path.open(newline="") as handle:
        return [_clip(row, models) for row in csv.DictReader(handle)]


def _model(row: dict[str, str]) -> ObjectModel:
    return ObjectModel(
        key=row["key"],
        package=row["package"],
        model=row["model"],
        group=row["group"],
        noun=row["noun"],
        size=float(row["size_cm"]) / 100,
        turn=(float(row["rot_x"]), float(row["rot_y"]), float(row["rot_z"])),
        grasp="side" if row["grasp"] == "side" else "top",
        reach=float(row["reach"]),
        grip=row["grip"],
        coco=row["coco"],
    )


def _clip(row: dict[str, str], models: dict[str, ObjectModel]) -> ClipSpec:
    width, height = row["size"].split("x")
    return ClipSpec(
        name=row["clip"],
        video=row["video"],
        takes=tuple(_take(text, models) for text in row["takes"].split()),
        room=row["room"],
        resting=row["resting"],
        duration=float(row["duration"]),
        render_fps=int(row["render_fps"]),
        width=int(width),
        height=int(height),
        codec="h264" if row["codec"] == "h264" else "vp9",
        gop=int(row["gop"]),
        seed=int(row["seed"]),
        case=row["case"],
    )


def _take(text: str, models: dict[str, ObjectModel]) -> Take:
    """Parse `object:hand@start`, as in `teapot:right@0.3`."""
    key, _, rest = text.partition(":")
    side, _, start = rest.partition("@")
    return Take(models[key], "left" if side == "left" else "right", float(start))
