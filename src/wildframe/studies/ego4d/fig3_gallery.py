"""Fig. 3: examples; where objects are annotated, with boxes, from the smallest to the largest."""

from collections.abc import Iterable, Mapping
from typing import Any

from wildframe.exhibits.comparisons import NOTHING
from wildframe.exhibits.figure import Figure
from wildframe.exhibits.inputs import ClassNames
from wildframe.exhibits.panels import names_of
from wildframe.exhibits.registry import exhibit
from wildframe.scores.evaluated import first_box_area
from wildframe.studies.ego4d.inputs import DataNote, Images, Manifest, Readable, images_of
from wildframe.studies.ego4d.panels import draw_gallery

EXAMPLES = 12


@exhibit(
    "Fig. 03",
    "examples",
    "Examples of the test set; where objects are annotated, with their boxes, from the smallest to "
    "the largest (paper: Fig. 3).",
    compares=[NOTHING],
)
def fig3_gallery(
    frames: Images,
    manifest: Manifest,
    readable: Readable,
    class_names: ClassNames,
    data_note: DataNote,
) -> Figure:
    """Draw examples with their labels, and their boxes if they have some."""
    examples = choose_examples(images_of(manifest, readable), EXAMPLES)
    images = frames.images([example["image_id"] for example in examples])
    title = "Fig. 3: examples"
    if any(example["boxes"] for example in examples):
        title += ", from the smallest annotated object to the largest"
    panels = [(example, text_above(example, class_names)) for example in examples]
    return Figure(title, draw_gallery(panels, images), [f"Data: {data_note}"])


def text_above(image: Mapping[str, Any], class_names: Mapping[str, str]) -> list[str]:
    """Return an image's noun and labels, and the area of its first box, as far as it has them."""
    noun = [plain.partition("_(")[0].replace("_", " ") for plain in image["nouns"][:1]]
    lines = [" → ".join([*noun, names_of(image["labels"], class_names)])]
    area = first_box_area(image)
    return lines if area is None else [*lines, f"box {100 * area:.1f} % of the image"]


def choose_examples(manifest: Iterable[Mapping[str, Any]], count: int) -> list[Mapping[str, Any]]:
    """Return up to ``count`` images spread evenly over box areas, no class twice if possible.

    Images without a box come first, by id.
    """
    images = sorted(manifest, key=lambda image: (first_box_area(image) or 0, image["image_id"]))
    firsts: dict[str, Mapping[str, Any]] = {}
    for image in images:
        firsts.setdefault(image["labels"][0], image)
    pool = list(firsts.values()) if len(firsts) >= count else images
    if len(pool) <= count:
        return pool
    return [pool[round(step * (len(pool) - 1) / (count - 1))] for step in range(count)]
