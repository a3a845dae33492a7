"""How a model is trained: epochs, learning rate, and augmentation.

There are two schedules of the learning rate. ``exponential`` is that of *Egocentric Data as Natural
Adversarial Examples*, D: a warm-up at a constant rate, then exponential decay, and early stopping.
``plateau`` is that of ImageNet-Vid-Robust (appendix tables 1 and 2): all epochs are trained, and
the rate decays where held-out accuracy stops improving.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from wildframe.core.choices import Decay, Learn, Noise
from wildframe.core.tables import Row


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
    flip: float
    color_jitter: float
    noise: Noise | None
    learn: Learn
    """The label that is learnt; `examples.Parts.read` puts it first."""

    def learning_rate(self, history: Sequence[Row]) -> float:
        """Return the learning rate of the next epoch, after those of a ``training`` table."""
        epoch = len(history)
        if epoch <= self.warmup_epochs:
            return self.warmup_lr
        if self.schedule == "exponential":
            return float(self.lr * self.decay ** (epoch - self.warmup_epochs - 1))
        return self._on_plateau(history[self.warmup_epochs + 1 :])

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
        """Tell whether all epochs are done, or, if exponential, none has improved for too long."""
        done = len(history) - 1
        is_stalled = done > 0 and done - best_epoch(history) >= self.patience
        return done >= self.epochs or (self.schedule == "exponential" and is_stalled)


def best_epoch(history: Sequence[Row]) -> int:
    """Return the epoch with the most correct held-out images, the first in case of a tie.

    Epoch 0, the model before training, is never the best: exhibits should show where training does
    not help.
    """
    return int(max(history[1:], key=lambda row: (row["successes"], -row["epoch"]))["epoch"])
