"""Views: how a picture is shown to a model. Any view runs on any dataset."""

from collections.abc import Callable, Iterator

from PIL import Image

from wildframe.core.choices import View

Show = Callable[[Image.Image], Iterator[tuple[str, Image.Image]]]


def full(picture: Image.Image) -> Iterator[tuple[str, Image.Image]]:
    """Show the whole picture, once."""
    yield "", picture


VIEWS: dict[View, Show] = {"full": full}
