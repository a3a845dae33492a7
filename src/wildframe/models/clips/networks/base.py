"""What all networks of clips have in common."""

from collections import OrderedDict
from collections.abc import Mapping

import torch
from torch import Tensor, nn

Features = tuple[Tensor, ...]
"""Of each pathway, the slow one first: (B, C, T, H, W)."""


class ClipNetwork(nn.Sequential):
    """A backbone: named stages, each of which maps the features of all pathways.

    Attributes:
        channels: Channels of each pathway's features, the slow one's first.
    """

    def __init__(self, stages: Mapping[str, nn.Module], channels: tuple[int, ...]) -> None:
        super().__init__(OrderedDict(stages))
        self.channels = channels

    def forward(self, clip: Tensor) -> Features:
        """Return the features of clips of shape (B, 3, T, H, W)."""
        features: Features = (clip,)
        for stage in self:
            features = stage(features)
        return features


def evenly_spaced(frames: int, kept: int) -> Tensor:
    """Return the positions of ``kept`` of a clip's frames, from the first to the last.

    They are the frames that a slow pathway sees of a fast one's, rounded down as published.
    """
    return torch.arange(kept) * (frames - 1) // max(kept - 1, 1)
