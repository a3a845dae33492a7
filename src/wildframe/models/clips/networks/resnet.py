"""Residual networks of clips: Slow-only, SlowFast, I3D, TSM, and a tiny one for the CPU."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import cycle, islice

import torch
from torch import Tensor, nn

from wildframe.core.errors import UserError
from wildframe.models.clips.networks.base import ClipNetwork, Features, evenly_spaced

ALPHA = 4
"""Frames of the fast pathway to one of the slow."""
BETA = 8
"""Channels of the slow pathway to one of the fast."""
_LATERAL = 2
"""Channels that a lateral connection hands over to one of the fast pathway."""
_EXPANSION = 4
"""Channels that leave a bottleneck to one inside it."""
_SHIFTED = 8
"""Of this many channels one is shifted to the frame before and one to the frame after."""

Kernels = tuple[tuple[int, ...], ...]
"""Temporal kernels of conv1, res2, res3, res4 and res5; in a stage the blocks take turns."""
_SLOW: Kernels = ((1,), (1,), (1,), (3,), (3,))
_FAST: Kernels = ((5,), (3,), (3,), (3,), (3,))
_I3D: Kernels = ((5,), (3,), (3, 1), (3, 1), (1, 3))
_2D: Kernels = ((1,), (1,), (1,), (1,), (1,))


@dataclass(frozen=True, slots=True)
class Architecture:
    """The sizes of a residual network; by default those of ResNet-50."""

    kernels: Kernels = _SLOW
    depths: tuple[int, int, int, int] = (3, 4, 6, 3)
    """Blocks of res2 to res5."""
    width: int = 64
    """Channels of conv1, and inside the blocks of res2."""
    strides: tuple[int, int, int, int] = (1, 2, 2, 2)
    """Spatial strides of res2 to res5."""
    pooled_stem: bool = True
    halves_time: bool = False
    """Whether pairs of frames are pooled after res2."""
    shifts: bool = False
    """Whether blocks see channels of the frames before and after (TSM)."""
    lateral: int = 0
    """Temporal kernel of the connections from a fast pathway; 0: there is none."""


ARCHITECTURES = {
    # At 32 px its maps still have 4 x 4 cells.
    "tiny": Architecture(depths=(1, 1, 1, 1), width=8, strides=(1, 2, 2, 1), pooled_stem=False),
    "slow_r50": Architecture(),
    "slowfast_r50": Architecture(lateral=7),
    "slowfast_r101": Architecture(depths=(3, 4, 23, 3), lateral=5),
    "tsm_r50": Architecture(kernels=_2D, shifts=True),
    "i3d_r50": Architecture(kernels=_I3D, halves_time=True),
}


class ConvNorm(nn.Module):
    """A convolution that keeps the size but for its stride, and batch normalization."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: tuple[int, int, int],
        stride: tuple[int, int, int] = (1, 1, 1),
    ) -> None:
        super().__init__()
        time, height, width = kernel
        padding = time // 2, height // 2, width // 2
        self.conv = nn.Conv3d(inputs, outputs, kernel, stride, padding, bias=False)
        self.norm = nn.BatchNorm3d(outputs)
        nn.init.kaiming_normal_(self.conv.weight, mode="fan_out", nonlinearity="relu")

    def forward(self, features: Tensor) -> Tensor:
        """Map features of one pathway."""
        normed: Tensor = self.norm(self.conv(features))
        return normed


class Bottleneck(nn.Module):
    """A residual block: a temporal, a spatial and a pointwise convolution."""

    def __init__(self, inputs: int, inner: int, kernel: int, stride: int, shifts: bool) -> None:
        super().__init__()
        outputs, strides = inner * _EXPANSION, (1, stride, stride)
        self.shifts = shifts
        self.a = ConvNorm(inputs, inner, (kernel, 1, 1))
        self.b = ConvNorm(inner, inner, (1, 3, 3), strides)
        self.c = ConvNorm(inner, outputs, (1, 1, 1))
        changes = inputs != outputs or stride != 1
        self.shortcut = ConvNorm(inputs, outputs, (1, 1, 1), strides) if changes else None
        nn.init.zeros_(self.c.norm.weight)  # so that each block starts as its shortcut

    def forward(self, features: Tensor) -> Tensor:
        """Map features of one pathway."""
        inner = self.a(shift_channels(features) if self.shifts else features).relu_()
        inner = self.c(self.b(inner).relu_())
        shortcut = features if self.shortcut is None else self.shortcut(features)
        outputs: Tensor = (inner + shortcut).relu_()
        return outputs


def shift_channels(features: Tensor) -> Tensor:
    """Return features (B, C, T, H, W) whose first eighth of channels is of the next frame.

    The second eighth is of the frame before; where there is none, zeros.
    """
    share = features.shape[1] // _SHIFTED
    shifted = features.clone()
    shifted[:, :share, :-1] = features[:, :share, 1:]
    shifted[:, :share, -1] = 0
    shifted[:, share : 2 * share, 1:] = features[:, share : 2 * share, :-1]
    shifted[:, share : 2 * share, 0] = 0
    return shifted


class Stage(nn.Module):
    """One stage of the slow pathway and, if there is one, of the fast."""

    def __init__(self, slow: nn.Module, fast: nn.Module | None, lateral: nn.Module | None) -> None:
        super().__init__()
        self.slow, self.fast, self.lateral = slow, fast, lateral

    def forward(self, features: Features) -> Features:
        """Map the features of the pathways; what is handed over is appended to the slow one's."""
        slow = self.slow(features[0])
        if self.fast is None:
            return (slow,)
        fast = self.fast(features[1])
        if self.lateral is not None:
            slow = torch.cat([slow, self.lateral(fast).relu_()], dim=1)
        return slow, fast


class Stem(Stage):
    """The first stage, which sees the clip: all of its frames are the fast pathway's."""

    def forward(self, features: Features) -> Features:
        """Map the clip."""
        if self.fast is not None:
            clip = features[0]
            frames = clip.shape[2]
            if frames % ALPHA:
                raise UserError(f"{frames} frames: two pathways need a multiple of {ALPHA} frames")
            slow = clip.index_select(2, evenly_spaced(frames, frames // ALPHA).to(clip.device))
            features = slow, clip
        return super().forward(features)


def residual_network(sizes: Architecture) -> ClipNetwork:
    """Return the network of an architecture."""
    lateral = sizes.lateral
    slow, fast = sizes.width, sizes.width // BETA
    handed = fast * _LATERAL if lateral else 0
    stages: dict[str, nn.Module] = {
        "conv1": Stem(
            _stem(slow, sizes.kernels[0][0], sizes.pooled_stem),
            _stem(fast, _FAST[0][0], sizes.pooled_stem) if lateral else None,
            _connection(fast, lateral) if lateral else None,
        )
    }
    inputs, fast_inputs = slow, fast
    for number, (depth, stride) in enumerate(zip(sizes.depths, sizes.strides, strict=True)):
        inner = sizes.width * 2**number
        fast_inner = inner // BETA
        slow_blocks = _blocks(
            inputs + handed, inner, depth, sizes.kernels[number + 1], stride, sizes.shifts
        )
        if number == 0 and sizes.halves_time:
            slow_blocks.append(nn.MaxPool3d((2, 1, 1)))
        inputs = inner * _EXPANSION
        fast_blocks = connection = None
        if lateral:
            fast_blocks = _blocks(fast_inputs, fast_inner, depth, _FAST[number + 1], stride)
            fast_inputs = fast_inner * _EXPANSION
            is_last = number == len(sizes.depths) - 1
            connection = None if is_last else _connection(fast_inputs, lateral)
            handed = fast_inputs * _LATERAL
        stages[f"res{number + 2}"] = Stage(slow_blocks, fast_blocks, connection)
    return ClipNetwork(stages, (inputs, fast_inputs) if lateral else (inputs,))


def _stem(outputs: int, kernel: int, is_pooled: bool) -> nn.Sequential:
    pool = nn.MaxPool3d((1, 3, 3), (1, 2, 2), (0, 1, 1))
    layers = ConvNorm(3, outputs, (kernel, 7, 7), (1, 2, 2)), nn.ReLU(inplace=True)
    return nn.Sequential(*layers, pool) if is_pooled else nn.Sequential(*layers)


def _connection(inputs: int, kernel: int) -> ConvNorm:
    return ConvNorm(inputs, inputs * _LATERAL, (kernel, 1, 1), (ALPHA, 1, 1))


def _blocks(
    inputs: int, inner: int, depth: int, kernels: tuple[int, ...], stride: int, shifts: bool = False
) -> nn.Sequential:
    blocks = nn.Sequential()
    for kernel in islice(cycle(kernels), depth):
        blocks.append(Bottleneck(inputs, inner, kernel, stride, shifts))
        inputs, stride = inner * _EXPANSION, 1
    return blocks


BUILDERS: dict[str, Callable[[], ClipNetwork]] = {
    name: partial(residual_network, sizes) for name, sizes in ARCHITECTURES.items()
}
