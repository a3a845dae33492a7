"""What lies beside the videos of sessions: their clips with labels, and boxes of hands."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from recipe.catalog import ObjectModel
from recipe.gestures import TO_HAND
from recipe.sessions import Session, Step, Video
from recipe.tables import Row, write_table

CLIPS = (
    "file", "start", "stop", "labels", "verb", "noun", "viewpoint", "split", "pair_id",
    "participant_id",
)  # fmt: skip
HANDS = ("video_id", "frame", "kind", "x1", "y1", "x2", "y2", "score")
PHRASES = {
    "take": "taking something",
    "put": "putting something down",
    "push": "pushing something",
    "turn": "turning something",
    "pour": "pouring",
    "shake": "shaking something",
}
DOUBTFUL = 0.05
SEED = 20


def clips(session: Session) -> list[Row]:
    """Rows of a session in the table of its set."""
    return [_row(session, video, clip) for video in session.videos for clip in _described(session)]


def scored(boxes: Iterable[Row]) -> Iterator[Row]:
    """Add scores, made up as those of a detector that sometimes doubts."""
    rng = np.random.default_rng(SEED)
    for box in boxes:
        low, high = (0.1, 0.6) if rng.random() < DOUBTFUL else (0.85, 1.0)
        yield *box, round(rng.uniform(low, high), 2)


def write(folder: Path, sessions: Iterable[Session], boxes: Iterable[Row]) -> None:
    """Write the clips of each set, and the boxes of all videos."""
    rows: dict[str, list[Row]] = {}
    for session in sessions:
        rows.setdefault(session.dataset, []).extend(clips(session))
    for dataset, members in rows.items():
        write_table(folder / f"{dataset}.csv", CLIPS, members)
    write_table(folder / "hands.csv", HANDS, scored(boxes))


def _described(session: Session) -> list[dict[str, str]]:
    """What tells the clips of one video of a session apart."""
    if session.dataset == "charades":
        labels = ";".join(f"{name} {start:.1f} {stop:.1f}" for name, start, stop in _spans(session))
        return [{"labels": labels, "pair_id": session.name}]
    return [_segment(step, session.dataset) for step in session.steps]


def _segment(step: Step, dataset: str) -> dict[str, str]:
    action = step.action
    times = {"start": f"{action.start:.1f}", "stop": f"{action.stop:.1f}"}
    if dataset == "epic":
        return {**times, "verb": action.verb, "noun": _noun(step.model)}
    return {**times, "labels": PHRASES[action.verb]}


def _spans(session: Session) -> list[tuple[str, float, float]]:
    """Actions and what is held, with first and last second."""
    spans = []
    taken = 0.0
    for step in session.steps:
        action, phrase = step.action, f"holding a {_noun(step.model)}"
        spans.append((PHRASES[action.verb], action.start, action.stop))
        middle = (action.start + action.stop) / 2
        if action.verb == "take":
            taken = middle
        elif action.verb == "put":
            spans.append((phrase, taken, middle))
    if session.steps[-1].action.verb in TO_HAND:
        spans.append((phrase, taken, session.spec.duration))
    return spans


def _noun(model: ObjectModel) -> str:
    """The noun of an object without its synonyms."""
    return model.noun.partition("_(")[0]


def _row(session: Session, video: Video, clip: dict[str, str]) -> Row:
    values = {
        "file": video.file,
        "viewpoint": video.viewpoint,
        "split": session.split,
        "participant_id": session.participant,
        **clip,
    }
    return tuple(values.get(column, "") for column in CLIPS)
