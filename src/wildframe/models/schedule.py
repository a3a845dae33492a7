"""How a model is trained: how long, how fast, and what is done to its images.

Two schedules of the learning rate are known. ``exponential`` is that of *Egocentric Data as Natural
Adversarial Examples*, D: a warm-up at a constant rate, then exponential decay, and an early end.
``plateau`` is that of ImageNet-Vid-Robust (appendix tables 1 and 2): all epochs are trained, and
the rate falls where held-out accuracy no longer rises.
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
    """Which of a image's labels; `examples.Parts.read` puts it first."""

    def learning_rate(self, history: Sequence[Row]) -> float:
        """Return the learning rate of the next epoch.

        Args:
            history: Rows of the ``training`` table, from epoch 0 to the last one trained.
        """
        epoch = len(history)
        if epoch <= self.warmup_epochs:
            return self.warmup_lr
        if self.schedule == "exponential":
            return float(self.lr * self.decay ** (epoch - self.warmup_epochs - 1))
        return self._on_plateau(history[self.warmup_epochs + 1 :])

    def _on_plateau(self, history: Sequence[Row]) -> float:
        """Return what torch's scheduler makes of the epochs so far; so nothing is to be kept."""
        import torch

        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], self.lr)
        scheduler = torch.optim.lr_scheduler.ReduceLROnPlateau(
            optimizer, "max", factor=self.decay, patience=self.patience
        )
        for row in history:
            scheduler.step(row["successes"] / row["n"])
        return float(optimizer.param_groups[0]["lr"])

    def is_over(self, history: Sequence[Row]) -> bool:
        """Tell whether training ends here: all epochs done, or none better for too long.

        Args:
            history: Rows of the ``training`` table from epoch 0 on.
        """
        done = len(history) - 1
        if self.schedule == "plateau":
            return done >= self.epochs
        return done >= self.epochs or (done > 0 and done - best_epoch(history) >= self.patience)


def best_epoch(history: Sequence[Row]) -> int:
    """Return the epoch with the most right held-out images; of equal ones the first.

    Epoch 0, the model before training, is never the best: where training helps nothing, exhibits
    should show it.
    """
    return int(max(history[1:], key=lambda row: (row["successes"], -row["epoch"]))["epoch"])
