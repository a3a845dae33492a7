"""The kinds of source: a new one is an adapter in its own module, and a line here."""

from typing import Annotated

from pydantic import Tag

from wildframe.core.source import SourceSettings, kind_of, kinds_of
from wildframe.sources.charades_ego import CharadesEgoSource
from wildframe.sources.clips_csv import ClipsCsvSource
from wildframe.sources.ego4d import Ego4dSource
from wildframe.sources.epic_kitchens import EpicKitchensSource
from wildframe.sources.images import ImagesSource
from wildframe.sources.kinetics import KineticsSource
from wildframe.sources.shards import ShardsSource
from wildframe.sources.vid import VidSource
from wildframe.sources.videos import VideosSource
from wildframe.sources.ytbb import YtbbSource

_AnyKind = (
    Annotated[Ego4dSource, Tag("ego4d")]
    | Annotated[VidSource, Tag("vid")]
    | Annotated[YtbbSource, Tag("ytbb")]
    | Annotated[VideosSource, Tag("videos")]
    | Annotated[ImagesSource, Tag("images")]
    | Annotated[ShardsSource, Tag("shards")]
    | Annotated[KineticsSource, Tag("kinetics")]
    | Annotated[CharadesEgoSource, Tag("charades_ego")]
    | Annotated[EpicKitchensSource, Tag("epic_kitchens")]
    | Annotated[ClipsCsvSource, Tag("clips")]
)
Source = Annotated[_AnyKind, kind_of(_AnyKind)]
"""A collection on the user's disk."""

KINDS: dict[str, type[SourceSettings]] = kinds_of(_AnyKind)
"""The class of each kind."""
