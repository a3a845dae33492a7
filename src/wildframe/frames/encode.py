"""Images as bytes, for keeping and for people."""

import io
import struct
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from wildframe.core.choices import Encoding

Pixels = npt.NDArray[np.uint8]

# A camera's several images (MPO) are a JPEG, of the first, with more behind it.
_KEPT: dict[str, Encoding] = {"JPEG": "jpeg", "MPO": "jpeg", "PNG": "png"}


def encode(pixels: Pixels, encoding: Encoding) -> bytes:
    """Encode RGB uint8 pixels of shape (height, width, 3).

    JPEG has quality 95 and full chroma (4:4:4); PNG is lossless.
    """
    buffer = io.BytesIO()
    image = Image.fromarray(pixels)
    if encoding == "jpeg":
        image.save(buffer, "JPEG", quality=95, subsampling=0)
    else:
        image.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


@dataclass(frozen=True, slots=True)
class Taken:
    """A image that was taken in from a file.

    Attributes:
        data: Bytes to keep.
        encoding: Their encoding.
        pixels: (height, width, 3) uint8 RGB, before any encoding of ours.
    """

    data: bytes
    encoding: Encoding
    pixels: Pixels


def take_in(data: bytes, encoding: Encoding) -> Taken:
    """Take in a image file: JPEG and PNG are kept byte by byte.

    What is neither, or is to be turned (EXIF), is encoded anew: browsers turn a image that says
    so and PIL does not, but people and models must see the same.

    Args:
        data: Content of the file.
        encoding: How images are kept that are encoded anew.

    Raises:
        ValueError: This is no image, or not all of one.
    """
    try:
        with Image.open(io.BytesIO(data)) as image:
            kept = _KEPT.get(image.format or "")
            if kept and image.getexif().get(ExifTags.Base.Orientation, 1) == 1:
                return Taken(data, kept, _pixels(image))
            pixels = _pixels(ImageOps.exif_transpose(image))
    except UnidentifiedImageError as error:
        raise ValueError("it is no image of a format known here") from error
    except (OSError, SyntaxError, struct.error, Image.DecompressionBombError) as error:
        raise ValueError(str(error)) from error
    return Taken(encode(pixels, encoding), encoding, pixels)


def _pixels(image: Image.Image) -> Pixels:
    # A conversion to what it is already would copy the image.
    return np.asarray(image if image.mode == "RGB" else image.convert("RGB"))


def decode(data: bytes) -> Image.Image:
    """Decode a image to an RGB image."""
    return Image.open(io.BytesIO(data)).convert("RGB")
