"""Panels of pairs of an anchor and a neighbour, and the text above them."""

import textwrap
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from wildframe.core.errors import UserError
from wildframe.core.schemas import MANIFEST
from wildframe.core.tables import Row, read_table
from wildframe.exhibits.figure import PAGE_WIDTH, new_figure
from wildframe.exhibits.panels import show_image, write_above

if TYPE_CHECKING:
    from PIL.Image import Image

T = TypeVar("T")

_TITLE_WIDTH = 88
"""Characters of a line of the title."""


@dataclass(frozen=True)
class Manifest:
    """The rows of a manifest by ``image_id``, as far as they are drawn."""

    path: Path
    rows: Mapping[str, Row]

    @classmethod
    def read(cls, path: Path) -> "Manifest":
        """Read a file; errors as in `wildframe.core.tables.read_table`."""
        columns = ["image_id", "video_id", "frame", "width", "height", "annotation_labels", "boxes"]
        rows = read_table(path, MANIFEST, columns).to_pylist()
        return cls(path, {row["image_id"]: row for row in rows})

    def require(self, wanted: Iterable[str]) -> None:
        """Refuse images that it does not have.

        Raises:
            UserError: There is one; names it.
        """
        if missing := sorted(set(wanted) - self.rows.keys()):
            raise UserError(
                f"{self.path}: no image {missing[0]} ({len(missing)} such); name the manifest of "
                "the same dataset"
            )


def pair_figure(title: str, pairs: int, across: int) -> tuple[Any, list[tuple[Any, Any]]]:
    """Return a figure, and for each pair the axes of its anchor and of its neighbour."""
    rows = -(-pairs // across)
    figure = image_figure(title, rows, 1.35 if across == 2 else 2.1)
    if not pairs:
        return figure, []
    # What is in the middle keeps two pairs apart.
    widths = [1, 1, 0.06, 1, 1] if across == 2 else [1, 1]
    axes = figure.subplots(rows, len(widths), squeeze=False, width_ratios=widths)
    for axis in axes.flat:
        axis.axis("off")
    starts = (0, 3) if across == 2 else (0,)
    halves = [(row[start], row[start + 1]) for row in axes for start in starts]
    return figure, halves[:pairs]


def image_figure(title: str, rows: int, height: float) -> Any:
    """Return an empty figure with room for a title and rows of images, each so many inches high."""
    figure = new_figure(PAGE_WIDTH, 0.6 + height * rows)
    figure.suptitle(textwrap.fill(title, _TITLE_WIDTH))
    return figure


def show_panel(
    axis: Any, data: bytes, lines: Iterable[str], width: float, color: str = "black"
) -> "Image":
    """Draw an encoded image under lines of text, and return it decoded; the width is in inches."""
    image = show_image(axis, data)
    # Where there is room beside the image, the text needs it.
    axis.set_anchor("W")
    write_above(axis, lines, width, color, loc="left")
    return image


def in_turns(items: Iterable[T], key: Callable[[T], Hashable]) -> list[T]:
    """Return items in rounds: one of each key, then a second of each, in their order."""
    counts: Counter[Hashable] = Counter()
    ranked = []
    for item in items:
        ranked.append((counts[key(item)], item))
        counts[key(item)] += 1
    return [item for _, item in sorted(ranked, key=itemgetter(0))]


def offset_text(offset: int) -> str:
    """Say how far from its anchor a frame is."""
    if not offset:
        return "the anchor itself"
    frames = "frame" if abs(offset) == 1 else "frames"
    return f"{abs(offset)} {frames} {'later' if offset > 0 else 'earlier'}"


def origin(image_id: str, manifest: Manifest) -> str:
    """Say which image this is: its frame and video, if any."""
    image = manifest.rows[image_id]
    if image["frame"] is None or not image["video_id"]:
        return image_id
    return f"frame {image['frame']} of {image['video_id']}"
