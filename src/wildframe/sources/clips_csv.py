"""Any folder of clips, with a CSV file of their labels."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field

from wildframe.core.errors import UserError
from wildframe.core.files import require_file
from wildframe.core.own_csv import iter_records
from wildframe.core.strict import HomePath
from wildframe.core.tables import Row
from wildframe.sources.clip_lists import (
    HEADS,
    SPLITS,
    VIEWPOINTS,
    Classes,
    ClipSource,
    class_lists,
    parse_actions,
    record,
)

_TIMES = ("start", "stop")
_TEXTS = ("verb", "noun", "viewpoint", "pair_id", "participant_id", "video_id")
_OPTIONAL = ("split", "labels", "rate", *_TIMES, *_TEXTS)
_TIMED = re.compile(
    r".*\s(?:[-+]?[0-9]*[.:,][0-9]\S*|[-+]?[0-9.:,]+s?\s+[-+]?[0-9.:,]+s?)", re.DOTALL
)
"""What ends with a time that is no number of seconds, or not in a pair: 1:30, 1.5-3, -1 3."""
_HEADER = f"file[,{'][,'.join(_OPTIONAL)}]"


class ClipsCsvSource(ClipSource):
    """Any folder of clips."""

    kind: Literal["clips"]
    clips: HomePath = Field(
        description="CSV file of columns file[,start,stop,labels,verb,noun,viewpoint,split,rate,"
        "pair_id,participant_id,video_id]: file is a video, or a folder of images, numbered from 1 "
        "(or 0), with their rate (frames/s); start and stop in seconds, of a part of it; labels "
        "are actions separated by semicolons, each maybe with a start and a stop of its own, also "
        "in seconds of the file, as in `open door 1.5 3;sit`; viewpoint is ego or exo; split train "
        "(the default), val or test"
    )
    class_names: HomePath | None = Field(
        None,
        description="CSV file head,class,name of the classes in the order of indices, where head "
        "is action, verb or noun; without it they are those that occur, in alphabetical order; if "
        "these are numbers without leading zeros, all from 0 to the largest",
    )

    def input_files(self) -> dict[str, list[str]]:
        """Return the CSV files."""
        remedy = f"write it with the columns {_HEADER}, or correct the source's clips"
        table = {"table": [str(require_file(Path(self.clips), remedy))]}
        return table | class_lists(class_names=self.class_names)

    def known_classes(self) -> Classes:
        """Return the classes, if there is a list of them."""
        found: dict[str, list[tuple[str, str]]] = {}
        if self.class_names:
            for line, row in iter_records(Path(self.class_names), ("head", "class", "name")):
                if row["head"] not in HEADS:
                    raise UserError(
                        f"{self.class_names}: line {line}: {row['head']!r} is none of "
                        f"{', '.join(HEADS)}"
                    )
                found.setdefault(row["head"], []).append((row["class"], row["name"]))
        return found

    def records(self) -> Iterator[Row]:
        """Yield the clips of the CSV file."""
        is_listed = "action" in self.known_classes()
        for line, row in iter_records(Path(self.clips), ("file",), _OPTIONAL):
            yield _record(line, row, is_listed=is_listed) | {"where": f"line {line}"}


def _record(line: int, row: Mapping[str, str], *, is_listed: bool) -> Row:
    """Return the clip of a line; whether actions are listed decides if a time may be in a name."""
    media, problem = row["file"], None
    actions = parse_actions(row.get("labels", ""))
    known: Row = {column: row.get(column) or None for column in _TEXTS}
    try:
        known |= {column: _number(row, column) for column in (*_TIMES, "rate")}
        _require_choice(row, "viewpoint", VIEWPOINTS)
        _require_choice(row, "split", SPLITS)
        if not is_listed:
            _require_seconds(actions)
    except ValueError as error:
        problem = f"line {line}: {error}"
    return record(
        None,
        media,
        row.get("split") or "train",
        **known,
        actions=actions,
        media_kind="video" if known.get("rate") is None else "frames",
        problem=problem,
    )


def _number(row: Mapping[str, str], column: str) -> float | None:
    text = row.get(column)
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not 0 <= number < float("inf"):
        raise ValueError(f"{column} is {text!r}, not a number of at least 0")
    return number


def _require_choice(row: Mapping[str, str], column: str, choices: tuple[str, ...]) -> None:
    text = row.get(column)
    if text and text not in choices:
        raise ValueError(f"{column} is {text!r}, not {' or '.join(choices)}")


def _require_seconds(actions: list[Row]) -> None:
    for one in actions:
        if one["start"] is None and _TIMED.fullmatch(one["class"]):
            raise ValueError(
                f"{one['class'][-40:]!r} ends with what is no start and stop in seconds; "
                "write these as in 'open door 1.5 3', or list the classes in class_names"
            )
