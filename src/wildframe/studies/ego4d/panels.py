"""Panels of images with their annotated boxes."""

from collections.abc import Mapping, Sequence
from typing import Any

from wildframe.exhibits.figure import PAGE_WIDTH, new_figure
from wildframe.exhibits.panels import show_image, write_above
from wildframe.frames.views.base import shown_boxes

COLUMNS = 4
"""Panels beside each other in a gallery."""

_BOX = "#ffd500"


def show_boxes(axis: Any, image: Mapping[str, Any], data: bytes) -> None:
    """Draw an encoded image with the boxes of its row of the manifest."""
    from matplotlib.patches import Rectangle

    shown = show_image(axis, data)
    for x, y, width, height in shown_boxes(image, shown.width, shown.height):
        box = Rectangle((x, y), width, height, fill=False, linewidth=0.9, edgecolor=_BOX)
        axis.add_patch(box)


def draw_gallery(
    examples: Sequence[tuple[Mapping[str, Any], Sequence[str]]],
    images: Mapping[str, bytes],
) -> Any:
    """Draw images with their boxes and lines above them; without any, the title alone.

    Args:
        examples: Rows of the manifest, and the lines above each.
        images: Encoded images by ``image_id``.
    """
    rows = -(-len(examples) // COLUMNS)
    figure = new_figure(PAGE_WIDTH, 0.6 + 1.55 * rows)
    for position, (image, lines) in enumerate(examples, start=1):
        axis = figure.add_subplot(rows, COLUMNS, position)
        show_boxes(axis, image, images[image["image_id"]])
        write_above(axis, lines, PAGE_WIDTH / COLUMNS)
    return figure
