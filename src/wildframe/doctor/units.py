"""What a unit of work costs on this machine: a frame of a video, an image that a model is shown."""

from collections.abc import Collection, Mapping
from fractions import Fraction
from functools import cache
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

from wildframe.core.choices import Encoding
from wildframe.core.errors import UserError
from wildframe.frames.decode import MediaError, read_frames
from wildframe.frames.encode import encode
from wildframe.models import ZooEntry
from wildframe.models.frameworks import HUBS

if TYPE_CHECKING:
    import torch

_BATCH = {"cpu": 2}
"""Images that a model is timed on; 64 on GPUs."""
_TRIES = 3
"""The first one warms up, and other programs disturb."""


class Media(NamedTuple):
    """A video of a source, and the nominal rate by which its frames are numbered, if any."""

    path: str
    rate: str | None


class FrameCost(NamedTuple):
    """What a frame costs on average."""

    seconds: float
    """CPU time of one core."""
    bytes: float


def frame_cost(
    root: Path, wanted: Mapping[Media, Collection[int]], encoding: Encoding
) -> FrameCost | None:
    """Read and encode the wanted frames of a video, and return what one costs.

    Args:
        root: Folder of the videos.
        wanted: Frame numbers by video; the first is read that can be.
        encoding: How frames are kept.

    Returns:
        None if no video can be read.
    """
    for media, numbers in wanted.items():
        rate = Fraction(media.rate) if media.rate else None
        start = perf_counter()
        try:
            frames = read_frames(root / media.path, sorted(numbers), rate=rate)
        except MediaError:
            continue
        sizes = [len(encode(frame.image, encoding)) for frame in frames if frame.image is not None]
        if sizes:
            return FrameCost((perf_counter() - start) / len(sizes), sum(sizes) / len(sizes))
    return None


def seconds_an_image(entry: ZooEntry, device_name: str) -> float | None:
    """Time a forward pass of a model without its weights; None if it has no architecture of ours.

    Args:
        entry: Model.
        device_name: As `choose_device` takes it; on the CPU all cores work.
    """
    if entry.framework not in HUBS:
        return None
    return _time(entry.framework, entry.architecture, entry.outputs, entry.input_size, device_name)


@cache  # of models that differ in their weights
def _time(
    framework: str, architecture: str, outputs: int | None, size: int, device_name: str
) -> float | None:
    import torch

    from wildframe.models.device import choose_device

    device = choose_device(device_name)
    count = _BATCH.get(device.type, 64)
    try:
        with torch.device("meta"):
            model = HUBS[framework].build(architecture, outputs)
        model = model.to_empty(device=device).eval()
    except (UserError, ImportError, RuntimeError, NotImplementedError):
        return None
    images = torch.zeros(count, 3, size, size, device=device)
    with torch.inference_mode():
        for tensor in (*model.parameters(), *model.buffers()):
            tensor.zero_()
        return min(_seconds(model, images) for _ in range(_TRIES)) / count


def _seconds(model: "torch.nn.Module", images: "torch.Tensor") -> float:
    start = perf_counter()
    # A number is there when it is computed; devices return tensors before.
    model(images).sum().item()
    return perf_counter() - start
