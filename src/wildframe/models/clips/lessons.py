"""The lessons of a training: batches of clips, with labels, pseudo-labels and boxes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from pathlib import Path
from typing import Any, Self

import torch

from wildframe.core.choices import ClipTask
from wildframe.core.errors import UserError
from wildframe.core.schemas import CLIP_CLASSES, CLIPS
from wildframe.core.tables import Row, read_table
from wildframe.manifests.clips import learnt_sha256, shown_sha256
from wildframe.models.clips.loading import ClipBatch, TrainingClips
from wildframe.models.clips.objective import MAPS, Lesson, class_targets
from wildframe.models.clips.processes import Processes
from wildframe.models.clips.recipe import Recipe
from wildframe.models.clips.tasks import (
    VIEWPOINTS,
    ClassIndices,
    choose_clips,
    read_class_indices,
    require_classes,
)
from wildframe.models.clips.teachers import Teacher, append_embeddings
from wildframe.sources.clip_lists import labels_of

Dataset = tuple[Sequence[Path], Path | None]
"""Kept frames of a dataset of clips, if there is one, and its CLIPS."""


@dataclass(frozen=True)
class LessonFiles:
    """The files that a network learns from."""

    clips: Sequence[Path]
    manifest: Path
    classes: Path
    initial: Path | None = None
    """Weights that it starts from."""
    ego: Path | None = None
    object: Path | None = None
    interactions: Path | None = None
    appended: Sequence[Path] = ()
    unlabelled: Dataset = ((), None)
    pairs: Dataset = ((), None)

    def stamps(self) -> dict[str, Any]:
        """Return size and time of change of each file; of manifests and classes what is read.

        These are written anew when a label of a test clip is corrected.
        """
        single = [self.initial, self.ego, self.object, self.interactions]
        several = [*self.clips, *self.appended, *self.unlabelled[0], *self.pairs[0]]
        stats = {str(path): path.stat() for path in (*filter(None, single), *several)}
        _, unlabelled = self.unlabelled
        _, pairs = self.pairs
        return {
            **{name: [stat.st_size, stat.st_mtime_ns] for name, stat in stats.items()},
            "manifest": learnt_sha256(self.manifest),
            "classes": read_table(self.classes, CLIP_CLASSES).to_pylist(),
            "unlabelled": unlabelled and shown_sha256(unlabelled),
            "pairs": pairs and learnt_sha256(pairs),
        }


@dataclass(frozen=True)
class Lessons:
    """What a network learns from."""

    task: ClipTask
    classes: ClassIndices
    labelled: TrainingClips
    teachers: Mapping[str, Teacher] = field(default_factory=dict)
    """Teachers of classes, ``ego`` or ``object``, of the labelled clips."""
    maps: bool = False
    """Whether maps are learnt of the boxes of the labelled clips."""
    appended: Sequence[Teacher] = ()
    unlabelled: TrainingClips | None = None
    pairs: TrainingClips | None = None
    left_out: str = ""
    """What is told of labelled clips that are not learnt from, if there are some."""

    @classmethod
    def read(cls, files: LessonFiles, recipe: Recipe, threads: int) -> Self:
        """Open the files; clips are loaded by so many threads.

        Raises:
            UserError: A file is absent or unsound, a label is no class, or there is nothing to
                learn from.
        """
        classes = read_class_indices(recipe.task, files.classes)
        rows = read_table(files.manifest, CLIPS).to_pylist()
        rows = [row for row in rows if row["split"] == "train"]
        wanted = choose_clips(
            rows,
            recipe.task,
            fraction=recipe.fraction,
            one_view_per_pair=recipe.one_view_per_pair,
            seed=recipe.seed,
        )
        if not wanted and recipe.task != "multi_label":
            raise UserError(
                f"{files.manifest}: no clip of split train has one {' and one '.join(classes)}, "
                f"as the task {recipe.task} learns; choose another task or dataset"
            )
        learnt = (row for row in rows if row["clip_id"] in wanted)
        require_classes(learnt, classes, files.manifest)
        labelled = TrainingClips(
            files.clips,
            files.manifest,
            recipe.sampling,
            recipe.seed,
            interactions=files.interactions,
            wanted=wanted,
            threads=threads,
        )
        if recipe.task == "viewpoint":
            _require_both_viewpoints(labelled, files.manifest)
        distilled = {"ego": (files.ego, "viewpoint"), "object": (files.object, "object")}
        return cls(
            task=recipe.task,
            classes=classes,
            labelled=labelled,
            teachers={
                name: Teacher(path, "scores", head)
                for name, (path, head) in distilled.items()
                if path
            },
            maps=files.interactions is not None,
            appended=[Teacher(path, "embedding") for path in files.appended],
            unlabelled=_open(files.unlabelled, recipe, threads, paired=False),
            pairs=_open(files.pairs, recipe, threads, paired=True),
            left_out=_of_several(rows) if recipe.task == "action" else "",
        )

    def taught(self) -> set[str]:
        """Return the terms of the loss, beside those of the task, that there are data for."""
        others = {"domain": self.unlabelled is not None, "triplet": self.pairs is not None}
        found = {*self.teachers, *(MAPS if self.maps else ())}
        return found | {name for name, given in others.items() if given}

    def epoch(
        self, epoch: int, size: int, processes: Processes, *, start: int = 0
    ) -> Iterator[Lesson]:
        """Yield the lessons of an epoch, from a step on; only a process's part of each.

        Args:
            epoch: Number of the epoch, 0-based.
            size: Labelled clips of a step, as many unlabelled ones, and half as many pairs.
            processes: Which part is this process's.
            start: First step.

        Raises:
            UserError: The parts would not be equal, or a teacher has not seen a clip.
        """
        world = processes.world
        # Two pairs, so that each has one that it differs from.
        pairs = max(2 * world, size // 2)
        sizes = {self.labelled: size, self.unlabelled: size, self.pairs: pairs}
        for stream, wanted in sizes.items():
            if world > 1 and stream and (wanted % world or len(stream) < wanted):
                raise UserError(
                    f"{wanted} clips a step of {len(stream)} cannot be shared by {world} "
                    "processes; change the batch size or the number of processes"
                )
        first = epoch * self.labelled.steps(size) + start
        yield from map(
            self._lesson,
            self.labelled.batches(epoch, size, start=start, rank=processes.rank, world=world),
            _endless(self.unlabelled, size, first, processes),
            _endless(self.pairs, pairs, first, processes),
        )

    def _lesson(
        self, batch: ClipBatch, unlabelled: ClipBatch | None, pairs: ClipBatch | None
    ) -> Lesson:
        ids = [clip["clip_id"] for clip in batch.rows]
        shown = [one.clips for one in (batch, unlabelled, pairs) if one]
        return Lesson(
            clips=torch.cat(shown),
            targets=class_targets(self.task, self.classes, batch.rows, batch.spans),
            logits={name: teacher.of(ids) for name, teacher in self.teachers.items()},
            boxes=batch.boxes if self.maps else None,
            appended=append_embeddings(self.appended, ids),
            unlabelled=len(unlabelled.rows) if unlabelled else 0,
            pairs=[clip["pair_id"] for clip in pairs.rows[::2]] if pairs else (),
        )


def _of_several(rows: Sequence[Row]) -> str:
    several = sum(len({*labels_of(row, "action")}) > 1 for row in rows)
    told = f"{several} of {len(rows)} clips have several actions, and are not learnt from"
    return told if several else ""


def _require_both_viewpoints(clips: TrainingClips, manifest: Path) -> None:
    found = clips.values("viewpoint")
    if len(found) < len(VIEWPOINTS):
        raise UserError(
            f"{manifest}: all clips to learn from that could be read are of viewpoint "
            f"{', '.join(found)}; choose a dataset of both viewpoints"
        )


def _open(dataset: Dataset, recipe: Recipe, threads: int, *, paired: bool) -> TrainingClips | None:
    kept, manifest = dataset
    if bool(kept) != (manifest is not None):
        raise UserError("further clips come with the manifest of their dataset: give both")
    if manifest is None:
        return None
    return TrainingClips(
        kept, manifest, recipe.sampling, recipe.seed, paired=paired, threads=threads
    )


def _endless(
    clips: TrainingClips | None, size: int, step: int, processes: Processes
) -> Iterator[ClipBatch | None]:
    """Yield the batches of one epoch of a stream after the other, from a step of all on."""
    if clips is None:
        yield from repeat(None)
        return
    epoch, start = divmod(step, clips.steps(size))
    while True:
        yield from clips.batches(
            epoch, size, start=start, rank=processes.rank, world=processes.world, silent=True
        )
        epoch, start = epoch + 1, 0
