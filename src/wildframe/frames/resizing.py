"""Images resized as Pillow resizes them, pixel for pixel, and only what a crop keeps of them.

Pillow resizes each line to the new columns, then each column to the new rows. A value is a sum of
pixels times weights, which are multiples of 2^-22, and is rounded to 8 bits. Double precision holds
all such products and sums exactly, in whichever order they are added. So products of matrices give
the same pixels, in less than half of the time if half of the columns are kept.

Of the Pillow that is installed nothing is taken for granted: it is asked for its weights, and noise
of an image's size must come out as Pillow's, and otherwise in the other order. It does not where
Pillow resizes columns first, as version 13 does if the height loses more than twice as many pixels
as the width; nor where a few pixels are the same in both orders. Such images are resized by Pillow.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from wildframe.core.choices import Resize
from wildframe.core.pixels import Pixels

_FILTERS = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}
_SUPPORTS = {"bilinear": 1, "bicubic": 2}
"""Pixels on each side of a point that decide its value, if an image is not made smaller."""

_ONE = 2**22
"""What Pillow multiplies weights by before it rounds them."""

_BAND = 16, 8
"""Columns, and rows, of a result in one product: more would multiply by more zeros."""

_STRIP = 64
"""Rows of an image at a time: the processor's cache holds them."""

_PLANS = 16
"""Sizes of images whose weights are kept: 1 MB each and preprocessing."""

Size = tuple[int, int]
"""Width and height."""


@dataclass(frozen=True, slots=True)
class Part:
    """What is kept of an image that is resized."""

    size: Size
    """Of the whole image, when resized."""
    interpolation: str
    box: tuple[int, int, int, int]
    """Left, top, right and bottom of the part."""


Resizer = Callable[[Image.Image, Sequence[Part]], Mapping[Part, Pixels]]
"""Returns parts of an image in RGB: uint8 of shape (height, width, 3)."""


def resize_parts(image: Image.Image, parts: Sequence[Part], resizer: Resizer) -> list[Pixels]:
    """Return parts of an image in RGB; those of one size and interpolation are resized once."""
    enclosing: dict[tuple[Size, str], Part] = {}
    for part in parts:
        key = part.size, part.interpolation
        enclosing[key] = _enclosing(part, enclosing.get(key, part))
    resized = resizer(image, [*enclosing.values()])
    return [_cut(resized, enclosing[part.size, part.interpolation], part) for part in parts]


def _enclosing(one: Part, other: Part) -> Part:
    left, top, right, bottom = zip(one.box, other.box, strict=True)
    return replace(one, box=(min(left), min(top), max(right), max(bottom)))


def _cut(resized: Mapping[Part, Pixels], of: Part, part: Part) -> Pixels:
    left, top, right, bottom = part.box
    rows = slice(top - of.box[1], bottom - of.box[1])
    return resized[of][rows, left - of.box[0] : right - of.box[0]]


def fit(image: Image.Image, size: Size, interpolation: str) -> Image.Image:
    """Return an image brought to a size by Pillow."""
    return image.resize(size, _FILTERS[interpolation])


def whole(image: Image.Image, part: Part) -> Pixels:
    """Return a part of an image that Pillow resizes as a whole."""
    left, top, right, bottom = part.box
    return np.asarray(fit(image, part.size, part.interpolation))[top:bottom, left:right]


def _fast(image: Image.Image, parts: Sequence[Part]) -> dict[Part, Pixels]:
    """Resize as Pillow does, but with weights of 16 bits: some values differ by 1 or 2."""
    import torch
    from torch.nn.functional import interpolate

    torch.set_num_threads(1)
    # A view of pixels as they lie in memory: torch is fastest on these.
    pixels = torch.from_numpy(np.array(image)).permute(2, 0, 1)[None]

    def resized(part: Part) -> Pixels:
        left, top, right, bottom = part.box
        found = interpolate(pixels, part.size[::-1], mode=part.interpolation, antialias=True)
        array: Pixels = found[0].permute(1, 2, 0).numpy()
        return array[top:bottom, left:right]

    return {part: resized(part) for part in parts}


class ExactResizer:
    """Resizes images as Pillow does: by products of matrices, where sizes recur.

    Weights of a size and the comparison with Pillow take the time of two or three images. So they
    are made when two images in a row have the same size.
    """

    def __init__(self) -> None:
        self._plans: dict[tuple[Size, tuple[Part, ...]], _Plan | None] = {}
        self._size_before: Size | None = None

    def __call__(self, image: Image.Image, parts: Sequence[Part]) -> dict[Part, Pixels]:
        """Return parts of an image in RGB."""
        key = image.size, tuple(parts)
        if key in self._plans:
            self._plans[key] = self._plans.pop(key)  # the first is the least recently used
        elif image.size == self._size_before:
            if len(self._plans) == _PLANS:
                del self._plans[next(iter(self._plans))]
            self._plans[key] = _plan(*key)
        self._size_before = image.size
        plan = self._plans.get(key)
        found = plan(image) if plan else {}
        return {part: found[part] if part in found else whole(image, part) for part in parts}


def resizer(resize: Resize) -> Resizer:
    """Return what resizes images: ``exact`` as PIL and timm; ``fast`` as torchvision on uint8."""
    return ExactResizer() if resize == "exact" else _fast


@dataclass(frozen=True, slots=True)
class _Band:
    """Neighbouring columns of a result, as sums of columns of an image; or rows."""

    source: slice
    result: slice
    weights: NDArray[np.float64]
    """(columns of the image, columns of the result)"""


@dataclass(frozen=True, slots=True)
class _Plan:
    """How parts of images of one size are resized by products of matrices."""

    box: tuple[int, int, int, int]
    """Left, top, right and bottom of what is needed of an image."""
    columns: Mapping[Part, Sequence[_Band]]
    rows: Mapping[Part, Sequence[_Band]]
    """Both within the box."""

    def __call__(self, image: Image.Image) -> dict[Part, Pixels]:
        """Return the parts of an image in RGB."""
        colors = [np.asarray(color) for color in image.crop(self.box).split()]
        height, width = colors[0].shape
        resized = {
            part: np.empty((height, 3, bands[-1].result.stop), np.uint8)
            for part, bands in self.columns.items()
        }
        for top in range(0, height, _STRIP):
            rows = slice(top, top + _STRIP)
            strip = np.stack([color[rows] for color in colors], axis=1)
            lines = strip.reshape(-1, width).astype(np.float64)
            for part, bands in self.columns.items():
                _resample(lines, bands, resized[part][rows].reshape(len(lines), -1))
        return {part: _resample_rows(resized[part], bands) for part, bands in self.rows.items()}


def _resample(lines: NDArray[np.float64], bands: Sequence[_Band], result: Pixels) -> None:
    """Resize lines of shape (n, width) into uint8 of shape (n, columns)."""
    sums = np.empty(result.shape)
    for band in bands:
        np.matmul(lines[:, band.source], band.weights, out=sums[:, band.result])
    # Pillow rounds halves up, too.
    sums += 0.5
    np.clip(sums, 0, 255, out=sums)
    np.copyto(result, sums, casting="unsafe")


def _resample_rows(image: Pixels, bands: Sequence[_Band]) -> Pixels:
    """Resize the rows of an image of shape (height, 3, width); return RGB."""
    height, colors, width = image.shape
    result = np.empty((colors * width, bands[-1].result.stop), np.uint8)
    _resample(image.reshape(height, -1).T.astype(np.float64), bands, result)
    return result.reshape(colors, width, -1).transpose(2, 1, 0)


def _plan(size: Size, parts: Sequence[Part]) -> _Plan | None:
    """Return how those of the parts are resized that come out as Pillow's; None if none does."""
    noise = Image.frombytes("RGB", size, np.random.default_rng(0).bytes(size[0] * size[1] * 3))
    found = _products(size, parts)(noise)
    exact = [part for part in parts if _resizes_lines_first(noise, part, found[part])]
    return _products(size, exact) if exact else None


def _resizes_lines_first(image: Image.Image, part: Part, expected: Pixels) -> bool:
    """Tell whether Pillow resizes an image as expected, and the other order would show."""
    if not np.array_equal(whole(image, part), expected):
        return False
    if image.width == part.size[0] or image.height == part.size[1]:
        return True  # in either order
    columns_resized = fit(image, (image.width, part.size[1]), part.interpolation)
    return not np.array_equal(whole(columns_resized, part), expected)


def _products(size: Size, parts: Sequence[Part]) -> _Plan:
    """Return how parts of images of a size are resized if lines are resized before columns."""
    columns, rows = {}, {}
    for part in parts:
        (width, height), (left, top, right, bottom) = part.size, part.box
        columns[part] = _bands(size[0], width, (left, right), part.interpolation, _BAND[0])
        rows[part] = _bands(size[1], height, (top, bottom), part.interpolation, _BAND[1])
    (left, right, within), (top, bottom, below) = _needed(columns), _needed(rows)
    return _Plan((left, top, right, bottom), within, below)


def _needed(
    bands_of: Mapping[Part, Sequence[_Band]],
) -> tuple[int, int, dict[Part, list[_Band]]]:
    """Return the first column that is needed, the one after the last, and bands from there on."""
    first = min(band.source.start for bands in bands_of.values() for band in bands)
    stop = max(band.source.stop for bands in bands_of.values() for band in bands)
    moved = {
        part: [
            replace(band, source=slice(band.source.start - first, band.source.stop - first))
            for band in bands
        ]
        for part, bands in bands_of.items()
    }
    return first, stop, moved


def _bands(
    source: int, target: int, kept: tuple[int, int], interpolation: str, width: int
) -> list[_Band]:
    """Return how the kept ones of ``target`` columns are made of ``source`` columns."""
    positions, weights = _weights(source, target, interpolation)
    bands = []
    for start in range(*kept, width):
        stop = min(start + width, kept[1])
        lowest = positions[0, start]
        rows = positions[:, start:stop] - lowest
        dense = np.zeros((rows.max() + 1, stop - start))
        np.put_along_axis(dense, rows, weights[:, start:stop] / _ONE, axis=0)
        used = np.flatnonzero(dense.any(axis=1))  # none of them is outside the image
        needed = slice(int(lowest + used[0]), int(lowest + used[-1]) + 1)
        result = slice(start - kept[0], stop - kept[0])
        bands.append(_Band(needed, result, dense[used[0] : used[-1] + 1]))
    return bands


def _weights(source: int, target: int, interpolation: str) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return which columns make each resized one, and Pillow's integer weights of them.

    Pillow is given lines of 32-bit numbers to resize, in which one column of so many is `_ONE` and
    the others are 0: what one of these adds to a result is its weight, rounded as for 8 bits.

    Returns:
        Two arrays (columns, resized columns). Weights of columns outside the image are 0.
    """
    reach = ceil(_SUPPORTS[interpolation] * max(source / target, 1))
    count = 2 * reach + 3  # one to spare at each end
    combs = np.arange(source) % count == np.arange(count)[:, None]
    lines = Image.fromarray(combs * np.int32(_ONE))
    weights = np.asarray(fit(lines, (target, count), interpolation))
    middles = (np.arange(target) + 0.5) * source / target
    positions = np.floor(middles - count / 2).astype(int) + np.arange(count)[:, None]
    return positions, np.take_along_axis(weights, positions % count, axis=0)
