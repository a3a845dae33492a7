"""SGD with Nesterov's momentum, as torch has it.

The import behind torch's own optimizers takes as long as a short training.
"""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from wildframe.models.clips.recipe import MOMENTUM


class Sgd:
    """SGD of the weights of a model, with what it remembers of earlier gradients."""

    def __init__(self, model: nn.Module, weight_decay: float) -> None:
        """Take the model; its weights with several dimensions decay."""
        self._parameters = dict(model.named_parameters())
        self._weight_decay = weight_decay
        self._momenta = {
            name: torch.zeros_like(parameter) for name, parameter in self._parameters.items()
        }

    @torch.no_grad()
    def step(self, learning_rate: float) -> None:
        """Move the weights against their gradients, which are forgotten."""
        for name, parameter in self._parameters.items():
            gradient, momentum = parameter.grad, self._momenta[name]
            if gradient is None:
                continue
            if parameter.ndim > 1:
                gradient.add_(parameter, alpha=self._weight_decay)
            momentum.mul_(MOMENTUM).add_(gradient)
            parameter.add_(gradient.add_(momentum, alpha=MOMENTUM), alpha=-learning_rate)
            parameter.grad = None

    def state(self) -> dict[str, Tensor]:
        """Return what the next step needs to know of the earlier ones."""
        return self._momenta

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Restore what `state` returned."""
        for name, momentum in self._momenta.items():
            momentum.copy_(state[name])
