"""The files of a page to browse: images, and data as scripts."""

import io
import json
import re
from pathlib import Path

from PIL import Image

from wildframe.core.errors import UserError

SIDE, QUALITY = 512, 85
"""Images of the page: longer side in pixels at most, JPEG quality."""

IMAGES = "images"
"""Folder of the images."""

Rectangle = tuple[float, float, float, float]
"""x and y of the top-left corner, width, height, as fractions of the image."""


def write_image(path: Path, data: bytes) -> tuple[int, int]:
    """Write an encoded image as the page shows it; return its width and height there."""
    image = Image.open(io.BytesIO(data))
    # A JPEG that is far larger is decoded at a fraction of its size.
    image.thumbnail((SIDE, SIDE), reducing_gap=2.0)
    image.convert("RGB").save(path, "JPEG", quality=QUALITY)
    return image.size


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
