"""Pairs of an anchor and a frame near it, side by side, and what is said of them."""

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from wildframe.core.errors import UserError
from wildframe.core.schemas import MANIFEST
from wildframe.core.tables import Row, read_table
from wildframe.exhibits.figure import pyplot
from wildframe.frames.encode import decode

RIGHT, WRONG = "#1a7f37", "#b3261e"

_LETTERS = 40
"""Of a line above a picture that is a quarter of a figure wide."""


def pair_figure(pairs: int) -> tuple[Any, list[tuple[Any, Any]]]:
    """Return a figure, and for each pair the axes of its anchor and of its frame.

    Two pairs stand in a row. Without any there is room for a title and notes.

    Args:
        pairs: How many.
    """
    rows = -(-pairs // 2)
    figure = picture_figure(rows)
    if not pairs:
        return figure, []
    # What is in the middle keeps two pairs apart.
    axes = figure.subplots(rows, 5, squeeze=False, width_ratios=[1, 1, 0.06, 1, 1])
    for axis in axes.flat:
        axis.axis("off")
    halves = [(row[start], row[start + 1]) for row in axes for start in (0, 3)]
    return figure, halves[:pairs]


def picture_figure(rows: int) -> Any:
    """Return an empty figure with room for rows of pictures, a title and notes."""
    figure = pyplot().figure(figsize=(13, 1.4 + 2.75 * rows), layout="constrained")
    figure.get_layout_engine().set(h_pad=0.08)
    return figure


def show_picture(axis: Any, data: bytes, lines: Iterable[str], color: str = "black") -> Any:
    """Draw a picture with lines above it, and return the decoded picture.

    Args:
        axis: Where to.
        data: The encoded picture.
        lines: What stands above; long ones are broken.
        color: Of the lines.
    """
    image = decode(data)
    axis.axis("off")
    axis.imshow(image, interpolation="antialiased")
    title = "\n".join(textwrap.fill(line, _LETTERS, break_on_hyphens=False) for line in lines)
    # Text of the data is shown as it is, never as mathematics.
    axis.set_title(title, fontsize=8, color=color, parse_math=False)
    return image


def where(offset: int) -> str:
    """Say where a frame lies, seen from its anchor."""
    if not offset:
        return "the anchor itself"
    frames = "frame" if abs(offset) == 1 else "frames"
    return f"{abs(offset)} {frames} {'later' if offset > 0 else 'earlier'}"


def origin(image_id: str, manifest: Mapping[str, Row]) -> str:
    """Say which picture this is: of a video its frame."""
    picture = manifest[image_id]
    if picture["frame"] is None or not picture["video_id"]:
        return image_id
    return f"frame {picture['frame']} of {picture['video_id']}"


def names_of(wnids: Sequence[str], names: Mapping[str, str]) -> str:
    """Return the names of labels, any of which is right; one without a name by its wnid."""
    return " or ".join(names.get(wnid, wnid) for wnid in wnids)


def require_pictures(wanted: Iterable[str], manifest: Path, known: Mapping[str, Any]) -> None:
    """Refuse pictures that are not in the manifest.

    Raises:
        UserError: There is one; names it.
    """
    missing = sorted(set(wanted) - known.keys())
    if missing:
        raise UserError(
            f"{manifest}: no picture {missing[0]} ({len(missing)} such); name the manifest of the "
            "same dataset"
        )


def require_images(images: Mapping[str, bytes | None], wanted: Iterable[str]) -> dict[str, bytes]:
    """Return the pictures that are wanted.

    Raises:
        UserError: One is in no shard of the frames, or could not be read.
    """
    found = {name: data for name in wanted if (data := images.get(name)) is not None}
    missing = sorted(set(wanted) - found.keys())
    if missing:
        raise UserError(
            f"picture {missing[0]} cannot be shown: it is in none of the shards, or was not "
            "readable; name all shards of the dataset: <results>/frames/<dataset>/*.parquet"
        )
    return found


def read_pictures(manifest: Path) -> dict[str, Row]:
    """Return what is drawn from the rows of a manifest, by ``image_id``."""
    columns = ["image_id", "video_id", "frame", "width", "height", "annotation_labels", "boxes"]
    return {row["image_id"]: row for row in read_table(manifest, MANIFEST, columns).to_pylist()}
