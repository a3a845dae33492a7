"""Panels of pairs of an anchor and a neighbour, and the text above them."""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from wildframe.core.errors import UserError
from wildframe.core.schemas import MANIFEST
from wildframe.core.tables import Row, read_table
from wildframe.exhibits.panels import show_image, write_above

if TYPE_CHECKING:
    from PIL.Image import Image

T = TypeVar("T")


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
