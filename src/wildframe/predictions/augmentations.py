"""Augmented copies of an image, which a model is adapted on."""

import hashlib
from collections.abc import Callable, Mapping
from functools import partial
from math import exp, log, sqrt
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image, ImageOps

from wildframe.core.adaptation import Adaptation, Augmentation
from wildframe.core.arrays import Floats32
from wildframe.frames.preprocessing import Preprocessing
from wildframe.frames.views.zoom import Zoom

if TYPE_CHECKING:
    from numpy.random import Generator


_SHARE = (0.08, 1.0)
"""Of the area of the image."""

_LOG_RATIO = log(4 / 3)
"""Aspect ratios are from 3:4 to 4:3."""

_TRIES = 10
"""Of a random crop; then a central one is taken. These numbers are torchvision's."""

_CHAINS = 3
_DEPTH = 3
"""Operations in a chain at most."""


def augment(
    image: Image.Image, name: str, settings: Adaptation, preprocessing: Preprocessing
) -> Floats32:
    """Return augmented copies of an image: RGB from 0 to 255, of shape (k, crop, crop, 3).

    They depend on the name of the image and the seed alone, not on other images.

    Args:
        image: What a model is shown of the image, not resized.
        name: Of the image.
        settings: Augmentation, number of copies and seed.
        preprocessing: Of the model; its crop is the size of the copies.
    """
    digest = hashlib.sha256(name.encode()).digest()[:8]
    rng = np.random.default_rng([settings.seed, int.from_bytes(digest)])
    return _AUGMENTATIONS[settings.augmentation](image, settings.k, preprocessing, rng)


def random_resized_crops(
    image: Image.Image, k: int, preprocessing: Preprocessing, rng: "Generator"
) -> Floats32:
    """Return crops of random area and aspect ratio, resized bicubically; none is flipped."""
    side = preprocessing.crop
    return np.stack([_pixels(_random_resized_crop(image, side, rng)) for _ in range(k)])


def _random_resized_crop(image: Image.Image, side: int, rng: "Generator") -> Image.Image:
    left, top, width, height = random_box(*image.size, rng)
    crop = image.crop((left, top, left + width, top + height))
    return crop.resize((side, side), Image.Resampling.BICUBIC)


def random_box(width: int, height: int, rng: "Generator") -> tuple[int, int, int, int]:
    """Return left, top, width and height of a random crop of an image, as torchvision draws it."""
    for _ in range(_TRIES):
        area = width * height * rng.uniform(*_SHARE)
        ratio = exp(rng.uniform(-_LOG_RATIO, _LOG_RATIO))
        across, down = round(sqrt(area * ratio)), round(sqrt(area / ratio))
        if 0 < across <= width and 0 < down <= height:
            left = int(rng.integers(width - across + 1))
            return left, int(rng.integers(height - down + 1)), across, down
    across = min(width, round(height * exp(_LOG_RATIO)))
    down = min(height, round(width * exp(_LOG_RATIO)))
    return (width - across) // 2, (height - down) // 2, across, down


def zoom_crops(
    image: Image.Image, k: int, preprocessing: Preprocessing, rng: "Generator"
) -> Floats32:
    """Return different crops of the paper's zoom grid, all of them if it has no more."""
    view = Zoom()
    chosen = set(rng.permutation(view.count)[:k].tolist())
    crops = (crop for at, (_, crop) in enumerate(view.crops(image, {})) if at in chosen)
    return np.stack([preprocessing.fit(crop).astype(np.float32) for crop in crops])


def augmix(image: Image.Image, k: int, preprocessing: Preprocessing, rng: "Generator") -> Floats32:
    """Return random resized crops, half of them flipped, each mixed with chains of operations.

    Source: Hendrycks et al., *AugMix: A Simple Data Processing Method to Improve Robustness and
    Uncertainty*, 2020; severity 1, three chains of one to three operations.
    """
    return np.stack([_mixed(image, preprocessing.crop, rng) for _ in range(k)])


def _mixed(image: Image.Image, side: int, rng: "Generator") -> Floats32:
    original = _random_resized_crop(image, side, rng)
    if rng.random() < 0.5:
        original = ImageOps.mirror(original)
    weights, share = rng.dirichlet([1.0] * _CHAINS), rng.beta(1.0, 1.0)
    mixed = share * _pixels(original)
    for weight in weights:
        changed = original
        for _ in range(rng.integers(1, _DEPTH + 1)):
            changed = _OPERATIONS[rng.integers(len(_OPERATIONS))](changed, rng)
        mixed = mixed + (1 - share) * weight * _pixels(changed)
    return mixed.astype(np.float32)


def _pixels(image: Image.Image) -> Floats32:
    return np.asarray(image, np.float32)


def _level(rng: "Generator", highest: float) -> float:
    """Return a random strength at severity 1 of 10."""
    return highest * rng.uniform(0.1, 1) / 10


def _signed(rng: "Generator", highest: float) -> float:
    return _level(rng, highest) * (1 if rng.random() < 0.5 else -1)


def _affine(image: Image.Image, a: float, b: float, c: float, d: float) -> Image.Image:
    """Return an image sheared by a and c, and moved by b and d pixels."""
    matrix = (1, a, b, c, 1, d)
    return image.transform(
        image.size, Image.Transform.AFFINE, matrix, resample=Image.Resampling.BILINEAR
    )


def _move(image: Image.Image, rng: "Generator", across: int, down: int) -> Image.Image:
    pixels = int(_signed(rng, image.width / 3))
    return _affine(image, 0, across * pixels, 0, down * pixels)


def _shear(image: Image.Image, rng: "Generator", across: int, down: int) -> Image.Image:
    slope = _signed(rng, 0.3)
    return _affine(image, across * slope, 0, down * slope, 0)


_OPERATIONS: tuple[Callable[[Image.Image, "Generator"], Image.Image], ...] = (
    lambda image, _: ImageOps.autocontrast(image),
    lambda image, _: ImageOps.equalize(image),
    lambda image, rng: ImageOps.posterize(image, 4 - int(_level(rng, 4))),
    lambda image, rng: image.rotate(int(_signed(rng, 30)), resample=Image.Resampling.BILINEAR),
    lambda image, rng: ImageOps.solarize(image, 256 - int(_level(rng, 256))),
    partial(_shear, across=1, down=0),
    partial(_shear, across=0, down=1),
    partial(_move, across=1, down=0),
    partial(_move, across=0, down=1),
)

_AUGMENTATIONS: Mapping[
    Augmentation, Callable[[Image.Image, int, Preprocessing, "Generator"], Floats32]
] = {"augmix": augmix, "rrc": random_resized_crops, "zoomgrid": zoom_crops}
