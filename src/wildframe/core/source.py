"""What every kind of source has in the config; each adapter of `sources` derives its own."""

from pathlib import Path
from typing import Any, ClassVar

from pydantic import Discriminator, Field, field_validator

from wildframe.core.strict import Strict


def expanded(path: str) -> str:
    """Return a path with its ``~``; the shell will not see it, since paths are quoted.

    Raises:
        ValueError: There is no such home folder.
    """
    try:
        return str(Path(path).expanduser())
    except RuntimeError as error:
        raise ValueError(f"{path!r}: there is no such home folder") from error


def kind_of(default: str, *others: str) -> Discriminator:
    """Return what chooses a model by the key ``kind``, which may be left out for the default."""

    def find(value: Any) -> str:
        kind = value.get("kind", default) if isinstance(value, dict) else value.kind
        return str(kind)

    kinds = ", ".join((default, *others))
    return Discriminator(
        find, custom_error_type="kind", custom_error_message=f"kind is one of {kinds}"
    )


class SourceSettings(Strict):
    """A collection on the user's disk."""

    has_moments: ClassVar[bool] = False
    """Whether its annotations name moments of actions."""

    kind: str = Field(description="Its adapter")
    root: str = Field(description="Folder of the data")
    data_note: str = Field(description="What the data is; printed under every exhibit")
    compare_with_paper: bool = Field(
        False,
        description="True for the publisher's own data: only then are the paper's numbers shown",
    )

    @field_validator("root", "metadata", "labels", "boxes", mode="before", check_fields=False)
    @classmethod
    def _home_is_expanded(cls, path: Any) -> Any:
        return expanded(path) if isinstance(path, str) else path

    @property
    def has_published_sets(self) -> bool:
        """Whether its publisher drew and reviewed sets of frames."""
        return False

    @property
    def has_boxes(self) -> bool:
        """Whether its frames have boxes to detect."""
        return False

    def require_drawable(self, name: str) -> None:
        """Refuse sources from whose videos no anchors can be drawn.

        Args:
            name: Of the source, for the message.

        Raises:
            ValueError: Says why not.
        """
        raise ValueError(f"anchors are drawn from videos; {name!r} is of kind {self.kind}")
