"""The base of sources: their settings, and what each kind says of itself.

Rules, planning and ``wildframe doctor`` ask a source and know no kind; an adapter in `sources` is a
class derived from this one, the reader of its files, and its command.
"""

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, get_args

from pydantic import Discriminator, Field, Tag

from wildframe.core.choices import Sharing
from wildframe.core.run import snakemake_command
from wildframe.core.strict import HomePath, Note, Strict


def kinds_of(union: Any) -> dict[str, Any]:
    """Return the classes of a union by their tag: its kinds, in their order."""
    return {
        mark.tag: kind
        for kind, *marks in map(get_args, get_args(union))
        for mark in marks
        if isinstance(mark, Tag)
    }


def kind_of(union: Any) -> Discriminator:
    """Return a discriminator of a union by the key ``kind``; without the key it is the first."""
    kinds = list(kinds_of(union))
    return by_kind(kinds, default=kinds[0])


def by_kind(kinds: Iterable[str], default: str | None = None) -> Discriminator:
    """Return a discriminator of a union of these kinds by the key ``kind``."""

    def find(value: Any) -> str:
        if isinstance(value, dict):
            return str(value.get("kind", default))
        return str(getattr(value, "kind", None))

    return Discriminator(
        find, custom_error_type="kind", custom_error_message=f"kind is one of {', '.join(kinds)}"
    )


class Summary(NamedTuple):
    """What lists the media of a source, in a few words."""

    found: str
    unusable: Sequence[str] = ()
    """What is listed but cannot be used, each with the reason."""


class SourceSettings(Strict):
    """A collection on the user's disk."""

    tables: ClassVar[tuple[str, ...]] = ()
    """Tables that ``wildframe sources <kind>`` writes, each named by the option of its file."""
    reads_media: ClassVar[bool] = False
    """Whether these tables change when files of media do."""
    media_are: ClassVar[str] = "videos"
    """What `wanted_media` are, in a word."""
    published_space: ClassVar[str | None] = None
    """Label space of sets of frames that its publisher drew and reviewed, if there are such."""
    has_moments: ClassVar[bool] = False
    """Whether its annotations name moments of actions."""

    kind: str = Field(description="Kind of the source")
    root: HomePath = Field(description="Folder of the data")
    data_note: Note = Field(
        description="Short description of the data, printed under every exhibit"
    )
    compare_with_paper: bool = Field(
        False,
        description="True for the publisher's own data: then the paper's numbers are shown as well",
    )
    sharing: Sharing = Field(
        "left_out",
        description="What `snakemake supplement` shows of its images: kept, blurred (outside of "
        "annotated boxes) or left_out; choose what its licence and the people in it allow",
    )

    @abstractmethod
    def input_files(self) -> Mapping[str, Sequence[str]]:
        """Return the files that its tables are made of, by option of its command.

        Raises:
            UserError: One is missing; says how to get it.
        """

    @abstractmethod
    def options(self) -> list[str]:
        """Return its other settings as arguments of its command."""

    def fetch_options(self) -> list[str]:
        """Return the arguments of ``wildframe sources`` that fetch its files; none if none does."""
        return []

    @property
    def is_fetched(self) -> bool:
        """Whether a target fetches its files: see `fetch_command`."""
        return bool(self.fetch_options())

    @property
    def fetches_media(self) -> bool:
        """Whether this target fetches its media, too; else its log tells the command that does."""
        return True

    @abstractmethod
    def list_media(self) -> list[str]:
        """Return its videos, or folders of images, as paths under its root.

        Quick, for the planning of a run: videos are named by the annotations and may be absent;
        folders of images are listed.

        Raises:
            UserError: There are no annotations that name the videos.
        """

    def wanted_media(self) -> list[str]:
        """Return the media that its annotations name, which may be absent; errors likewise."""
        return self.list_media()

    def has_media(self, media: str) -> bool:
        """Tell whether one of its media is there."""
        return (Path(self.root) / media).exists()

    @property
    def media_folder(self) -> Path:
        """The folder that holds its media, for messages."""
        return Path(self.root)

    @abstractmethod
    def summary(self) -> Summary:
        """Return what lists its media; errors as in `input_files`."""

    @property
    def border(self) -> int:
        """Pixels that its publisher drew on each side of every image, and that are cut off."""
        return 0

    @property
    def made_of(self) -> str | None:
        """The dataset of the run that its files are made of; None of a publisher's own files."""
        return None

    def published_files(self) -> list[str]:
        """Return the files of its published sets; raise a `UserError` if one is missing."""
        return []

    @property
    def has_published_sets(self) -> bool:
        """Whether its publisher drew and reviewed sets of frames."""
        return self.published_space is not None

    @property
    def has_boxes(self) -> bool:
        """Whether its frames have annotated boxes."""
        return False

    @property
    def has_single_images(self) -> bool:
        """Whether it is a collection of images that are no frames of videos."""
        return "images" in self.tables

    @property
    def has_clips(self) -> bool:
        """Whether it is a collection of clips, which are one example each."""
        return "clips" in self.tables

    def require_drawable(self, name: str) -> None:
        """Raise a `ValueError` if anchors cannot be drawn from the source, which has this name."""
        raise ValueError(f"anchors are drawn from videos; {name!r} is of kind {self.kind}")


def fetch_target(name: str) -> str:
    """Return the target that fetches the files of a source."""
    return f"{name}_download"


def fetch_command(name: str, config_files: Iterable[Path], *, again: bool = False) -> str:
    """Return the command that fetches the files of a source.

    Args:
        name: The source, as the configuration names it.
        config_files: Files of the run over ``config.yaml``.
        again: Whether an earlier download is not taken for complete.
    """
    forced = ["--forcerun", "sources_download"] if again else []
    return snakemake_command([fetch_target(name), *forced], config_files)
