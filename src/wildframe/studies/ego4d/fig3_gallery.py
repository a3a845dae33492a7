"""Fig. 3: examples, with the annotated boxes drawn, from the smallest object to the largest."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from wildframe.exhibits.figure import PAGE_WIDTH, Figure, new_figure
from wildframe.exhibits.inputs import ClassNames
from wildframe.exhibits.registry import exhibit
from wildframe.scores.image_results import box_area as area_share
from wildframe.studies.ego4d.inputs import DataNote, Images, Manifest, Readable, images_of
from wildframe.studies.ego4d.panels import label_of, show_boxes, write_above

COLUMNS, ROWS = 4, 3


@exhibit(
    "Fig. 03",
    "examples",
    "Examples of the test set with their annotated boxes, from the smallest object to the largest "
    "(paper: Fig. 3).",
)
def fig3_gallery(
    frames: Images,
    manifest: Manifest,
    readable: Readable,
    class_names: ClassNames,
    data_note: DataNote,
) -> Figure:
    """Draw examples with their boxes and labels."""
    examples = choose_examples(images_of(manifest, readable), COLUMNS * ROWS)
    images = frames.images([example["image_id"] for example in examples])
    title = "Fig. 3: examples, from the smallest annotated object to the largest"
    drawing = draw(title, examples, images, class_names)
    return Figure(title, drawing, [f"Data: {data_note}"])


def box_area(image: Mapping[str, Any]) -> float:
    """Return the area of an image's first annotated box relative to the image, 0 to 1."""
    return area_share(image["boxes"][0], image["width"], image["height"])


def choose_examples(manifest: Iterable[Mapping[str, Any]], count: int) -> list[Mapping[str, Any]]:
    """Return up to ``count`` images spread evenly over box areas, no class twice if possible."""
    images = sorted(manifest, key=lambda image: (box_area(image), image["image_id"]))
    firsts: dict[str, Mapping[str, Any]] = {}
    for image in images:
        firsts.setdefault(image["labels"][0], image)
    pool = list(firsts.values()) if len(firsts) >= count else images
    if len(pool) <= count:
        return pool
    return [pool[round(step * (len(pool) - 1) / (count - 1))] for step in range(count)]


def draw(
    title: str,
    examples: Sequence[Mapping[str, Any]],
    images: Mapping[str, bytes],
    class_names: Mapping[str, str],
) -> Any:
    """Return the drawing of examples."""
    figure = new_figure(PAGE_WIDTH, 4.9)
    axes = figure.subplots(ROWS, COLUMNS)
    for axis in axes.flat:
        axis.axis("off")
    for axis, image in zip(axes.flat, examples, strict=False):
        show_boxes(axis, image, images[image["image_id"]])
        noun = image["nouns"][0].partition("_(")[0].replace("_", " ")
        names = f"{noun} → {label_of(image, class_names)}"
        share = f"box {100 * box_area(image):.1f} % of the image"
        write_above(axis, [names, share], PAGE_WIDTH / COLUMNS)
    figure.suptitle(title)
    return figure
