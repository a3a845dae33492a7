"""What a network can learn of labelled clips: its heads, and their classes. No torch here."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from random import Random

from wildframe.core.choices import ClipTask
from wildframe.core.errors import UserError
from wildframe.core.schemas import CLIP_CLASSES
from wildframe.core.tables import Row, read_table
from wildframe.sources.clip_lists import labels_of

HEADS: Mapping[ClipTask, tuple[str, ...]] = {
    "action": ("action",),
    "multi_label": ("action",),
    "verb_noun": ("verb", "noun"),
    "viewpoint": ("viewpoint",),
}
"""Heads of the network that learns a task."""
VIEWPOINTS = ("exo", "ego")

ClassIndices = Mapping[str, Mapping[str, int]]
"""Of each head, the index of each class."""


def read_class_indices(task: ClipTask, path: Path) -> dict[str, dict[str, int]]:
    """Return the classes of each head of a task, out of CLIP_CLASSES.

    Raises:
        UserError: The dataset has no classes for a head.
    """
    if task == "viewpoint":
        return {"viewpoint": {name: index for index, name in enumerate(VIEWPOINTS)}}
    indices: dict[str, dict[str, int]] = {head: {} for head in HEADS[task]}
    for row in read_table(path, CLIP_CLASSES).to_pylist():
        if row["head"] in indices:
            indices[row["head"]][row["class"]] = row["class_index"]
    for head, of_head in indices.items():
        if not of_head:
            raise UserError(
                f"{path}: no {head} classes, which the task {task} is about; choose another task "
                "or dataset"
            )
    return indices


def require_classes(
    clips: Iterable[Row], classes: Mapping[str, Collection[str]], place: Path
) -> None:
    """Refuse a label that is no class.

    Args:
        clips: Rows of CLIPS.
        classes: The classes of each head.
        place: Where the clips are from.

    Raises:
        UserError: Names the clip.
    """
    for clip in clips:
        for head, known in classes.items():
            for name in labels_of(clip, head):
                if name not in known:
                    raise UserError(
                        f"{place}: clip {clip['clip_id']}: {name!r} is no class of the head "
                        f"{head}; name the classes of the same dataset"
                    )


def choose_clips(
    clips: Sequence[Row], task: ClipTask, *, fraction: float, one_view_per_pair: bool, seed: int
) -> set[str]:
    """Return the ids of the clips that a training learns from.

    Args:
        clips: Rows of CLIPS.
        task: Clips that have not exactly one class of each of its heads are left out, except of
            ``multi_label``, of which any number may be shown.
        fraction: Share of the videos whose clips are kept; of a larger one these are a part.
        one_view_per_pair: Whether only one viewpoint of each pair is kept, at random; a clip whose
            partner is not among them is.
        seed: Seed of videos and viewpoints.
    """
    if task != "multi_label":
        heads = HEADS[task]
        clips = [
            clip for clip in clips if all(len({*labels_of(clip, head)}) == 1 for head in heads)
        ]
    if one_view_per_pair:
        pairs = sorted({clip["pair_id"] for clip in clips} - {None})
        draw = Random(seed)
        drawn = {(pair, draw.choice(VIEWPOINTS)) for pair in pairs}
        known = {(clip["pair_id"], clip["viewpoint"]) for clip in clips}
        complete = {pair for pair, _ in drawn & known}
        clips = [
            clip
            for clip in clips
            if clip["pair_id"] not in complete or (clip["pair_id"], clip["viewpoint"]) in drawn
        ]
    videos = sorted({clip["video_id"] for clip in clips})
    Random(seed).shuffle(videos)
    kept = set(videos[: max(1, round(fraction * len(videos)))])
    return {clip["clip_id"] for clip in clips if clip["video_id"] in kept}
