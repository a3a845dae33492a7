"""Several processes, which ``torchrun`` starts, that share the steps of one training.

Each learns from its part of a batch. Gradients are averaged, and batch normalization sees the
batches of all, so that they go where one process with the whole batch would go.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
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
        return _mean(values) if self.world > 1 else values


@contextmanager
def join_processes(device_name: str, threads: int) -> Iterator[tuple[Processes, torch.device]]:
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
    return nn.parallel.DistributedDataParallel(model, [device] if device.type == "cuda" else None)


def share_norms(module: nn.Module) -> None:
    """Replace the batch normalizations inside a model by those over the batches of all."""
    for name, child in module.named_children():
        if isinstance(child, _BatchNorm):
            setattr(module, name, SharedNorm(child))
        else:
            share_norms(child)


class SharedNorm(nn.Module):
    """Batch normalization with the means and variances of all processes, of equal batches.

    torch has one for GPUs only.
    """

    running_mean: Tensor
    running_var: Tensor
    num_batches_tracked: Tensor

    def __init__(self, norm: _BatchNorm) -> None:
        """Take over the weights, and what was seen, of a normalization of one process."""
        super().__init__()
        self.weight, self.bias = norm.weight, norm.bias
        for name, seen in norm.named_buffers():
            self.register_buffer(name, seen)
        self.eps, self.momentum = norm.eps, norm.momentum or 0.0

    def forward(self, features: Tensor) -> Tensor:
        """Normalize features of shape (B, C, ...)."""
        if not self.training:
            seen = self.running_mean, self.running_var
            return functional.batch_norm(features, *seen, self.weight, self.bias, eps=self.eps)
        values = features.float()
        others = [0, *range(2, values.ndim)]
        mean: Tensor = _MeanOfAll.apply(values.mean(others, keepdim=True))
        variance: Tensor = _MeanOfAll.apply((values - mean).square().mean(others, keepdim=True))
        count = torch.distributed.get_world_size() * values.numel() / values.shape[1]
        with torch.no_grad():
            self.num_batches_tracked += 1
            self.running_mean.lerp_(mean.flatten(), self.momentum)
            self.running_var.lerp_(variance.flatten() * count / (count - 1), self.momentum)
        scale = self.weight.reshape(mean.shape) * (variance + self.eps).rsqrt()
        shift = self.bias.reshape(mean.shape) - mean * scale
        return (values * scale + shift).to(features.dtype)


class _MeanOfAll(torch.autograd.Function):
    @staticmethod
    def forward(context: Any, values: Tensor) -> Tensor:
        return _mean(values)

    @staticmethod
    def backward(context: Any, *gradients: Tensor) -> Tensor:
        return _mean(gradients[0])


def _mean(values: Tensor) -> Tensor:
    summed = values.clone()
    torch.distributed.all_reduce(summed)
    return summed.div_(torch.distributed.get_world_size())
