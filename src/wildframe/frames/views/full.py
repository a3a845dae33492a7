"""The view of whole images."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal

from wildframe.frames.views.base import View, view_kind

if TYPE_CHECKING:
    from PIL import Image


@view_kind
class Full(View):
    """Whole images."""

    kind: Literal["full"] = "full"

    def crops(
        self, image: "Image.Image", row: Mapping[str, Any]
    ) -> Iterator[tuple[str, "Image.Image"]]:
        """Show the whole image, once."""
        yield "", image
