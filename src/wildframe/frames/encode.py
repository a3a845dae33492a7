"""Encoding, import and decoding of images."""

import io
import struct
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from wildframe.core.choices import Encoding

Pixels = npt.NDArray[np.uint8]

# MPO (several images of a camera) is a JPEG of the first image with more data behind it.
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
class ImportedImage:
    """An image from a file."""

    data: bytes
    encoding: Encoding
    pixels: Pixels
    """(height, width, 3) uint8 RGB, before any encoding by wildframe."""


def import_image(data: bytes, encoding: Encoding) -> ImportedImage:
    """Import an image file: JPEG and PNG are kept byte by byte.

    Other formats and images with an EXIF rotation are encoded anew: browsers apply the rotation and
    PIL does not, but people and models must see the same.

    Args:
        data: Content of the file.
        encoding: Encoding of images that are encoded anew.

    Raises:
        ValueError: This is not an image, or an incomplete one.
    """
    try:
        with Image.open(io.BytesIO(data)) as image:
            kept = _KEPT.get(image.format or "")
            if kept and image.getexif().get(ExifTags.Base.Orientation, 1) == 1:
                return ImportedImage(data, kept, _pixels(image))
            pixels = _pixels(ImageOps.exif_transpose(image))
    except UnidentifiedImageError as error:
        raise ValueError("it is not an image of a supported format") from error
    except (OSError, SyntaxError, struct.error, Image.DecompressionBombError) as error:
        raise ValueError(str(error)) from error
    return ImportedImage(encode(pixels, encoding), encoding, pixels)


def _pixels(image: Image.Image) -> Pixels:
    # Converting RGB to RGB would copy the image.
    return np.asarray(image if image.mode == "RGB" else image.convert("RGB"))


def decode(data: bytes) -> Image.Image:
    """Decode an image to RGB."""
    return Image.open(io.BytesIO(data)).convert("RGB")
