"""The input of a model: preprocessed images, normalized as in its training."""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from wildframe.models.zoo import ZooEntry

if TYPE_CHECKING:
    import torch


def normalize(
    pixels: npt.NDArray[np.uint8], entry: ZooEntry, device: "torch.device"
) -> "torch.Tensor":
    """Return RGB uint8 of shape (n, crop, crop, 3) as the model's input (n, 3, crop, crop)."""
    return standardize(as_images(pixels, device), entry)


def as_images(
    pixels: npt.NDArray[np.uint8] | npt.NDArray[np.float32], device: "torch.device"
) -> "torch.Tensor":
    """Return images of shape (n, crop, crop, 3) as a tensor of shape (n, 3, crop, crop)."""
    import torch

    return torch.from_numpy(pixels).to(device).permute(0, 3, 1, 2)


def standardize(images: "torch.Tensor", entry: ZooEntry) -> "torch.Tensor":
    """Return RGB from 0 to 255 of shape (n, 3, crop, crop) as the model's input, float32."""
    import torch

    if entry.channels == "bgr":
        images = images.flip(1)
    mean = torch.tensor(entry.mean, device=images.device).view(3, 1, 1)
    std = torch.tensor(entry.std, device=images.device).view(3, 1, 1)
    scaled = images.to(torch.float32).div(255).sub(mean).div(std)
    return scaled.contiguous(memory_format=torch.channels_last)
