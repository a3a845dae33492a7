"""How a model is trained: epochs, learning rate, and augmentation.

There are three schedules of the learning rate. ``exponential`` is that of *Egocentric Data as
Natural Adversarial Examples*, D, as it is printed: a warm-up at a constant rate, then exponential
decay, and early stopping. ``cosine`` is that of timm's train script of 2022, whose defaults those
printed numbers are: a linear warm-up, then half a cosine; with the same early stopping.
``plateau`` is that of ImageNet-Vid-Robust (appendix tables 1 and 2): all epochs are trained, and
the rate decays where held-out accuracy stops improving.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from wildframe.core.choices import Decay, Learn, Noise
from wildframe.core.tables import Row

LOWEST_LR = 1e-6
"""Learning rate that the cosine ends at: timm's of 2022."""


def late_warm_up(epochs: int, warmup_epochs: int) -> str | None:
    """Return what is wrong with a warm-up that the epochs do not outlast, and the remedy."""
    if warmup_epochs < epochs:
        return None
    return f"warmup_epochs: {warmup_epochs} of {epochs} epochs; lower it, or raise epochs"


@dataclass(frozen=True, slots=True)
class Schedule:
    """How a model is trained; the fields are those of a training in the config."""

    seed: int
    epochs: int
    schedule: Decay
    patience: int
    batch_size: int
    warmup_epochs: int
    warmup_lr: float
    lr: float
    decay: float
    momentum: float
    nesterov: bool
    weight_decay: float
    """Of weights with several dimensions; biases and norms have none, as in timm."""
    label_smoothing: float
    smallest_crop: float
    """Smallest share of an image's area that a random crop has; 1 crops nothing."""
    flip: float
    color_jitter: float
    noise: Noise | None
    learn: Learn
    """The label that is learnt; `examples.Parts.read` puts it first."""

    def learning_rate(self, history: Sequence[Row]) -> float:
        """Return the learning rate of the next epoch, after those of a ``training`` table."""
        epoch = len(history)
        if self.schedule == "cosine":
            return self._on_cosine(epoch - 1)
        if epoch <= self.warmup_epochs:
            return self.warmup_lr
        if self.schedule == "exponential":
            return float(self.lr * self.decay ** (epoch - self.warmup_epochs - 1))
        return self._on_plateau(history[self.warmup_epochs + 1 :])

    def _on_cosine(self, done: int) -> float:
        """Return the rate after so many epochs; the warm-up replaces the cosine's beginning."""
        if done < self.warmup_epochs:
            return self.warmup_lr + done * (self.lr - self.warmup_lr) / self.warmup_epochs
        height = (1 + math.cos(math.pi * done / self.epochs)) / 2
        return LOWEST_LR + height * (self.lr - LOWEST_LR)

    def _on_plateau(self, history: Sequence[Row]) -> float:
        """Return the rate of torch's scheduler, replayed, so that it has no state to save."""
        import torch

        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], self.lr)
        scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(
            optimizer, "max", factor=self.decay, patience=self.patience
        )
        for row in history:
            scheduler.step(row["successes"] / row["n"])
        return float(optimizer.param_groups[0]["lr"])

    def is_over(self, history: Sequence[Row]) -> bool:
        """Tell whether all epochs are done, or none was better for too long (not on a plateau)."""
        done = len(history) - 1
        is_stalled = done > 0 and done - best_epoch(history) >= self.patience
        return done >= self.epochs or (self.schedule != "plateau" and is_stalled)


def best_epoch(history: Sequence[Row]) -> int:
    """Return the epoch with the most correct held-out images, the first in case of a tie.

    Epoch 0, the model before training, is never the best: exhibits should show where training does
    not help.
    """
    return int(max(history[1:], key=lambda row: (row["successes"], -row["epoch"]))["epoch"])
