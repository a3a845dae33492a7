"""What a unit of work costs on this machine: a frame of a video, an image that a model is shown."""

import os
from collections.abc import Callable, Collection, Mapping
from fractions import Fraction
from functools import cache
from pathlib import Path
from time import perf_counter, process_time
from typing import TYPE_CHECKING, NamedTuple

from wildframe.core.choices import Encoding
from wildframe.core.errors import UserError
from wildframe.frames.decode import MediaError, iter_frames
from wildframe.frames.encode import encode
from wildframe.models import ZooEntry
from wildframe.models.frameworks import HUBS

if TYPE_CHECKING:
    import torch

_BATCH = {"cpu": 2}
"""Images that a model is timed on; 64 on GPUs."""
_TRIES = 3
"""The first one warms up, and other programs disturb."""
_THREADS_A_MODEL = 2
"""Cores that the workflow gives the one model that runs at a time unless the device is ``cpu``."""


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
        start = process_time()
        try:
            frames = iter_frames(root / media.path, sorted(numbers), rate=rate)
            sizes = [len(encode(f.image, encoding)) for f in frames if f.image is not None]
        except MediaError:
            continue
        if sizes:
            return FrameCost((process_time() - start) / len(sizes), sum(sizes) / len(sizes))
    return None


def seconds_an_image(entry: ZooEntry, device_name: str) -> float | None:
    """Time a forward pass of a model without its weights; None where it cannot be run so.

    Args:
        entry: Model.
        device_name: As `choose_device` takes it. On the CPU, the CPU time of one core is divided by
            the cores that work at a time: programs that run meanwhile do not count.
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
    threads, cores = torch.get_num_threads(), os.cpu_count() or 1
    is_cpu = device.type == "cpu"
    try:
        with torch.device("meta"):
            model = HUBS[framework].build(architecture, outputs)
        model = model.to_empty(device=device).eval()
        images = torch.zeros(count, 3, size, size, device=device)
        if is_cpu:
            torch.set_num_threads(1)  # several wait for each other, which is CPU time, too
        with torch.inference_mode():
            for tensor in (*model.parameters(), *model.buffers()):
                tensor.zero_()
            clock = process_time if is_cpu else perf_counter
            seconds = min(_seconds(model, images, clock) for _ in range(_TRIES)) / count
    # Out of memory is a RuntimeError, an input that an architecture refuses an AssertionError.
    except (UserError, ImportError, RuntimeError, AssertionError):
        return None
    finally:
        torch.set_num_threads(threads)
    at_a_time = cores if device_name == "cpu" else min(cores, _THREADS_A_MODEL)
    return seconds / at_a_time if is_cpu else seconds


def _seconds(model: "torch.nn.Module", images: "torch.Tensor", clock: Callable[[], float]) -> float:
    start = clock()
    # A number is there when it is computed; devices return tensors before.
    model(images).sum().item()
    return clock() - start
