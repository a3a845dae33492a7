"""Third-person clips by their egocentric signals: what Figs. 5 and S4 share."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Self

from wildframe.core.schemas import CLIPS
from wildframe.core.tables import Row, read_table
from wildframe.exhibits.figure import Figure
from wildframe.exhibits.registry import Several
from wildframe.frames.kept import KeptClips
from wildframe.studies.ego_exo.classes import read_class_names
from wildframe.studies.ego_exo.inputs import clips_with_classes, kept_clips
from wildframe.studies.ego_exo.strips import Strip, draw_blocks, positions
from wildframe.studies.ego_exo.teachers import (
    BOXES,
    EGO_SCORES,
    OBJECT_SCORES,
    WEIGHTS,
    combined,
    signals_of,
)

_SHORT = {"ego": "ego", "object": "object", "interaction": "map"}
"""Signals in text above a clip."""


@dataclass(frozen=True)
class ClipText:
    """What is known of clips in words."""

    videos: Mapping[str, str]
    """Video of each clip."""
    actions: Mapping[str, str]
    """Names of the actions of each clip."""

    @classmethod
    def read(cls, paths: Sequence[Path]) -> Self:
        """Read a manifest and its classes; errors as in `wildframe.core.tables.read_table`."""
        manifest, classes = paths
        names = read_class_names(classes)
        rows = read_table(manifest, CLIPS, ["clip_id", "video_id", "actions"]).to_pylist()
        return cls(
            {row["clip_id"]: row["video_id"] for row in rows},
            {
                row["clip_id"]: ", ".join(names[one["class"]] for one in row["actions"])
                for row in rows
            },
        )


def sorted_figure(
    clips: KeptClips,
    names: ClipText,
    ego: Mapping[str, float],
    objects: Mapping[str, float],
    boxes: Sequence[Row],
    weights: Mapping[str, float],
    data_note: str,
    shown: int,
) -> Figure:
    """Draw the clips at both ends, as strips of frames."""
    signals = signals_of(ego, objects, boxes, clips, names.videos)
    scores = combined(signals, weights)
    ranked = [name for name in ranking(scores) if name in clips]
    shown = min(shown, len(ranked) // 2)

    def strip(clip_id: str) -> Strip:
        clip = clips[clip_id]
        told = ", ".join(
            f"{_SHORT[term]} {of_clip[clip_id]:.2f}" for term, of_clip in signals.items()
        )
        lines = [names.actions[clip_id], f"{scores[clip_id]:.2f}: {told}"]
        return Strip([clip.image(at) for at in positions(len(clip))], lines)

    ends = {"highest": ranked[:shown], "lowest": ranked[len(ranked) - shown :]}
    title = "Third-person clips by their egocentric signals"
    blocks = [(heading, [*map(strip, chosen)]) for heading, chosen in ends.items()]
    weighted = " + ".join(f"{weights[term]:g} {_SHORT[term]}" for term in signals)
    notes = [
        f"Data: {data_note}",
        f"Of {len(ranked)} clips that have every signal, of {len(names.videos)}. Score: "
        f"{weighted}, where ego is the probability of ego, object the largest probability of an "
        "object, and map the share of the frames that boxes of hands and objects cover; the paper "
        "does not say how it combines the three.",
    ]
    return Figure(title, draw_blocks(blocks), notes)


SortedFigure = Annotated[
    Callable[..., Figure],
    Several(
        partial(partial, sorted_figure),
        {
            "clips": kept_clips(lambda run: run.study.third_person),
            "names": clips_with_classes(ClipText.read, lambda run: run.study.third_person),
            "ego": EGO_SCORES,
            "objects": OBJECT_SCORES,
            "boxes": BOXES,
            "weights": WEIGHTS,
        },
    ),
]
"""`sorted_figure` of the third-person clips: what is left to say is its data note, and how many."""


def ranking(scores: Mapping[str, float]) -> list[str]:
    """Return clips by their score, highest first; of equal scores by name."""
    return sorted(scores, key=lambda name: (-scores[name], name))
