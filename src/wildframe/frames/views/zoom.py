"""The view of zoomed crops: an image at many sizes, and at each size nine crops.

Source: *ImageNet-Hard: The Hardest Images Remaining from a Study of the Power of Zoom and Spatial
Biases in Image Classification*, and the authors' evaluation code, whose integer arithmetic this is.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, Field, ValidationError

from wildframe.core.errors import UserError
from wildframe.core.strict import one_of
from wildframe.frames.views.base import ManyCrops, scale_shorter_side, view_kind

if TYPE_CHECKING:
    from PIL import Image

SIDE = 224
"""Side of every crop in pixels."""

ANCHORS = 3
"""Anchors across, and down: the centres of 3 x 3 tiles."""

ONE_CROP_SIZE = 256
"""Size whose middle crop stands for ordinary evaluation."""

Grid = Literal["paper", "small"]
_GRIDS: Mapping[Grid, tuple[int, ...]] = {
    "paper": (
        *(10, 16, 32, 48, 64, 96, 122, 128, 192, 224, 235, 240, 256, 288, 320, 348, 384, 448),
        *(460, 512, 573, 576, 640, 664, 672, 680, 686, 690, 700, 720, 768, 798, 832, 896, 911),
        1024,
    ),
    "small": (64, 128, 224, 256, 384, 512, 768),
}


def _ascending(sizes: list[int]) -> list[int]:
    if sizes != sorted(set(sizes)):
        raise ValueError("list each size once, from small to large")
    return sizes


Sizes = Annotated[
    list[Annotated[int, Field(ge=1, le=4096)]], Field(min_length=1), AfterValidator(_ascending)
]


@dataclass(frozen=True, slots=True)
class ZoomCrop:
    """One crop of an image: where it is, in pixels of the resized image."""

    size: int
    """Shorter side of the resized image."""
    row: int
    col: int
    resized_width: int
    resized_height: int
    left: int
    """Negative where the crop juts out of the image; so is ``top``."""
    top: int

    @property
    def key(self) -> str:
        """The ``view_key``: size, row and column."""
        return f"{self.size},{self.row},{self.col}"

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Left, top, right and bottom, the last two exclusive."""
        return self.left, self.top, self.left + SIDE, self.top + SIDE


def zoom_crops(width: int, height: int, sizes: Sequence[int]) -> Iterator[ZoomCrop]:
    """Yield the crops of an image of some width and height, by size, row and column."""
    for size in sizes:
        resized = scale_shorter_side(width, height, size)
        across, down = (list(_starts(side)) for side in resized)
        for (row, top), (col, left) in product(enumerate(down), enumerate(across)):
            yield ZoomCrop(size, row, col, *resized, left, top)


def _starts(length: int) -> Iterator[int]:
    """Yield where crops around the centres of the tiles of a side begin."""
    tile = length // ANCHORS
    for position in range(ANCHORS):
        yield position * tile + tile // 2 - SIDE // 2


def parse_key(view_key: str) -> tuple[int, int, int]:
    """Return size, row and column of a crop by its key."""
    size, row, col = map(int, view_key.split(","))
    return size, row, col


@view_kind
class Zoom(ManyCrops):
    """Images resized so that their shorter side has many sizes, and nine crops at each.

    Crops are 224 pixels wide and high, around the centres of 3 x 3 tiles, black outside the image.
    """

    crops_are_inputs: ClassVar[bool] = True
    has_anchors: ClassVar[bool] = True

    kind: Literal["zoom"] = "zoom"
    grid: Annotated[
        Grid | Sizes, one_of("paper, small, nor a list of ascending sizes from 1 to 4096")
    ] = Field(
        "paper",
        description="Sizes of the shorter side in pixels: paper (36 sizes, 324 crops), small (7 "
        "sizes, 63 crops), or a list",
    )

    @property
    def sizes(self) -> tuple[int, ...]:
        """The sizes of the shorter side, ascending."""
        return _GRIDS[self.grid] if isinstance(self.grid, str) else tuple(self.grid)

    @property
    def count(self) -> int:
        """How many crops an image has."""
        return len(self.sizes) * ANCHORS**2

    def crops(
        self, image: "Image.Image", row: Mapping[str, Any]
    ) -> Iterator[tuple[str, "Image.Image"]]:
        """Show each crop, by its size, row and column; the image is resized once a size."""
        from PIL.Image import Resampling

        for size in self.sizes:
            resized_size = scale_shorter_side(*image.size, size)
            resized = image.resize(resized_size, Resampling.BICUBIC)
            for crop in zoom_crops(*image.size, [size]):
                yield crop.key, resized.crop(crop.box)

    @property
    def note(self) -> str:
        """What the data note of exhibits says about it."""
        return f"zoom, {len(self.sizes)} sizes x 9 crops, {self.combined}"

    @property
    def scoring_options(self) -> list[str]:
        """There are none: predictions on crops are combined as they are made."""
        return []


def parse_grid(text: str) -> Zoom:
    """Return the view of a grid as written on the command line: a name, or sizes with commas.

    Raises:
        UserError: It is neither.
    """
    sizes = text.split(",")
    is_list = all(size.isdecimal() for size in sizes)
    try:
        return Zoom.model_validate({"grid": [*map(int, sizes)] if is_list else text})
    except ValidationError as error:
        raise UserError(
            f"--grid {text}: give paper, small, or sizes from 1 to 4096 in ascending order, such "
            "as 224,256"
        ) from error
