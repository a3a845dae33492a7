"""The settings that every kind of source has; each adapter in `sources` derives its own."""

from pathlib import Path
from typing import Any, ClassVar

from pydantic import Discriminator, Field, field_validator

from wildframe.core.strict import Strict


def expanded(path: str) -> str:
    """Return a path without its ``~``, which the shell would not expand in a quoted path.

    Raises:
        ValueError: There is no home folder.
    """
    try:
        return str(Path(path).expanduser())
    except RuntimeError as error:
        raise ValueError(f"{path!r}: there is no such home folder") from error


def kind_of(default: str, *others: str) -> Discriminator:
    """Return a discriminator by the key ``kind``, which may be left out for the default."""

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

    kind: str = Field(description="Kind of the source")
    root: str = Field(description="Folder of the data")
    data_note: str = Field(description="Short description of the data, printed under every exhibit")
    compare_with_paper: bool = Field(
        False,
        description="True for the publisher's own data: then the paper's numbers are shown as well",
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
        """Whether its frames have annotated boxes."""
        return False

    def require_drawable(self, name: str) -> None:
        """Raise a `ValueError` if anchors cannot be drawn from the source, which has this name."""
        raise ValueError(f"anchors are drawn from videos; {name!r} is of kind {self.kind}")
