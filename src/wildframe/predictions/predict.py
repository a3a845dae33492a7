"""Run one model over the pictures of one dataset and view."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from wildframe.core.progress import progress
from wildframe.core.schemas import PREDICTIONS
from wildframe.core.tables import Row, write_rows
from wildframe.frames.pixels import Pictures, read_pixels
from wildframe.models.device import choose_device
from wildframe.models.inputs import normalize
from wildframe.models.weights import as_trained, load, sha256_tensors
from wildframe.models.zoo import ZooEntry

if TYPE_CHECKING:
    import torch

TOP = 100
MAX_SCORES = 1000
"""Logits of all classes are kept in class spaces up to this size."""


def predict(
    entry: ZooEntry,
    weights: Path,
    pixels: Path,
    output: Path,
    *,
    device_name: str,
    batch_size: int,
    threads: int,
) -> None:
    """Write the predictions of one model.

    Args:
        entry: The model.
        weights: Its safetensors file.
        pixels: Pictures of its preprocessing.
        output: Predictions to write.
        device_name: ``auto`` or a torch device.
        batch_size: Pictures per forward pass.
        threads: CPU threads.
    """
    model, device, facts = open_model(entry, weights, device_name, threads)
    pictures = read_pixels(pixels, entry.preprocessing)
    rows = _rows(model, entry, pictures, device, batch_size)
    write_rows(output, PREDICTIONS, rows, config={"model": entry.name}, facts=facts)


def open_model(
    entry: ZooEntry, weights: Path, device_name: str, threads: int
) -> "tuple[torch.nn.Module, torch.device, dict[str, str]]":
    """Return a model in evaluation mode, the device that it is on, and the facts of its tables.

    Args:
        entry: The model.
        weights: Its safetensors file.
        device_name: ``auto`` or a torch device.
        threads: CPU threads.
    """
    import timm
    import torch

    torch.set_num_threads(threads)
    # On CUDA: full precision, and the same bytes from the same pictures.
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.deterministic = True
    device = choose_device(device_name)
    model = load(entry, weights)
    facts = {
        "model": entry.name,
        "weights_sha256": sha256_tensors(model),
        "class_space": as_trained(entry, weights).class_space,
        "preprocessing": str(entry.preprocessing),
        "normalization": f"{entry.channels} mean {entry.mean} std {entry.std}",
        "device": str(device),
        "dtype": "float32",
        "torch_version": torch.__version__,
        "timm_version": timm.__version__,
    }
    # On a CPU, convolutions are 1.3 to 2.3 times faster in this memory format.
    model = model.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    return model, device, facts


def _rows(
    model: "torch.nn.Module",
    entry: ZooEntry,
    pictures: Pictures,
    device: "torch.device",
    batch_size: int,
) -> Iterator[Row]:
    import torch

    total = -(-len(pictures.pixels) // batch_size)
    batches = progress(pictures.batches(batch_size), total=total, unit="batch", label=entry.name)
    for part, pixels in batches:
        with torch.inference_mode():
            logits = model(normalize(pixels, entry, device)).float().cpu().numpy()
        for image_id, view_key, row in zip(
            pictures.image_ids[part], pictures.view_keys[part], logits, strict=True
        ):
            yield {
                "image_id": image_id,
                "view_key": view_key,
                "top": top_classes(row),
                "scores": row.tolist() if len(row) <= MAX_SCORES else None,
            }


def top_classes(logits: npt.NDArray[np.float32], k: int = TOP) -> list[Row]:
    """Return the ``k`` most probable classes, best first; ties go to the lower index."""
    exact = logits.astype(np.float64)
    probabilities = np.exp(exact - exact.max())
    probabilities /= probabilities.sum()
    order = np.argsort(-exact, kind="stable")[:k]
    return [
        {"class_index": int(index), "probability": float(probabilities[index])} for index in order
    ]
