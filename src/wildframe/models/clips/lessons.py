"""The lessons of a training: batches of clips, with labels, pseudo-labels and boxes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat

import torch

from wildframe.core.choices import ClipTask
from wildframe.core.errors import UserError
from wildframe.models.clips.loading import ClipBatch, TrainingClips
from wildframe.models.clips.objective import MAPS, Lesson, class_targets
from wildframe.models.clips.processes import Processes
from wildframe.models.clips.tasks import ClassIndices
from wildframe.models.clips.teachers import Teacher, append_embeddings


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
            UserError: The parts would not be equal, a class is not the dataset's, or a teacher has
                not seen a clip.
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
            epoch, size, start=start, rank=processes.rank, world=processes.world
        )
        epoch, start = epoch + 1, 0
