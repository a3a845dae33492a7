"""Kinetics: lists of videos, each of one action, as training code reads them."""

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field

from wildframe.core.errors import UserError
from wildframe.core.strict import HomePath
from wildframe.core.tables import Row
from wildframe.sources.clip_lists import (
    Classes,
    PublishedClips,
    action,
    read_class_list,
    record,
)


class KineticsSource(PublishedClips):
    """Videos of one action each, in lists of lines ``path label``."""

    list_settings: ClassVar[tuple[str, ...]] = ("separator",)

    kind: Literal["kinetics"]
    separator: str = Field(" ", min_length=1, description="What separates path and label")
    class_names: HomePath | None = Field(
        None, description="CSV file id,name of the classes; without it they are called by number"
    )

    def known_classes(self) -> Classes:
        """Return the classes, if there is a list of them."""
        return {"action": read_class_list(Path(self.class_names))} if self.class_names else {}

    def records(self) -> Iterator[Row]:
        """Yield the videos of the lists."""
        for split, path in self.lists():
            for number, line in enumerate(_lines(path), start=1):
                if line:
                    yield self._record(split, number, line) | {"where": f"line {number}"}

    def _record(self, split: str, number: int, line: str) -> Row:
        media, separator, label = line.rpartition(self.separator)
        media = media.removeprefix(f"{self.root.rstrip('/')}/")
        if not separator or not label.isdecimal():
            problem = f"line {number} is not a path, {self.separator!r} and the number of a class"
            name = f"{split} line {number}"
            return record(name, line, split, media_kind="video", problem=problem)
        return record(None, media, split, media_kind="video", actions=[action(label)])


def _lines(path: Path) -> list[str]:
    try:
        return [line.strip() for line in path.read_text(encoding="utf-8-sig").splitlines()]
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: not a text in UTF-8 ({error}); save it as one") from error
