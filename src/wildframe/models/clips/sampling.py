"""Which frames and which part of them a model of clips is shown, and where boxes lie in it."""

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from wildframe.core.errors import UserError
from wildframe.core.pixels import Pixels
from wildframe.frames.views.base import scale_shorter_side

HAND, OBJECT = 0, 1
"""Kinds of boxes, and the channels of their maps."""

# Of the short side when training, to a crop of 224 pixels.
_SHORTEST, _LONGEST, _OF_CROP = 256, 320, 224


@dataclass(frozen=True, slots=True)
class Sampling:
    """Clips of ``frames`` frames, every ``stride``-th of the media, as squares of ``crop`` px."""

    frames: int
    stride: int
    crop: int

    def step(self, kept: int) -> int:
        """Return the step between frames among those that are kept at a stride of ``kept``.

        Raises:
            UserError: The stride is no multiple of the one that is kept.
        """
        if self.stride % kept:
            raise UserError(
                f"stride {self.stride}: frames are kept at a stride of {kept}; choose a multiple "
                "of it, or another stride of the dataset"
            )
        return self.stride // kept

    def whole(self) -> Self:
        """Return the same of whole frames, at the smallest size that crops of training are of."""
        return replace(self, crop=self.short_sides[0])

    @property
    def short_sides(self) -> tuple[int, int]:
        """The least and the largest short side that frames of training are scaled to."""
        return self.crop * _SHORTEST // _OF_CROP, self.crop * _LONGEST // _OF_CROP


def random_positions(
    rng: np.random.Generator, length: int, frames: int, step: int
) -> NDArray[np.int64]:
    """Return positions of the frames of a clip that starts anywhere.

    Where the clip is longer than what there is, positions are held to the first and the last.

    Args:
        rng: Source of the start.
        length: Number of frames that there are.
        frames: Number of frames of the clip.
        step: From each frame to the next.
    """
    slack = length - (frames - 1) * step - 1
    return _positions(int(rng.integers(min(slack, 0), max(slack, 0) + 1)), length, frames, step)


def view_positions(length: int, frames: int, step: int, clips: int) -> list[NDArray[np.int64]]:
    """Return positions of the frames of each clip of a test; see `random_positions`.

    They start evenly from the first to the last possible place, as the paper's of Charades-Ego and
    EPIC-Kitchens; a single one in the middle.
    """
    last = max(length - (frames - 1) * step - 1, 0)
    starts = [last // 2]
    if clips > 1:
        starts = [round(last * clip / (clips - 1)) for clip in range(clips)]
    return [_positions(start, length, frames, step) for start in starts]


def _positions(start: int, length: int, frames: int, step: int) -> NDArray[np.int64]:
    return np.clip(start + step * np.arange(frames), 0, length - 1)


@dataclass(frozen=True, slots=True)
class ClipBoxes:
    """Boxes of the hands and objects of a clip."""

    sides: NDArray[np.float32]
    """(n, 4): x1, y1, x2, y2 as shares of what is shown, 0 to 1."""
    kinds: NDArray[np.int64]
    """(n,): `HAND` or `OBJECT`."""
    scores: NDArray[np.float32]
    """(n,): confidence, 0 to 1."""
    positions: NDArray[np.int64]
    """(n,): frame of the clip, 0-based."""

    @classmethod
    def none(cls) -> "ClipBoxes":
        """Return no boxes."""
        no_floats, no_ints = np.zeros(0, np.float32), np.zeros(0, np.int64)
        return cls(no_floats.reshape(0, 4), no_ints, no_floats, no_ints)

    def __getitem__(self, chosen: Any) -> "ClipBoxes":
        """Return some of the boxes, as numpy chooses rows."""
        return ClipBoxes(
            self.sides[chosen], self.kinds[chosen], self.scores[chosen], self.positions[chosen]
        )

    def __len__(self) -> int:
        return len(self.kinds)


@dataclass(frozen=True, slots=True)
class Region:
    """The part of frames that is shown, mirrored or not; sides are shares of the frame."""

    left: float
    top: float
    right: float
    bottom: float
    mirrored: bool = False

    def show(self, image: Image.Image, side: int) -> Pixels:
        """Return the region of an image as a square of ``side`` px, (side, side, 3) uint8 RGB."""
        width, height = image.size
        box = (
            self.left * width,
            self.top * height,
            min(self.right * width, width),
            min(self.bottom * height, height),
        )
        pixels = np.asarray(image.resize((side, side), Image.Resampling.BILINEAR, box))
        return pixels[:, ::-1] if self.mirrored else pixels

    def boxes(self, boxes: ClipBoxes) -> ClipBoxes:
        """Return boxes of frames as boxes of the region; those with no visible area are dropped."""
        origin = np.array([self.left, self.top, self.left, self.top])
        size = np.array([self.right - self.left, self.bottom - self.top] * 2)
        sides = np.clip((boxes.sides - origin) / size, 0, 1)
        if self.mirrored:
            sides = np.stack([1 - sides[:, 2], sides[:, 1], 1 - sides[:, 0], sides[:, 3]], axis=1)
        visible = (sides[:, 2] > sides[:, 0]) & (sides[:, 3] > sides[:, 1])
        moved = ClipBoxes(sides.astype(np.float32), boxes.kinds, boxes.scores, boxes.positions)
        return moved[visible]


def random_region(rng: np.random.Generator, width: int, height: int, sampling: Sampling) -> Region:
    """Return a random square of frames, mirrored by a chance of one half.

    Its scale is that of a crop of frames whose short side is drawn from ``sampling.short_sides``.

    Args:
        rng: Source of scale, place and mirroring.
        width: Width of the frames in pixels.
        height: Height of the frames in pixels.
        sampling: Size of the crop.
    """
    least, largest = sampling.short_sides
    short = int(rng.integers(least, largest + 1))
    wide, high = scale_shorter_side(width, height, short)
    left = int(rng.integers(0, wide - sampling.crop + 1))
    top = int(rng.integers(0, high - sampling.crop + 1))
    return Region(
        left / wide,
        top / high,
        (left + sampling.crop) / wide,
        (top + sampling.crop) / high,
        mirrored=bool(rng.integers(2)),
    )


def view_regions(width: int, height: int, crops: int) -> list[Region]:
    """Return squares of the whole short side, evenly along the long side; of one, the central one.

    Args:
        width: Width of the frames in pixels.
        height: Height of the frames in pixels.
        crops: Number of squares; in the papers 3, or 1.
    """
    shares = [crop / (crops - 1) for crop in range(crops)] if crops > 1 else [0.5]
    if width >= height:
        lefts = [(1 - height / width) * share for share in shares]
        return [Region(left, 0, left + height / width, 1) for left in lefts]
    tops = [(1 - width / height) * share for share in shares]
    return [Region(0, top, 1, top + width / height) for top in tops]
