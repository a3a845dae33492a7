"""Lossless images, written without an imaging library: commands that write a few start faster."""

import struct
import zlib

import numpy as np

from wildframe.core.pixels import Pixels

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_RGB_8 = (8, 2, 0, 0, 0)
"""Bit depth, colour type, and the only methods there are (PNG specification, 11.2.2)."""
_UP = 2
"""The filter that keeps the difference to the pixel above."""


def encode_png(pixels: Pixels) -> bytes:
    """Encode RGB uint8 pixels of shape (height, width, 3).

    Every row has the same filter, and only runs are looked for, where Pillow tries five filters a
    row: several times faster. Noisy images come out no larger, drawn ones up to twice as large.
    """
    height, width, _ = pixels.shape
    values = pixels.reshape(height, 3 * width)
    rows = np.empty((height, 1 + 3 * width), np.uint8)
    rows[:, 0] = _UP
    rows[0, 1:] = values[0]
    np.subtract(values[1:], values[:-1], out=rows[1:, 1:])
    run_lengths = zlib.compressobj(level=1, strategy=zlib.Z_RLE)
    data = run_lengths.compress(rows.data) + run_lengths.flush()
    head = struct.pack(">2I5B", width, height, *_RGB_8)
    return _SIGNATURE + _chunk(b"IHDR", head) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    checksum = zlib.crc32(data, zlib.crc32(kind))
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)
