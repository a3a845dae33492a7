"""The kinds of source: a new one is an adapter in its own module, and a line here."""

from typing import Annotated

from pydantic import Tag

from wildframe.core.source import kind_of
from wildframe.sources.ego4d import Ego4dSource
from wildframe.sources.vid import VidSource
from wildframe.sources.videos import VideosSource
from wildframe.sources.ytbb import YtbbSource

Source = Annotated[
    Annotated[Ego4dSource, Tag("ego4d")]
    | Annotated[VidSource, Tag("vid")]
    | Annotated[YtbbSource, Tag("ytbb")]
    | Annotated[VideosSource, Tag("videos")],
    kind_of("ego4d", "vid", "ytbb", "videos"),
]
"""A collection on the user's disk."""
