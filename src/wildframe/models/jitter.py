"""Colour jitter of a batch: torchvision's, which takes images one by one, in a few operations."""

from collections.abc import Callable, Sequence

import torch


def jitter(images: torch.Tensor, distance: float) -> torch.Tensor:
    """Return images with colours changed at random, with torch's global generator.

    Args:
        images: RGB uint8 of shape (n, 3, height, width).
        distance: Brightness, contrast and saturation of each image are multiplied, in an order of
            its own, by factors of up to this distance from 1.
    """
    factors = torch.empty(len(ADJUSTMENTS), len(images))
    factors.uniform_(max(0, 1 - distance), 1 + distance)
    return adjusted(images, factors, torch.rand(len(images), len(ADJUSTMENTS)).argsort(dim=1))


def adjusted(images: torch.Tensor, factors: torch.Tensor, orders: torch.Tensor) -> torch.Tensor:
    """Return images whose colours are adjusted.

    Args:
        images: RGB uint8 of shape (n, 3, height, width).
        factors: Of each of `ADJUSTMENTS` and each image, shape (3, n), on the CPU.
        orders: Positions of the adjustments in the order in which they are made, shape (n, 3).
    """
    images = images.clone()
    for following in orders.unbind(dim=1):
        for position, adjust in enumerate(ADJUSTMENTS):
            chosen = (following == position).nonzero()[:, 0]
            factor = factors[position, chosen].view(-1, 1, 1, 1).to(images.device)
            chosen = chosen.to(images.device)
            images[chosen] = adjust(images[chosen], factor)
    return images


def _brightness(images: torch.Tensor, factor: torch.Tensor) -> torch.Tensor:
    return _blend(images, torch.zeros_like(images), factor)


def _contrast(images: torch.Tensor, factor: torch.Tensor) -> torch.Tensor:
    return _blend(images, _grey(images).float().mean(dim=(1, 2, 3), keepdim=True), factor)


def _saturation(images: torch.Tensor, factor: torch.Tensor) -> torch.Tensor:
    return _blend(images, _grey(images), factor)


ADJUSTMENTS: Sequence[Callable[[torch.Tensor, torch.Tensor], torch.Tensor]] = (
    _brightness,
    _contrast,
    _saturation,
)


def _grey(images: torch.Tensor) -> torch.Tensor:
    red, green, blue = images.unbind(dim=1)
    return (0.2989 * red + 0.587 * green + 0.114 * blue).byte()[:, None]


def _blend(images: torch.Tensor, others: torch.Tensor, factor: torch.Tensor) -> torch.Tensor:
    return (factor * images + (1 - factor) * others).clamp(0, 255).byte()
