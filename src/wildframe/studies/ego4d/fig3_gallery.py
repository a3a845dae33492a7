"""Fig. 3: examples, with the annotated boxes drawn, from the smallest object to the largest."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from wildframe.exhibits.figure import add_notes, pyplot, save
from wildframe.frames.encode import decode
from wildframe.scores.outcomes import box_area as area_share

COLUMNS, ROWS = 4, 3


def box_area(picture: Mapping[str, Any]) -> float:
    """Return the area of a picture's first annotated box relative to the picture, 0 to 1."""
    return area_share(picture["boxes"][0], picture["width"], picture["height"])


def choose_examples(manifest: Iterable[Mapping[str, Any]], count: int) -> list[Mapping[str, Any]]:
    """Return up to ``count`` pictures spread evenly over box areas, no class twice if possible."""
    pictures = sorted(manifest, key=lambda picture: (box_area(picture), picture["image_id"]))
    firsts: dict[str, Mapping[str, Any]] = {}
    for picture in pictures:
        firsts.setdefault(picture["labels"][0], picture)
    pool = list(firsts.values()) if len(firsts) >= count else pictures
    if len(pool) <= count:
        return pool
    return [pool[round(step * (len(pool) - 1) / (count - 1))] for step in range(count)]


def gallery(
    examples: Sequence[Mapping[str, Any]],
    images: Mapping[str, bytes],
    class_names: Mapping[str, str],
    about: str,
    outputs: Sequence[Path],
) -> None:
    """Draw the examples with their boxes and labels.

    Args:
        examples: Rows of the manifest.
        images: Encoded pictures by ``image_id``.
        class_names: wnid to class name.
        about: What the data is.
        outputs: Files to write, .png or .svg.
    """
    figure, axes = pyplot().subplots(ROWS, COLUMNS, figsize=(13, 8.6), layout="constrained")
    for axis in axes.flat:
        axis.axis("off")
    for axis, picture in zip(axes.flat, examples, strict=False):
        _draw(axis, picture, images[picture["image_id"]], class_names)
    figure.suptitle(
        "Fig. 3: examples, from the smallest annotated object to the largest", fontsize=12
    )
    add_notes(figure, [f"Data: {about}"])
    save(figure, outputs)


def show_boxes(axis: Any, picture: Mapping[str, Any], data: bytes) -> None:
    """Draw a picture with its annotated boxes.

    Args:
        axis: Where to.
        picture: Row of the manifest.
        data: The encoded picture.
    """
    from matplotlib.patches import Rectangle

    image = decode(data)
    axis.imshow(image, interpolation="antialiased")
    # Copies of a video may be smaller than the frame that was annotated.
    scale_x, scale_y = image.width / picture["width"], image.height / picture["height"]
    for box in picture["boxes"]:
        corner = (box["x"] * scale_x, box["y"] * scale_y)
        size = (box["width"] * scale_x, box["height"] * scale_y)
        axis.add_patch(Rectangle(corner, *size, fill=False, linewidth=2, edgecolor="#ffd500"))


def _draw(
    axis: Any, picture: Mapping[str, Any], data: bytes, class_names: Mapping[str, str]
) -> None:
    show_boxes(axis, picture, data)
    names = " or ".join(class_names[wnid] for wnid in picture["labels"])
    noun = picture["nouns"][0].partition("_(")[0].replace("_", " ")
    # Text of the data is shown as it is, never as mathematics.
    axis.set_title(
        f"{noun} → {names}\nbox {100 * box_area(picture):.1f} % of the picture", parse_math=False
    )
