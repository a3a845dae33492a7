"""Encoding, import and decoding of images."""

import io
import re
from dataclasses import dataclass

import numpy as np
from PIL import ExifTags, Image, TiffImagePlugin, UnidentifiedImageError

from wildframe.core.choices import Encoding
from wildframe.core.pixels import Pixels, on_white
from wildframe.frames.png import encode_png

__all__ = ["EncodedImage", "Pixels", "decode", "encode", "import_image"]

# MPO (several images of a camera) is a JPEG of the first image with more data behind it.
_KEPT: dict[str, Encoding] = {"JPEG": "jpeg", "MPO": "jpeg", "PNG": "png"}

_FIRST_IS_MEANT = ("MPO", "PSD")
"""Formats of several images in a file, the first of which all programs show: of PSD, it is all."""

_SEGMENT = re.compile(rb"\xff+([^\x00\x01\xd0-\xd9\xff])")
"""Marker of a JPEG before a length; those left out have none (ITU-T T.81, table B.1)."""

_SCAN, _END = b"\xda", b"\xff\xd9"


def encode(pixels: Pixels, encoding: Encoding) -> bytes:
    """Encode RGB uint8 pixels of shape (height, width, 3).

    JPEG has quality 95 and full chroma (4:4:4); PNG is lossless.
    """
    if encoding == "png":
        return encode_png(pixels)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=95, subsampling=0)
    return buffer.getvalue()


@dataclass(frozen=True, slots=True)
class EncodedImage:
    """An image as it is kept, and its pixels."""

    data: bytes
    encoding: Encoding
    pixels: Pixels
    """(height, width, 3) uint8 RGB, before any encoding by wildframe."""


_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""By EXIF orientation; cameras also write others, such as 0, which turn nothing."""

_MOST_ELONGATED = 100
"""Of its shorter side brought to 1,024 pixels, such an image takes 300 MB."""


def import_image(data: bytes, encoding: Encoding, border: int = 0) -> EncodedImage:
    """Import an image file: JPEG and PNG are kept byte by byte.

    Encoded anew are other formats, and images that not all programs show alike: those rotated by
    EXIF data, those with transparent parts, which are composed on white, and those of 12 or 16
    bits of grey, which are scaled to 8. People and models must see the same. What loses a border is
    PNG, so that it loses nothing else.

    Args:
        data: Content of the file.
        encoding: Encoding of images that are encoded anew.
        border: Pixels to cut off each side.

    Raises:
        ValueError: This is not an image, or one that breaks off, or several, or its values have no
            stated white, or it is too elongated to be resized, or nothing is left within its
            border.
    """
    try:
        with Image.open(io.BytesIO(data)) as image:
            shorter, longer = sorted(image.size)
            if longer > _MOST_ELONGATED * shorter:
                raise ValueError(
                    f"its sides of {image.width} and {image.height} pixels differ more than "
                    f"{_MOST_ELONGATED} times; resized, it would need too much memory"
                )
            count = getattr(image, "n_frames", 1)
            if count > 1 and image.format not in _FIRST_IS_MEANT:
                raise ValueError(f"it has {count} frames; save the one you mean, as JPEG or PNG")
            kept = _KEPT.get(image.format or "")
            if kept and not _is_ended(data, kept):
                raise ValueError("its end is missing; fetch it again, or save it anew")
            if kept and not border and _is_plain(image):
                return EncodedImage(data, kept, _pixels(image))
            pixels = _pixels(_upright(image))
    except UnidentifiedImageError as error:
        told = "it is not an image of a supported format; save it as JPEG or PNG"
        raise ValueError(told if data else "it is empty") from error
    except (MemoryError, ValueError):
        raise
    except Exception as error:  # what decoders raise of damage is up to each
        raise ValueError(str(error) or type(error).__name__) from error
    if border:
        pixels, encoding = pixels[border:-border, border:-border], "png"
        if not pixels.size:
            raise ValueError(f"nothing is left within its border of {border} pixels")
    return EncodedImage(encode(pixels, encoding), encoding, pixels)


def _is_ended(data: bytes, encoding: Encoding) -> bool:
    """Tell whether the mark of a file's end is there: of a JPEG, behind the start of a scan.

    Pillow takes zeros, which fill a download that was interrupted, for pixels. Before the scan, a
    thumbnail has an end of its own.
    """
    if encoding == "png":
        return b"IEND" in data
    at = 2
    while found := _SEGMENT.search(data, at):
        if found[1] == _SCAN:
            return data.rfind(_END, found.end()) > 0
        at = found.end() + int.from_bytes(data[found.end() : found.end() + 2])
    return False


def _upright(image: Image.Image) -> Image.Image:
    """Return an image as its EXIF data turn it.

    Pillow's own function also writes the other EXIF data anew, and fails where a camera's are odd.
    """
    image.load()  # turns a TIFF
    method = _UPRIGHT.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    return image if method is None else image.transpose(method)


def _is_plain(image: Image.Image) -> bool:
    """Tell whether all programs show an image alike: upright, of 8 bits, without transparency."""
    is_turned = image.getexif().get(ExifTags.Base.Orientation) in _UPRIGHT
    return not (is_turned or image.mode[0] in "IF" or _is_transparent(image))


def _is_transparent(image: Image.Image) -> bool:
    return image.has_transparency_data and image.convert("RGBA").getchannel("A").getextrema() != (
        255,
        255,
    )


def _pixels(image: Image.Image) -> Pixels:
    # Of PGM, Pillow has scaled the maximum to 65535.
    if image.mode.startswith("I;16") or (image.mode, image.format) == ("I", "PPM"):
        return np.repeat(_grey(image)[..., None], 3, axis=2)
    if image.mode in ("I", "F"):
        raise ValueError("its values are 32-bit numbers, whose white is not stated; save it as PNG")
    if _is_transparent(image):
        return on_white(np.asarray(image.convert("RGBA")))
    return np.asarray(_rgb(image))


def _grey(image: Image.Image) -> Pixels:
    """Return values of up to 16 bits, scaled to 8 and rounded; those of TIFF as its tags tell."""
    tags = getattr(image, "tag_v2", None)
    white = 65535 if tags is None else 2 ** tags[TiffImagePlugin.BITSPERSAMPLE][0] - 1
    values = np.asarray(image).astype(np.uint32)
    values[values == image.info.get("transparency", -1)] = white
    # Zero is white, also where the tag is missing: Pillow reads grey of 8 bits so.
    if tags is not None and not tags.get(TiffImagePlugin.PHOTOMETRIC_INTERPRETATION, 0):
        values = white - values
    return ((values * 510 + white) // (2 * white)).astype(np.uint8)


def decode(data: bytes) -> Image.Image:
    """Return an image in RGB; one that is in RGB is decoded when its pixels are asked for."""
    return _rgb(Image.open(io.BytesIO(data)))


def _rgb(image: Image.Image) -> Image.Image:
    # Converting RGB to RGB would copy the image.
    return image if image.mode == "RGB" else image.convert("RGB")
