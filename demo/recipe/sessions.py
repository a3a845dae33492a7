"""Sessions: what people do with objects, to be filmed from the head or from a tripod."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from recipe.catalog import DATA, ClipSpec, ObjectModel, Take
from recipe.gestures import ACTION_SECONDS, Action, checked

LISTED = DATA / "sessions.csv"
COLUMNS = ("session", "set", "split", "participant", "room", "takes", "script", "seed")

RATE = 10
SIZE = (96, 72)

Viewpoint = Literal["ego", "exo"]
VIEWPOINTS: dict[str, tuple[Viewpoint, ...]] = {
    "third_person": ("exo",),
    "charades": ("ego", "exo"),
    "epic": ("ego",),
}


@dataclass(frozen=True)
class Step:
    """One action of a session on one of its objects."""

    action: Action
    model: ObjectModel


@dataclass(frozen=True)
class Video:
    """One viewpoint of a session."""

    name: str
    viewpoint: Viewpoint

    @property
    def file(self) -> str:
        """Name of its file."""
        return f"{self.name}.mp4"


@dataclass(frozen=True)
class Session:
    """Actions of one person in one room, recorded in one go."""

    name: str
    dataset: str
    split: str
    participant: str
    steps: tuple[Step, ...]
    spec: ClipSpec

    @property
    def videos(self) -> list[Video]:
        """One of each viewpoint of its set."""
        viewpoints = VIEWPOINTS[self.dataset]
        if len(viewpoints) == 1:
            return [Video(self.name, viewpoints[0])]
        return [Video(f"{self.name}-{viewpoint}", viewpoint) for viewpoint in viewpoints]


def load_sessions(models: dict[str, ObjectModel], path: Path = LISTED) -> list[Session]:
    """Sessions in the order in which they are listed."""
    with path.open(newline="") as handle:
        return [_session(row, models) for row in csv.DictReader(handle)]


def _session(row: dict[str, str], models: dict[str, ObjectModel]) -> Session:
    takes = tuple(_take(text, models) for text in row["takes"].split())
    steps = []
    for index, text in enumerate(row["script"].split()):
        verb, _, key = text.partition(":")
        model = models[key] if key else takes[0].model
        steps.append(Step(Action(verb, index * ACTION_SECONDS), model))
    for take in takes:
        checked(step.action.verb for step in steps if step.model == take.model)
    width, height = SIZE
    spec = ClipSpec(
        name=row["session"],
        video=row["session"],
        takes=takes,
        room=row["room"],
        resting="",
        duration=len(steps) * ACTION_SECONDS,
        render_fps=RATE,
        width=width,
        height=height,
        codec="h264",
        gop=RATE,
        seed=int(row["seed"]),
        case="",
    )
    return Session(row["session"], row["set"], row["split"], row["participant"], tuple(steps), spec)


def _take(text: str, models: dict[str, ObjectModel]) -> Take:
    """Parse `object:hand`, as in `teapot:right`."""
    key, _, side = text.partition(":")
    return Take(models[key], "left" if side == "left" else "right", 0.0)
