"""Pictures as bytes, for keeping and for people."""

import io

import numpy as np
import numpy.typing as npt
from PIL import Image

from wildframe.core.choices import Encoding

Pixels = npt.NDArray[np.uint8]


def encode(pixels: Pixels, encoding: Encoding) -> bytes:
    """Encode RGB uint8 pixels of shape (height, width, 3).

    JPEG has quality 95 and full chroma (4:4:4); PNG is lossless.
    """
    buffer = io.BytesIO()
    picture = Image.fromarray(pixels)
    if encoding == "jpeg":
        picture.save(buffer, "JPEG", quality=95, subsampling=0)
    else:
        picture.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def decode(data: bytes) -> Image.Image:
    """Decode a picture to an RGB image."""
    return Image.open(io.BytesIO(data)).convert("RGB")
