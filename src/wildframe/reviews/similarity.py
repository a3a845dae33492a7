"""How similar a candidate looks to its anchor: a plain measure, for review without people."""

import io
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from wildframe.core.progress import progress
from wildframe.core.tables import Row
from wildframe.frames import iter_readable
from wildframe.reviews.consensus import pairs_of

SIDE = 64
"""Images are compared at this width and height in pixels, so that noise counts little."""

Thumbnail = npt.NDArray[np.uint8]
"""Luminance, shape (SIDE, SIDE)."""


def thumbnail(image: Image.Image) -> Thumbnail:
    """Return the luminance (ITU-R 601) of a image, squeezed to SIDE x SIDE by averaging."""
    return np.asarray(image.convert("L").resize((SIDE, SIDE), Image.Resampling.BOX))


def similarity(one: Thumbnail, other: Thumbnail) -> float:
    """Return 1 - the mean absolute difference of two thumbnails as a share of the full range.

    1 for equal images, 0 for black against white.
    """
    return 1 - float(np.abs(one.astype(np.int16) - other).mean()) / 255


def iter_similarities(frames: Sequence[Path], sets: Sequence[Row]) -> Iterator[Row]:
    """Yield the rows of SIMILARITIES; pairs with a image that could not be read have none.

    Args:
        frames: Shards of the ``frames`` table.
        sets: Rows of SETS.
    """
    small = _thumbnails(frames, {row["image_id"] for row in sets})
    for anchor, image in pairs_of(sets):
        if anchor in small and image in small:
            yield {
                "anchor_id": anchor,
                "image_id": image,
                "similarity": similarity(small[anchor], small[image]),
            }


def _thumbnails(frames: Sequence[Path], wanted: Collection[str]) -> Mapping[str, Thumbnail]:
    """Return the thumbnails of images, 4 kB each."""
    found = {}
    for path in progress(frames, total=len(frames), unit="shard", label="similarity"):
        for row in iter_readable(path):
            if row["image_id"] in wanted:
                with Image.open(io.BytesIO(row["image"])) as image:
                    found[row["image_id"]] = thumbnail(image)
    return found
