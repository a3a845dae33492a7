"""Networks without numbers: of shapes alone, so that large ones take no memory and little time."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional, init
from torch.overrides import TorchFunctionMode

# On tensors without numbers torch does these in Python, step by step, and what comes out has the
# shape of their first argument.
KEEPING_SHAPES = {
    Tensor.clamp_,
    Tensor.erfinv_,
    Tensor.normal_,
    Tensor.uniform_,
    functional.batch_norm,
    functional.gelu,
    functional.layer_norm,
    init.constant_,
    init.kaiming_uniform_,
    init.normal_,
    init.uniform_,
}


class _NoNumbers(TorchFunctionMode):
    def __torch_function__(
        self,
        function: Callable[..., Any],
        types: Sequence[type],
        args: Sequence[Any] = (),
        kwargs: Mapping[str, Any] | None = None,
    ) -> Any:
        if function in KEEPING_SHAPES:
            return args[0] if args else next(iter((kwargs or {}).values()))
        return function(*args, **(kwargs or {}))


@contextmanager
def shapes_only() -> Iterator[None]:
    """Make tensors without numbers in the block, and run networks that are made of them."""
    with torch.device("meta"), _NoNumbers():
        yield
