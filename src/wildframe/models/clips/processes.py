"""Several processes that share the steps of one training, as ``torchrun`` starts them.

Each learns from its part of a batch. Gradients are averaged, and batch normalization sees the
batches of all, so that they go where one process with the whole batch would go.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from wildframe.models.device import set_up_torch


@dataclass(frozen=True, slots=True)
class Processes:
    """Which of the processes this one is."""

    rank: int = 0
    world: int = 1
    """Number of processes."""

    @property
    def is_first(self) -> bool:
        """Whether it is the one that prints and writes."""
        return self.rank == 0

    def mean(self, values: Tensor) -> Tensor:
        """Return the mean of a tensor of each process."""
        if self.world > 1:
            torch.distributed.all_reduce(values)
        return values / self.world


@contextmanager
def processes(device_name: str, threads: int) -> Iterator[tuple[Processes, torch.device]]:
    """Join the processes that ``torchrun`` has started, each on a device of its own.

    Without ``torchrun`` it is one process.

    Yields:
        Which one it is, and its device; errors as in `set_up_torch`.
    """
    world = int(os.environ.get("WORLD_SIZE", "1"))
    if world == 1:
        yield Processes(), set_up_torch(device_name, threads)
        return
    if device_name in ("auto", "cuda") and torch.cuda.is_available():
        device_name = f"cuda:{os.environ['LOCAL_RANK']}"
    device = set_up_torch(device_name, threads)
    if device.type == "cuda":
        torch.cuda.set_device(device)
    torch.distributed.init_process_group("nccl" if device.type == "cuda" else "gloo")
    try:
        yield Processes(torch.distributed.get_rank(), world), device
    finally:
        torch.distributed.destroy_process_group()


def share_gradients(model: nn.Module, device: torch.device, world: int) -> nn.Module:
    """Return a model whose gradients are averaged over all processes; of one, the model itself."""
    if world == 1:
        return model
    # All processes keep the same running means and variances.
    return nn.parallel.DistributedDataParallel(
        model, [device] if device.type == "cuda" else None, broadcast_buffers=False
    )


def share_norms(module: nn.Module) -> None:
    """Replace the batch normalizations inside a model by those over the batches of all."""
    for name, child in module.named_children():
        if isinstance(child, _BatchNorm):
            shared = SharedNorm(child.num_features, child.eps, child.momentum)
            shared.load_state_dict(child.state_dict())
            setattr(module, name, shared)
        else:
            share_norms(child)


class SharedNorm(_BatchNorm):
    """Batch normalization with the means and variances of equal parts of a batch.

    torch has one for GPUs only.
    """

    def forward(self, input: Tensor) -> Tensor:
        """Normalize features of shape (B, C, ...)."""
        if not self.training:
            return super().forward(input)
        features = input.float()
        others = [0, *range(2, features.ndim)]
        mean = _mean_of_all(features.mean(others, keepdim=True))
        variance = _mean_of_all((features - mean).square().mean(others, keepdim=True))
        count = torch.distributed.get_world_size() * features.numel() / features.shape[1]
        with torch.no_grad():
            self.num_batches_tracked += 1
            self.running_mean.lerp_(mean.flatten(), self.momentum)
            self.running_var.lerp_(variance.flatten() * count / (count - 1), self.momentum)
        scale = self.weight.reshape(mean.shape) * (variance + self.eps).rsqrt()
        shift = self.bias.reshape(mean.shape) - mean * scale
        return (features * scale + shift).to(input.dtype)

    def _check_input_dim(self, input: Tensor) -> None:
        """Take features of any number of dimensions."""


def _mean_of_all(values: Tensor) -> Tensor:
    from torch.distributed.nn.functional import all_reduce

    mean: Tensor = all_reduce(values) / torch.distributed.get_world_size()
    return mean
