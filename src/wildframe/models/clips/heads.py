"""Heads on the features of clips: classes, and maps of hands and the objects in them."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional

from wildframe.models.clips.networks.base import Features

_SQUEEZE = 4
"""Channels of features to one inside the head of interaction maps: 2048 to 512."""


def pooled(features: Features) -> Tensor:
    """Return the means of the features of each pathway over time and space: (B, all channels)."""
    return torch.cat([each.mean(dim=(2, 3, 4)) for each in features], dim=1)


class PooledHeads(nn.ModuleDict):
    """One linear layer per head, named as the head, on features that are pooled once.

    Pooling and layer commute, so that a layer at each position gives the same mean logits.

    Args:
        channels: Channels of each pathway.
        classes: Number of classes of each head.
        dropout: Share of the pooled features that is dropped in training, the same for all heads.
        appended: Size of the embeddings of teachers that are appended to the pooled features.
    """

    def __init__(
        self,
        channels: tuple[int, ...],
        classes: Mapping[str, int],
        dropout: float = 0.0,
        appended: int = 0,
    ) -> None:
        inputs = sum(channels) + appended
        super().__init__({name: _linear(inputs, count) for name, count in classes.items()})
        self.dropout = dropout

    def forward(self, features: Features, appended: Tensor | None = None) -> dict[str, Tensor]:
        """Return the logits (B, classes) of each head; ``appended`` has the shape (B, D)."""
        embedding = pooled(features)
        if appended is not None:
            embedding = torch.cat([embedding, appended], dim=1)
        embedding = functional.dropout(embedding, self.dropout, self.training)
        return {name: head(embedding) for name, head in self.items()}


def _linear(inputs: int, outputs: int) -> nn.Linear:
    linear = nn.Linear(inputs, outputs)
    nn.init.normal_(linear.weight, std=0.01)
    nn.init.zeros_(linear.bias)
    return linear


class InteractionHead(nn.Sequential):
    """Maps of hands and of the objects in them, from the slow pathway's features.

    Args:
        channels: Channels of each pathway.
    """

    def __init__(self, channels: tuple[int, ...]) -> None:
        inner = channels[0] // _SQUEEZE
        super().__init__(
            nn.Conv3d(channels[0], inner, (1, 3, 3), padding=(0, 1, 1)),
            nn.ReLU(inplace=True),
            nn.Conv3d(inner, 2, 1),
        )

    def forward(self, features: Features) -> Tensor:
        """Return logits (B, 2, T, H, W), of hands first."""
        logits = features[0]
        for layer in self:
            logits = layer(logits)
        return logits
