"""Frameworks: where architectures, their facts and their weights come from; an entry each."""

from collections.abc import Mapping

from wildframe.models.frameworks.base import Framework, Hub
from wildframe.models.frameworks.function import FunctionFramework
from wildframe.models.frameworks.open_clip import OpenClip
from wildframe.models.frameworks.timm import Timm
from wildframe.models.frameworks.torchvision import Torchvision

__all__ = ["FRAMEWORKS", "HUBS", "Framework", "Hub"]

HUBS: Mapping[str, Hub] = {"timm": Timm(), "torchvision": Torchvision(), "open_clip": OpenClip()}
"""What references name, by the part before the first slash."""

FRAMEWORKS: Mapping[str, Framework] = {**HUBS, "function": FunctionFramework()}
"""By the ``framework`` of an entry."""
