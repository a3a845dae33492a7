"""Video models of torchvision as networks of clips, without their heads and weights."""

from collections.abc import Callable
from functools import partial
from typing import Any

from torch import Tensor, nn

from wildframe.core.imports import import_uncompiled
from wildframe.models.clips.networks.base import ClipNetwork, Features


class OnePathway(nn.Sequential):
    """Layers that map the features of a network's only pathway."""

    def forward(self, features: Features) -> Features:
        """Map them."""
        only = features[0]
        for layer in self:
            only = layer(only)
        return (only,)


class ChannelsFirst(nn.Module):
    """Returns features (B, T, H, W, C) as (B, C, T, H, W)."""

    def forward(self, features: Tensor) -> Tensor:
        """Move the channels."""
        return features.movedim(-1, 1)


class PatchTokens(nn.Module):
    """An MViT up to its last norm: patches at any size of clips, without the class token."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.conv_proj, self.pos_encoding = model.conv_proj, model.pos_encoding
        self.blocks, self.norm = model.blocks, model.norm

    def forward(self, clip: Tensor) -> Tensor:
        """Return the features (B, C, T, H, W) of clips (B, 3, T, H, W)."""
        patches = self.conv_proj(clip)
        sizes = tuple(patches.shape[2:])
        tokens = self.pos_encoding(patches.flatten(2).transpose(1, 2))
        for block in self.blocks:
            tokens, sizes = block(tokens, sizes)
        features: Tensor = self.norm(tokens)[:, 1:].transpose(1, 2).unflatten(2, sizes)
        return features


def _resnet(name: str) -> ClipNetwork:
    model = _model(name)
    stages = ("stem", "layer1", "layer2", "layer3", "layer4")
    layers = {stage: OnePathway(*getattr(model, stage)) for stage in stages}
    return ClipNetwork(layers, (512,))


def _s3d() -> ClipNetwork:
    return ClipNetwork({"features": OnePathway(*_model("s3d").features)}, (1024,))


def _mvit() -> ClipNetwork:
    return ClipNetwork({"features": OnePathway(PatchTokens(_model("mvit_v2_s")))}, (768,))


def _swin() -> ClipNetwork:
    model = _model("swin3d_t")
    layers = model.patch_embed, model.pos_drop, *model.features, model.norm, ChannelsFirst()
    return ClipNetwork({"features": OnePathway(*layers)}, (768,))


def _model(name: str) -> Any:
    video = import_uncompiled("torchvision.models.video")
    return getattr(video, name)(weights=None)


BUILDERS: dict[str, Callable[[], ClipNetwork]] = {
    "r3d_18": partial(_resnet, "r3d_18"),
    "mc3_18": partial(_resnet, "mc3_18"),
    "s3d": _s3d,
    "mvit_v2_s": _mvit,
    "swin3d_t": _swin,
}
