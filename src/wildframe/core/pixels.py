"""Images as arrays."""

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]


def on_white(rgba: Pixels) -> Pixels:
    """Return the RGB image that is seen of an RGBA one, (height, width, 4), in front of white."""
    colour, alpha = rgba[..., :3].astype(np.uint16), rgba[..., 3:].astype(np.uint16)
    # Products of two bytes, rounded to the nearest 255th, fit in 16 bits.
    return ((colour * alpha + 255 * (255 - alpha) + 127) // 255).astype(np.uint8)
