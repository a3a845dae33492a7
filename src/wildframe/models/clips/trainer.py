"""A network of clips in training: SGD on the weighted losses of one lesson after the other."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from wildframe.core.errors import UserError
from wildframe.core.tables import Row
from wildframe.models.clips.learner import ClipModel, Learner, load_backbone
from wildframe.models.clips.lessons import Lessons
from wildframe.models.clips.losses import total
from wildframe.models.clips.objective import Lesson, term_losses
from wildframe.models.clips.processes import Processes, share_gradients, share_norms
from wildframe.models.clips.recipe import Recipe
from wildframe.models.clips.sgd import Sgd


class Trainer:
    """A learner in training, step by step."""

    def __init__(
        self,
        learner: Learner,
        recipe: Recipe,
        weights: Mapping[str, float],
        device: torch.device,
        processes: Processes,
    ) -> None:
        """Move a learner, with the weights to start from, to a device.

        Args:
            learner: The same in all processes.
            recipe: How it is trained.
            weights: Weight of each term of the loss.
            device: Device of this process.
            processes: Those that share the steps.
        """
        self._recipe, self._weights, self._device = recipe, weights, device
        self._processes = processes
        if processes.world > 1:
            share_norms(learner)
        self.learner = learner.to(device).train()
        self._shared = share_gradients(self.learner, device, processes.world)
        self._sgd = Sgd(self.learner, recipe.weight_decay)
        self._sums = torch.zeros(len(weights) + 1, device=device)

    def step(self, lesson: Lesson, epoch: int, step: int, learning_rate: float) -> None:
        """Learn one lesson; what is random depends on seed, epoch, step and process only."""
        seeds = [self._recipe.seed, epoch, step, self._processes.rank]
        torch.manual_seed(int(np.random.SeedSequence(seeds).generate_state(1, np.uint64)[0]))
        lesson = lesson.to(self._device)
        mixed = self._recipe.precision == "bf16"
        with torch.autocast(self._device.type, torch.bfloat16, enabled=mixed):
            outputs = self._shared(lesson.clips, lesson.labelled, lesson.appended)
        found = term_losses(outputs, lesson, self._recipe.loss, self._recipe.temperature)
        terms = {name: found[name] for name in self._weights}
        loss = total(terms, self._weights)
        loss.backward()  # type: ignore[no-untyped-call]
        self._sgd.step(learning_rate)
        # Of all processes, so that the first one's state has them.
        self._sums += self._processes.mean(torch.stack([*terms.values(), loss]).detach())

    def end_epoch(self, epoch: int, steps: int) -> list[Row]:
        """Return the mean of each term, and of the total, over the epoch's steps; forget them.

        Raises:
            UserError: Training diverged.
        """
        if not all(bool(weight.isfinite().all()) for weight in self.learner.state_dict().values()):
            raise UserError(
                f"training diverged in epoch {epoch + 1}; lower the lr of the training in the "
                "config"
            )
        means = (self._sums / steps).tolist()
        self._sums = torch.zeros_like(self._sums)
        terms = [*self._weights, "total"]
        return [{"term": term, "value": value} for term, value in zip(terms, means, strict=True)]

    def state(self) -> dict[str, Any]:
        """Return the state that the next step starts from."""
        return {
            "weights": self.learner.state_dict(),
            "momenta": self._sgd.state(),
            "sums": self._sums,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Restore a state that `state` returned."""
        self.learner.load_state_dict(state["weights"])
        self._sgd.restore(state["momenta"])
        self._sums.copy_(state["sums"])


def start_learner(recipe: Recipe, lessons: Lessons, initial: Path | None) -> Learner:
    """Return the learner that a training starts with, drawn from its seed.

    Args:
        recipe: Its network and seed.
        lessons: What it learns from, which decides its heads.
        initial: Weights whose backbone it starts from; None: from scratch.

    Raises:
        UserError: The weights do not fit the network.
    """
    torch.manual_seed(recipe.seed)
    sizes = {head: len(of_head) for head, of_head in lessons.classes.items()}
    appended = sum(teacher.size for teacher in lessons.appended)
    model = ClipModel(recipe.network, sizes, recipe.dropout, appended)
    if initial:
        load_backbone(model, recipe.network, initial)
    return Learner(
        model,
        recipe.dropout,
        distilled={name: teacher.size for name, teacher in lessons.teachers.items()},
        maps=lessons.maps,
        domains=lessons.unlabelled is not None,
    )
