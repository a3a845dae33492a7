"""The files of a page to browse: images, and data as scripts."""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image

from wildframe.core.errors import UserError
from wildframe.core.files import atomic_directory
from wildframe.core.pages import SHARED, page_file
from wildframe.core.targets import NONE

TEMPLATES = (*SHARED, "index.html", "browse.css", "browse.js", "draw.js", "filters.js")

SIDE, QUALITY = 512, 85
"""Images of the page: longer side in pixels at most, JPEG quality."""

IMAGES = "images"
"""Folder of the images."""

Rectangle = tuple[float, float, float, float]
"""x and y of the top-left corner, width, height, as fractions of the image."""


@dataclass
class Classes:
    """Numbers classes in order of appearance: each is named once on the page."""

    names: Mapping[str, str]
    numbers: dict[str, int] = field(default_factory=dict)

    def number(self, wnid: str | None) -> int:
        """Return the number of a class, None of one without an id."""
        return self.numbers.setdefault(wnid or NONE, len(self.numbers))

    def part(self) -> dict[str, list[str]]:
        """Return the classes as the page reads them, those of one name told apart."""
        names = [self.names.get(wnid, wnid) for wnid in self.numbers]
        shared = {name for name, count in Counter(names).items() if count > 1}
        unique = [
            f"{name} ({wnid})" if name in shared else name
            for name, wnid in zip(names, self.numbers, strict=True)
        ]
        return {"wnid": list(self.numbers), "name": unique}


@contextmanager
def page_folder(output: Path) -> Iterator[Path]:
    """Yield the folder of a page, in which only images and data are missing; it appears whole."""
    with atomic_directory(output, marker="browse.js") as folder:
        for name in TEMPLATES:
            (folder / name).write_bytes(page_file("browse", name))
        for name in ("data", IMAGES):
            (folder / name).mkdir()
        yield folder


def millionths(probability: float | None) -> int | None:
    """Return a probability as the page counts it."""
    return None if probability is None else round(probability * 1e6)


def save_image(path: Path, image: Image.Image) -> tuple[int, int]:
    """Write an image as the page shows it, scaled down in place; return its size there."""
    # A JPEG that is far larger is decoded at a fraction of its size.
    image.thumbnail((SIDE, SIDE), reducing_gap=2.0)
    write_jpeg(path, image)
    return image.size


def write_jpeg(path: Path, image: Image.Image) -> None:
    """Write the pixels of an image, and nothing else of its file: Pillow would add a comment."""
    pixels = image.convert("RGB")
    pixels.info.clear()
    pixels.save(path, "JPEG", quality=QUALITY)


_DIRECTIONS = re.compile(r"\\u(061c|200[ef]|202[a-e]|206[6-9])")


def write_part(folder: Path, part: str, content: object) -> None:
    """Write one script of data; ASCII, and nothing in it can end a script element.

    Signs that would turn the direction of the text around them are shown as unknown ones.
    """
    text = json.dumps(content, separators=(",", ":"), allow_nan=False).replace("<", r"\u003c")
    text = _DIRECTIONS.sub(r"\\ufffd", text)
    script = f'wildframe("{part}",{text});\n'
    (folder / "data" / f"{part}.js").write_text(script, encoding="ascii", newline="\n")


def boxes_of_page(folder: Path) -> dict[str, list[Rectangle]]:
    """Return the boxes that a page has drawn on each of its images, by ``image_id``.

    Raises:
        UserError: The folder is no such page.
    """
    path = folder / "data" / "images.js"
    try:
        script = path.read_text(encoding="ascii")
        images = json.loads(script.partition(",")[2].rpartition(")")[0])["images"]
        return dict(zip(images["image_id"], images["boxes"], strict=True))
    except (OSError, ValueError, KeyError) as error:
        raise UserError(f"{path}: not of a page to browse ({error}); make it anew") from error
