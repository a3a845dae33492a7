"""Strips: images that only a zoomed crop is correct on, with that crop drawn on the image."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import numpy as np

from wildframe.core.schemas import MANIFEST, ZOOM_PREDICTIONS
from wildframe.core.tables import Row, iter_batches
from wildframe.exhibits.comparisons import NOTHING
from wildframe.exhibits.figure import Figure
from wildframe.exhibits.inputs import ClassNames, EncodedImages, frames, rows_of
from wildframe.exhibits.panels import (
    CORRECT,
    INCORRECT,
    names_of,
    show_image,
    strip_figure,
    write_above,
)
from wildframe.exhibits.registry import Context, File, Setting, exhibit
from wildframe.frames.views.zoom import SIDE, zoom_crops
from wildframe.scores.zoom import ONE_CROP
from wildframe.studies.imagenet_hard.inputs import ORACLE, ZoomNote, has_zoom, zoomed_datasets

STRIPS = 6
"""Images that are shown, at most."""

_KEY = ("size", "row", "col")

_ROWS, _COLUMNS = ("top", "middle", "bottom"), ("left", "centre", "right")


def _model(run: Context) -> str:
    return str(run.study.zoomed_models[0])


@dataclass(frozen=True, slots=True)
class Strip:
    """An image that the one crop fails on, and the most confident of its correct crops."""

    image_id: str
    before: Mapping[str, Any]
    """Row of the one crop."""
    after: Mapping[str, Any]
    """Row of the winning crop."""


@dataclass(frozen=True, slots=True)
class Solved:
    """The images that zoom solves of a model."""

    strips: Sequence[Strip]
    images: int
    """Images that were predicted on the one crop."""


def read_strips(path: Path) -> Solved:
    """Find the images on which only other crops are correct, the most confident first."""
    import pyarrow.compute as pc

    columns = ["image_id", *_KEY, "wnid", "confidence", "label_correct"]
    images = 0
    before: dict[str, Row] = {}
    after: dict[str, Row] = {}
    for batch in iter_batches(path, ZOOM_PREDICTIONS, columns):
        one = [pc.equal(batch[key], value) for key, value in zip(_KEY, ONE_CROP, strict=True)]
        is_one = pc.and_(pc.and_(one[0], one[1]), one[2])
        images += is_one.true_count
        failing = batch.filter(pc.and_not(is_one, batch["label_correct"]))
        before.update((row["image_id"], row) for row in failing.to_pylist())
        for row in _surest(batch.filter(batch["label_correct"])):
            # An image may go on in the next batch.
            earlier = after.setdefault(row["image_id"], row)
            if row["confidence"] > earlier["confidence"]:
                after[row["image_id"]] = row
    strips = [Strip(name, before[name], row) for name, row in after.items() if name in before]
    strips.sort(key=lambda strip: (-strip.after["confidence"], strip.image_id))
    return Solved(strips, images)


def _surest(correct: Any) -> list[Row]:
    """Return the row of each image that has the highest confidence, of equals the first."""
    images = correct["image_id"].dictionary_encode().indices.to_numpy()
    order = np.lexsort((-correct["confidence"].to_numpy(), images))
    _, first = np.unique(images[order], return_index=True)
    rows: list[Row] = correct.take(order[first]).to_pylist()
    return rows


@exhibit(
    "Figure: strips",
    "images that zoom solves",
    "Images on which the middle crop of the first zoomed model is incorrect and a zoomed crop is "
    "correct, with that crop drawn on the image.",
    datasets=zoomed_datasets,
    when=has_zoom,
    compares=[NOTHING],
)
def strips(
    strips: Annotated[
        Solved,
        File(
            "predictions_zoom.crops",
            read_strips,
            lambda run: {"dataset": run.dataset, "view": run.study.zoom, "model": _model(run)},
        ),
    ],
    manifest: Annotated[
        Sequence[Row],
        File("manifests_build.manifest", rows_of(MANIFEST), lambda run: {"dataset": run.dataset}),
    ],
    images: Annotated[EncodedImages, frames(lambda run: run.dataset)],
    class_names: ClassNames,
    model: Annotated[str, Setting(_model)],
    data_note: ZoomNote,
) -> Figure:
    """Draw images with the winning crop, and beside each the crop itself."""
    chosen = strips.strips[:STRIPS]
    labels = {row["image_id"]: row["labels"] for row in manifest}
    found = images.images([strip.image_id for strip in chosen])
    title = f"Images that zoom solves: {model}"
    drawing = draw(chosen, found, labels, class_names)
    notes = [
        f"Data: {data_note}",
        f"{len(strips.strips)} of {strips.images} images: the middle crop at size {ONE_CROP.size} "
        f"is incorrect, another crop is correct. Shown are the {len(chosen)} with the highest "
        "confidence in a correct crop, and that crop; black is outside of the image.",
        ORACLE,
    ]
    return Figure(title, drawing, notes)


def box_of(width: int, height: int, key: Sequence[int]) -> tuple[float, float, float, float]:
    """Return left, top, width and height of a crop in pixels of the image itself.

    Args:
        width: Width of the image in pixels.
        height: Its height.
        key: Size, row and column of the crop.
    """
    size, row, col = key
    crop = next(
        one for one in zoom_crops(width, height, [size]) if (one.row, one.col) == (row, col)
    )
    across, down = width / crop.resized_width, height / crop.resized_height
    return crop.left * across, crop.top * down, SIDE * across, SIDE * down


def draw(
    strips: Sequence[Strip],
    images: Mapping[str, bytes],
    labels: Mapping[str, Sequence[str]],
    class_names: Mapping[str, str],
) -> Any:
    """Draw strips, two beside each other."""
    from matplotlib.patches import Rectangle

    figure, places = strip_figure(len(strips), 2, (1.5, 1), 1.75)
    for strip, (left, right) in zip(strips, places, strict=True):
        image = show_image(left, images[strip.image_id])
        x, y, width, height = box_of(*image.size, [strip.after[key] for key in _KEY])
        # Behind the image: the crop is black where it juts out.
        left.add_patch(Rectangle((x, y), width, height, color="black", zorder=-1))
        edge = Rectangle((x, y), width, height, fill=False, edgecolor="C1", linewidth=1.5)
        left.add_patch(edge)
        left.set(xlim=(min(x, 0), max(x + width, image.width)))
        left.set(ylim=(max(y + height, image.height), min(y, 0)))
        label = names_of(labels[strip.image_id], class_names)
        said = [f"label: {label}", f"middle crop: {_said(strip.before, class_names)}"]
        write_above(left, said, 2.0, INCORRECT)
        size, row, col = (strip.after[key] for key in _KEY)
        right.imshow(_cut(image, (x, y, width, height)))
        where = f"size {size}, {_ROWS[row]} {_COLUMNS[col]}"
        said = [where, _said(strip.after, class_names)]
        write_above(right, said, 1.35, CORRECT)
    return figure


def _cut(image: Any, box: tuple[float, float, float, float]) -> Any:
    """Return what is in a box of an image as the model is shown it, black outside."""
    x, y, width, height = box
    corners = tuple(map(round, (x, y, x + width, y + height)))
    return image.crop(corners).resize((SIDE, SIDE))


def _said(row: Mapping[str, Any], class_names: Mapping[str, str]) -> str:
    name = names_of([row["wnid"]], class_names) if row["wnid"] else "no class"
    # No line ends within the probability.
    return f"{name}, p\xa0=\xa0{row['confidence']:.2f}"
