"""Similarity of a candidate to its anchor: a simple measure, for review without people."""

import io
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from wildframe.core.tables import Row
from wildframe.frames import iter_images
from wildframe.reviews.consensus import pairs_of

SIDE = 64
"""Width and height at which images are compared, in pixels, so that noise matters little."""

Thumbnail = npt.NDArray[np.uint8]
"""Luminance, shape (SIDE, SIDE)."""


def thumbnail(image: Image.Image) -> Thumbnail:
    """Return the luminance (ITU-R 601) of an image, resized to SIDE x SIDE by averaging."""
    return np.asarray(image.convert("L").resize((SIDE, SIDE), Image.Resampling.BOX))


def similarity(one: Thumbnail, other: Thumbnail) -> float:
    """Return 1 - the mean absolute difference of two thumbnails / 255: in [0, 1], 1 if equal."""
    return 1 - float(np.abs(one.astype(np.int16) - other).mean()) / 255


def iter_similarities(frames: Sequence[Path], statuses: Path, sets: Sequence[Row]) -> Iterator[Row]:
    """Yield the rows of SIMILARITIES for the readable pairs of sets.

    Args:
        frames: All shards of the source.
        statuses: STATUSES of the dataset.
        sets: Rows of SETS.
    """
    small = _thumbnails(frames, statuses, {row["image_id"] for row in sets})
    for anchor, image in pairs_of(sets):
        if anchor in small and image in small:
            value = similarity(small[anchor], small[image])
            yield {"anchor_id": anchor, "image_id": image, "similarity": value}


def _thumbnails(
    frames: Sequence[Path], statuses: Path, wanted: Collection[str]
) -> Mapping[str, Thumbnail]:
    """Return the thumbnails of images, 4 kB each."""
    found = {}
    for row, encoded in iter_images(frames, statuses, wanted, label="similarity"):
        with Image.open(io.BytesIO(encoded)) as image:
            found[row["image_id"]] = thumbnail(image)
    return found
