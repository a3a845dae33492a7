"""A function of the user's own as a model: it maps a batch of images to logits."""

import hashlib
import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wildframe.core.errors import UserError
from wildframe.models.frameworks.base import Framework
from wildframe.models.settings import source_file

if TYPE_CHECKING:
    import torch

    from wildframe.models.frameworks.base import StateDict
    from wildframe.models.zoo import ZooEntry

_TOLERANCE = 2e-3
"""Deviation from 1 of the sum of probabilities in half precision."""


class FunctionFramework(Framework):
    """Functions ``module:function``; modules of the working directory come first."""

    def build(self, architecture: str, outputs: int | None = None) -> "torch.nn.Module":
        """Return the function as a module, whose only tensor is a hash of its source file.

        Raises:
            UserError: There is no such function.
        """
        return _module(architecture, _load(architecture), outputs)

    def weights(self, entry: "ZooEntry") -> "StateDict":
        """Return that hash; the function is loaded, so that a wrong name is told early."""
        state: StateDict = self.build(entry.architecture, entry.outputs).state_dict()
        return state


def _load(function: str) -> Callable[[Any], Any]:
    module, _, name = function.partition(":")
    path = source_file(function)
    # A script's own folder is on the path, not the one that it is started in.
    folder = str(Path.cwd())
    sys.path.insert(0, folder)
    try:
        found = getattr(importlib.import_module(module), name, None)
    except Exception as error:  # their code raises anything
        raise UserError(
            f"{function}: {path} cannot be imported ({type(error).__name__}: {error}); correct it"
        ) from error
    finally:
        sys.path.remove(folder)
        if folder not in sys.path:
            sys.path.append(folder)  # for what the function imports when it is called
    if not callable(found):
        raise UserError(f"{function}: {path} has no function {name}; correct the name")
    called: Callable[[Any], Any] = found
    return called


def _are_probabilities(logits: "torch.Tensor") -> bool:
    """Tell whether the outputs of each image are from 0 to 1 and add up to 1.

    A single image tells, too: its logits seldom do so by chance, and probabilities always do.
    """
    logits = logits.cpu()  # MPS has no float64
    sums = logits.double().sum(1)
    return bool((logits >= 0).all() and ((sums - 1).abs() < _TOLERANCE).all())


def _module(name: str, function: Callable[[Any], Any], outputs: int | None) -> "torch.nn.Module":
    import torch

    digest = hashlib.sha256(source_file(name).read_bytes()).digest()

    class FunctionModel(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.gave_logits = False  # once is proof: probabilities of every image add up to 1
            self.register_buffer("source_sha256", torch.tensor(list(digest), dtype=torch.uint8))

        def forward(self, images: torch.Tensor) -> torch.Tensor:
            try:
                logits = function(images)
            except Exception as error:
                raise UserError(
                    f"{name}: it raised {type(error).__name__}: {error}; with WILDFRAME_DEBUG=1 "
                    "the command of the log shows where"
                ) from error
            expected = (len(images), outputs)
            if not isinstance(logits, torch.Tensor) or logits.shape != expected:
                is_tensor = isinstance(logits, torch.Tensor)
                given = tuple(logits.shape) if is_tensor else type(logits).__name__
                raise UserError(
                    f"{name}: it returned {given} for {len(images)} images, not logits of shape "
                    f"{expected}: one a class of its label space"
                )
            if not logits.isfinite().all():
                raise UserError(f"{name}: a logit is NaN or infinite; correct the function")
            if not self.gave_logits and _are_probabilities(logits):
                raise UserError(
                    f"{name}: it returned probabilities, of which the softmax would be taken "
                    "again; return logits, or the logarithms of the probabilities"
                )
            self.gave_logits = True
            return logits

    return FunctionModel()
