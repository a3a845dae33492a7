"""The view of annotated objects."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field

from wildframe.core.errors import UserError
from wildframe.frames.views.base import View, shown_boxes, view_kind

if TYPE_CHECKING:
    from PIL import Image


@view_kind
class Box(View):
    """Images cropped to the first annotated object: the square around its box.

    A square, since models see the central square of their input.
    """

    needs_box: ClassVar[bool] = True

    kind: Literal["box"] = "box"
    margin: float = Field(
        0.1, ge=0, le=1, description="Added on each side, as a share of the box's longer side"
    )

    def crops(
        self, image: "Image.Image", row: Mapping[str, Any]
    ) -> Iterator[tuple[str, "Image.Image"]]:
        """Show the square around the first box, moved and shortened into the image.

        Raises:
            UserError: No object is annotated.
        """
        if not row["boxes"]:
            raise UserError(
                f"image {row['image_id']} has no box, which the view box needs; use the view full"
            )
        x, y, width, height = shown_boxes(row, *image.size)[0]
        side = max(width, height) * (1 + 2 * self.margin)
        left, right = _interval(x + width / 2, side, image.width)
        top, bottom = _interval(y + height / 2, side, image.height)
        yield "", image.crop((left, top, right, bottom))

    @property
    def note(self) -> str:
        """What the data note of exhibits says about it."""
        return f"cropped to the object, margin {self.margin}"


def _interval(center: float, side: float, limit: int) -> tuple[int, int]:
    """Return an interval in whole pixels around a centre, moved and shortened into the image."""
    length = min(max(round(side), 1), limit)
    start = min(max(round(center - side / 2), 0), limit - length)
    return start, start + length
