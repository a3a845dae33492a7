"""Corruptions that training adds to images: the six of ImageNet-Vid-Robust's noise models.

Each is that of ImageNet-C (Hendrycks and Dietterich, *Benchmarking Neural Network Robustness to
Common Corruptions and Perturbations*, 2019), at one of its five severities. The paper names six
kinds, but neither severity nor frequency; here half of the images are corrupted, at a severity
drawn for each image. Its table of results also has defocus blur, which is none of the six.
"""

import io
from collections.abc import Callable

import numpy as np
import torch
from PIL import Image
from torch.nn.functional import conv2d, pad

from wildframe.core.choices import Noise

SHARE = 0.5
"""Share of images that are corrupted."""

SEVERITIES: dict[Noise, tuple[float, float, float, float, float]] = {
    "gaussian_noise": (0.08, 0.12, 0.18, 0.26, 0.38),
    "shot_noise": (60, 25, 12, 5, 3),
    "impulse_noise": (0.03, 0.06, 0.09, 0.17, 0.27),
    "gaussian_blur": (1, 2, 3, 4, 6),
    "contrast": (0.4, 0.3, 0.2, 0.1, 0.05),
    "jpeg_compression": (25, 18, 15, 10, 7),
}
"""Parameter by severity, weakest first (github.com/hendrycks/robustness, make_imagenet_c.py)."""

_TRUNCATE = 4.0
"""Standard deviations at which the kernel of a blur ends, as in scikit-image."""


def corrupt(images: torch.Tensor, noise: Noise) -> torch.Tensor:
    """Return images, RGB uint8 of shape (n, 3, height, width), of which half are corrupted.

    They are drawn with torch's global generator.
    """
    chosen = torch.rand(len(images)) < SHARE
    severities = torch.randint(len(SEVERITIES[noise]), (len(images),))
    corrupted = images.clone()
    for severity, parameter in enumerate(SEVERITIES[noise]):
        drawn = (chosen & (severities == severity)).nonzero()[:, 0].to(images.device)
        corrupted[drawn] = CORRUPTIONS[noise](images[drawn], parameter)
    return corrupted


def gaussian_noise(images: torch.Tensor, scale: float) -> torch.Tensor:
    """Add normal noise to images, RGB uint8 of shape (..., 3, height, width) here and below.

    Args:
        images: The images.
        scale: Standard deviation for values in [0, 1].
    """
    values = _in_unit(images)
    return _in_bytes(values + scale * torch.randn_like(values))


def shot_noise(images: torch.Tensor, photons: float) -> torch.Tensor:
    """Replace values in [0, 1] by Poisson distributed counts; 1 is a mean of ``photons``."""
    return _in_bytes(torch.poisson(_in_unit(images) * photons) / photons)


def impulse_noise(images: torch.Tensor, amount: float) -> torch.Tensor:
    """Set each value with probability ``amount`` to 0 or 255, equally often."""
    draws = torch.rand(images.shape, device=images.device)
    noisy = images.masked_fill(draws < amount, 255)
    return noisy.masked_fill(draws < amount / 2, 0)


def gaussian_blur(images: torch.Tensor, sigma: float) -> torch.Tensor:
    """Blur images, their edges repeated; ``sigma`` is in pixels."""
    radius = int(_TRUNCATE * sigma + 0.5)
    offsets = torch.arange(-radius, radius + 1, dtype=torch.float32, device=images.device)
    kernel = torch.exp(-0.5 * (offsets / sigma) ** 2)
    kernel /= kernel.sum()
    values = _in_unit(images).reshape(-1, 1, *images.shape[-2:])
    across = conv2d(pad(values, (radius, radius, 0, 0), "replicate"), kernel.view(1, 1, 1, -1))
    down = conv2d(pad(across, (0, 0, radius, radius), "replicate"), kernel.view(1, 1, -1, 1))
    return _in_bytes(down.view(images.shape))


def contrast(images: torch.Tensor, factor: float) -> torch.Tensor:
    """Scale each channel's distance from its mean by ``factor``."""
    values = _in_unit(images)
    means = values.mean((-2, -1), keepdim=True)
    return _in_bytes((values - means) * factor + means)


def jpeg_compression(images: torch.Tensor, quality: float) -> torch.Tensor:
    """Encode images as JPEG of libjpeg's ``quality``, and decode them."""
    decoded = torch.empty(images.shape, dtype=torch.uint8)
    each = decoded.view(-1, *images.shape[-3:])
    for position, image in enumerate(images.cpu().reshape(each.shape)):
        file = io.BytesIO()
        Image.fromarray(image.permute(1, 2, 0).numpy()).save(file, "JPEG", quality=int(quality))
        with Image.open(file) as read:
            each[position] = torch.from_numpy(np.array(read)).permute(2, 0, 1)
    return decoded.to(images.device)


CORRUPTIONS: dict[Noise, Callable[[torch.Tensor, float], torch.Tensor]] = {
    "gaussian_noise": gaussian_noise,
    "shot_noise": shot_noise,
    "impulse_noise": impulse_noise,
    "gaussian_blur": gaussian_blur,
    "contrast": contrast,
    "jpeg_compression": jpeg_compression,
}


def _in_unit(images: torch.Tensor) -> torch.Tensor:
    return images.float().div(255)


def _in_bytes(values: torch.Tensor) -> torch.Tensor:
    """Return values, clamped to [0, 1], as uint8.

    They are rounded; ImageNet-C truncates, which darkens by half a step.
    """
    return values.clamp(0, 1).mul(255).round().byte()
