"""How a network is trained on clips: the published recipe, whose numbers are choices."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from wildframe.core.choices import ClipDecay, ClipTask, LossForm, Precision
from wildframe.core.errors import UserError
from wildframe.models.clips.sampling import Sampling
from wildframe.models.schedule import late_warm_up

MOMENTUM = 0.9
"""Of SGD, which is Nesterov's throughout."""
STEP = 0.1
"""Factor of the learning rate at each step of the schedule ``steps``."""

_SIGNALS = {"ego": 0.1, "object": 0.5, "hand": 1.0, "hand_object": 1.0}
WEIGHTS: Mapping[LossForm, Mapping[str, float]] = {
    "paper": {"action": 1.0} | _SIGNALS,
    "released": {"action": 0.5} | _SIGNALS,
}
"""Published weights of the terms in pre-training with signals; without, actions have 1."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """How a network is trained; what it is trained on stands beside it."""

    network: str
    task: ClipTask
    seed: int
    frames: int
    stride: int
    """Frames of the media from one frame of a clip to the next."""
    crop: int
    """Side of the squares that are learnt from, in pixels."""
    epochs: int
    batch_size: int
    """Clips, or pairs, per step, on all processes together."""
    lr: float
    decay: ClipDecay
    decay_epochs: tuple[int, ...]
    """Of the schedule ``steps``: epochs after which the learning rate is a tenth."""
    warmup_epochs: int
    """Epochs in which it grows linearly, from ``warmup_lr``."""
    warmup_lr: float
    weight_decay: float
    """Of weights with several dimensions; biases and norms have none."""
    dropout: float
    precision: Precision
    loss: LossForm
    weights: Mapping[str, float]
    """Weights of the terms of the loss: see `objective.term_weights`."""
    temperature: float
    """What teachers' logits are divided by."""
    fraction: float
    """Share of the videos whose clips it learns from."""
    one_view_per_pair: bool
    """Whether it learns one viewpoint of each pair only."""

    def __post_init__(self) -> None:
        """Raise a `UserError` for a learning rate that the epochs leave no room for."""
        if problem := problem_of(self.epochs, self.decay, self.decay_epochs, self.warmup_epochs):
            raise UserError(problem)

    @property
    def sampling(self) -> Sampling:
        """What it is shown of a clip."""
        return Sampling(self.frames, self.stride, self.crop)

    def learning_rate(self, done: float) -> float:
        """Return the learning rate after so many epochs, which need not be whole ones."""
        if done < self.warmup_epochs:
            reached = self._decayed(self.warmup_epochs)
            return self.warmup_lr + (reached - self.warmup_lr) * done / self.warmup_epochs
        return self._decayed(done)

    def _decayed(self, done: float) -> float:
        if self.decay == "cosine":
            return self.lr * (1 + math.cos(math.pi * done / self.epochs)) / 2
        return float(self.lr * STEP ** sum(epoch <= done for epoch in self.decay_epochs))


def problem_of(
    epochs: int, decay: ClipDecay, decay_epochs: Sequence[int], warmup_epochs: int
) -> str | None:
    """Return what of a schedule could not be kept to, and the remedy; None if all can."""
    if problem := late_warm_up(epochs, warmup_epochs):
        return problem
    if decay == "cosine" and decay_epochs:
        return "decay_epochs: decay is cosine; set it to [], or decay to steps"
    if decay == "steps" and not decay_epochs:
        return "decay_epochs: decay is steps; name them, or set decay to cosine"
    if late := [epoch for epoch in decay_epochs if not 0 < epoch < epochs]:
        return (
            f"decay_epochs: {late[0]} is not between 1 and {epochs - 1}, as of {epochs} epochs; "
            "change it, or epochs"
        )
    return None


def parse_weights(text: str) -> dict[str, float]:
    """Return weights of terms out of ``action=1,ego=0.1``; none of an empty text.

    Raises:
        UserError: It does not read like that.
    """
    try:
        named = [part.split("=") for part in text.split(",") if part]
        return {name: float(value) for name, value in named}
    except ValueError as error:
        raise UserError(f"weights {text!r}: write them like action=1,ego=0.1") from error


def parse_epochs(text: str) -> tuple[int, ...]:
    """Return epochs out of ``20,25``; none of an empty text.

    Raises:
        UserError: It does not read like that.
    """
    try:
        return tuple(int(epoch) for epoch in text.split(",") if epoch)
    except ValueError as error:
        raise UserError(f"epochs {text!r}: write them like 20,25") from error
