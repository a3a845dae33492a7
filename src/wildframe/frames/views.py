"""Views: how an image is shown to a model. Any view runs on any dataset."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from PIL import Image

from wildframe.core.choices import View
from wildframe.core.errors import UserError

Show = Callable[[Image.Image, Mapping[str, Any], float], Iterator[tuple[str, Image.Image]]]
"""From an image, its row of the manifest and the margin to view keys and crops."""


def full(
    image: Image.Image, _row: Mapping[str, Any], _margin: float
) -> Iterator[tuple[str, Image.Image]]:
    """Show the whole image, once."""
    yield "", image


def box(
    image: Image.Image, row: Mapping[str, Any], margin: float
) -> Iterator[tuple[str, Image.Image]]:
    """Show the first annotated object: the square around its box, within the image.

    A square, since models see the central square of their input.

    Args:
        image: Decoded image; may be smaller than the annotated frame.
        row: ``boxes`` in pixels of a frame of ``width`` x ``height``; of the image itself if these
            are None.
        margin: Added on each side, as a fraction of the box's longer side.

    Raises:
        UserError: No object is annotated.
    """
    if not row["boxes"]:
        raise UserError(
            f"image {row['image_id']} has no box, which the view box needs; use the view full"
        )
    found = row["boxes"][0]
    scale_x = image.width / row["width"] if row["width"] else 1
    scale_y = image.height / row["height"] if row["height"] else 1
    width, height = found["width"] * scale_x, found["height"] * scale_y
    side = max(width, height) * (1 + 2 * margin)
    left, right = _interval(found["x"] * scale_x + width / 2, side, image.width)
    top, bottom = _interval(found["y"] * scale_y + height / 2, side, image.height)
    yield "", image.crop((left, top, right, bottom))


def _interval(center: float, side: float, limit: int) -> tuple[int, int]:
    """Return an interval in whole pixels around a centre, moved and shortened into the image."""
    length = min(max(round(side), 1), limit)
    start = min(max(round(center - side / 2), 0), limit - length)
    return start, start + length


VIEWS: dict[View, Show] = {"full": full, "box": box}
