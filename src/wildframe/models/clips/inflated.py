"""Weights of image models as weights of networks of clips, each kernel repeated over time.

Source: Carreira and Zisserman, *Quo Vadis, Action Recognition?*, 2017: of a clip whose frames are
alike, the features are those of the image.
"""

import re
from collections.abc import Mapping

import torch
from torch import Tensor

from wildframe.models.clips.networks import build

_STEM = {"conv1": "conv", "bn1": "norm"}
_BLOCK = re.compile(r"layer(\d)\.(\d+)\.(conv[123]|bn[123]|downsample\.[01])\.(\w+)")
_LAYERS = {
    **{f"conv{number}": f"{unit}.conv" for number, unit in zip("123", "abc", strict=True)},
    **{f"bn{number}": f"{unit}.norm" for number, unit in zip("123", "abc", strict=True)},
    "downsample.0": "shortcut.conv",
    "downsample.1": "shortcut.norm",
}


def inflate(state: Mapping[str, Tensor], name: str) -> dict[str, Tensor]:
    """Return the backbone of a ResNet of torchvision or timm in the keys of our network.

    Whether it fits the network is checked where it is loaded.

    Args:
        state: Weights of the image model; its head is left out.
        name: The network, for example ``slow_r50``, which starts from a ResNet-50.
    """
    with torch.device("meta"):
        wanted = build(name).state_dict()
    given = {inflated_key(key): value for key, value in state.items() if not key.startswith("fc.")}
    return {
        key: _repeated(value, wanted[key]) if key in wanted else value
        for key, value in given.items()
    }


def inflated_key(key: str) -> str:
    """Return our name of a tensor of a ResNet; of any other, its own.

    ``layer1.0.conv1.weight`` is ``res2.slow.0.a.conv.weight``, for example.
    """
    if found := _BLOCK.fullmatch(key):
        stage, block, layer, leaf = found.groups()
        return f"res{int(stage) + 1}.slow.{block}.{_LAYERS[layer]}.{leaf}"
    layer, _, leaf = key.partition(".")
    return f"conv1.slow.0.{_STEM[layer]}.{leaf}" if layer in _STEM else key


def _repeated(weight: Tensor, wanted: Tensor) -> Tensor:
    """Return a kernel of images as one of clips: the same at all times, and of the same sum."""
    if weight.ndim != wanted.ndim - 1:
        return weight
    times = wanted.shape[2]
    return weight.unsqueeze(2).repeat(1, 1, times, 1, 1) / times
