"""What a network of clips is made of: shapes and parameters of its stages."""

from functools import partial
from typing import Any

import torch
from torch import nn

from wildframe.core.errors import UserError
from wildframe.models.clips.heads import PooledHeads
from wildframe.models.clips.networks import build
from wildframe.models.clips.networks.base import ClipNetwork, Features
from wildframe.models.frameworks.base import count_params


def describe(name: str, classes: int, shape: tuple[int, ...]) -> list[dict[str, Any]]:
    """Return a row of stage, shape and params for each stage, the head and the total.

    Shapes are channels x times x rows x columns of one clip, those of the slow pathway (with what
    a fast one hands over) first. Nothing is computed.

    Args:
        name: Name of the network.
        classes: Classes of the head.
        shape: Shape of the clip: 3, frames, rows, columns.

    Raises:
        UserError: There is no such network, or it takes no such clip.
    """
    with torch.device("meta"):
        network = build(name).eval()
        head = PooledHeads(network.channels, {"head": classes})
        try:
            shapes = stage_shapes(network, torch.zeros(1, *shape))
        except RuntimeError as error:
            reason = str(error).partition("\n")[0]
            raise UserError(f"{name} takes no clip of {_text(shape)}: {reason}") from error
    stages = [
        {"stage": stage, "shape": shapes[stage], "params": count_params(module)}
        for stage, module in network.named_children()
    ]
    rows = [*stages, {"stage": "head", "shape": str(classes), "params": count_params(head)}]
    return [*rows, {"stage": "total", "shape": "", "params": sum(row["params"] for row in rows)}]


def stage_shapes(network: ClipNetwork, clips: torch.Tensor) -> dict[str, list[str]]:
    """Return the shape of each pathway's features after each stage, without the batch."""
    shapes: dict[str, list[str]] = {}

    def note(stage: str, _module: nn.Module, _inputs: Any, outputs: Features) -> None:
        shapes[stage] = [_text(each.shape[1:]) for each in outputs]

    for stage, module in network.named_children():
        module.register_forward_hook(partial(note, stage))
    network(clips)
    return shapes


def clip_shape(text: str) -> tuple[int, ...]:
    """Return the shape in a text such as ``3x8x224x224``.

    Raises:
        UserError: It is no such text.
    """
    sizes = text.split("x")
    if len(sizes) != 4 or not all(size.isdecimal() and int(size) for size in sizes):
        raise UserError(
            f"{text!r} is no shape of a clip: 3 x frames x rows x columns, as 3x8x224x224"
        )
    return tuple(map(int, sizes))


def _text(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape))
