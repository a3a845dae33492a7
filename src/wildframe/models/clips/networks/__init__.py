"""Networks of clips by name; nothing here imports torch until one is built."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wildframe.core.errors import UserError

if TYPE_CHECKING:
    from wildframe.models.clips.networks.base import ClipNetwork


@dataclass(frozen=True, slots=True)
class NetworkEntry:
    """The clips that a network is trained on by default."""

    frames: int
    stride: int
    """Frames of the video from one frame of the clip to the next."""
    crop: int
    """Side of the square that the network sees, in pixels."""


NETWORKS: Mapping[str, NetworkEntry] = {
    "tiny": NetworkEntry(4, 4, 32),
    "slow_r50": NetworkEntry(8, 8, 224),
    "slowfast_r50": NetworkEntry(32, 2, 224),
    "slowfast_r101": NetworkEntry(32, 2, 224),
    "tsm_r50": NetworkEntry(8, 8, 224),
    "i3d_r50": NetworkEntry(8, 8, 224),
    "r3d_18": NetworkEntry(16, 2, 112),
    "mc3_18": NetworkEntry(16, 2, 112),
    "s3d": NetworkEntry(16, 4, 224),
    "mvit_v2_s": NetworkEntry(16, 4, 224),
    "swin3d_t": NetworkEntry(32, 2, 224),
}


def network_entry(name: str) -> NetworkEntry:
    """Return the entry of a network.

    Raises:
        UserError: There is no such network.
    """
    if name not in NETWORKS:
        raise UserError(f"{name!r} is no network of clips; choose one of {', '.join(NETWORKS)}")
    return NETWORKS[name]


def build(name: str) -> "ClipNetwork":
    """Return a network whose weights are drawn from torch's global generator.

    Raises:
        UserError: There is no such network.
    """
    network_entry(name)
    from wildframe.models.clips.networks import resnet, torchvision

    builders = resnet.BUILDERS | torchvision.BUILDERS
    return builders[name]()
