"""Images of pairs of an anchor and a neighbour, side by side, and what is said of them."""

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from wildframe.core.errors import UserError
from wildframe.core.schemas import MANIFEST
from wildframe.core.tables import Row, read_table
from wildframe.exhibits.figure import PAGE_WIDTH, new_figure
from wildframe.frames.encode import decode

RIGHT, WRONG = "C0", "C5"

_FONT_SIZE = 6.5
"""Of what stands above an image, in points."""

_LETTER = 0.58 * _FONT_SIZE / 72
"""Width of a letter there, in inches: about."""

_TITLE = 88
"""Letters of a line of the title."""


@dataclass(frozen=True)
class Manifest:
    """What is drawn from a manifest, by ``image_id``."""

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
    figure.suptitle(textwrap.fill(title, _TITLE))
    return figure


def show_image(
    axis: Any, data: bytes, width: float, lines: Iterable[str], color: str = "black"
) -> Any:
    """Draw an image with lines above it, and return the decoded image.

    Args:
        axis: Where to.
        data: The encoded image.
        width: Of the lines, as a share of the page's; longer ones are broken.
        lines: What stands above.
        color: Of the lines.
    """
    image = decode(data)
    axis.axis("off")
    axis.imshow(image, interpolation="antialiased")
    # Where it has room to the side, the text needs it.
    axis.set_anchor("W")
    letters = int(width * PAGE_WIDTH / _LETTER)
    title = "\n".join(textwrap.fill(line, letters) for line in lines)
    axis.set_title(title, fontsize=_FONT_SIZE, color=color)
    return image


def where(offset: int) -> str:
    """Say where a frame lies, seen from its anchor."""
    if not offset:
        return "the anchor itself"
    frames = "frame" if abs(offset) == 1 else "frames"
    return f"{abs(offset)} {frames} {'later' if offset > 0 else 'earlier'}"


def origin(image_id: str, manifest: Manifest) -> str:
    """Say which image this is: of a video its frame."""
    image = manifest.rows[image_id]
    if image["frame"] is None or not image["video_id"]:
        return image_id
    return f"frame {image['frame']} of {image['video_id']}"


def names_of(wnids: Sequence[str], names: Mapping[str, str]) -> str:
    """Return the names of labels, any of which is right; one without a name by its wnid."""
    return " or ".join(names.get(wnid, wnid) for wnid in wnids)
