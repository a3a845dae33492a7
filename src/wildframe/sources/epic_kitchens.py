"""EPIC-Kitchens-55 and -100: actions of a verb and a noun, in long first-person videos."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field

from wildframe.core.errors import UserError
from wildframe.core.own_csv import iter_records
from wildframe.core.pickles import Frame, read_pickle
from wildframe.core.strict import HomePath
from wildframe.core.tables import Row
from wildframe.sources.clip_lists import (
    Classes,
    MediaTemplate,
    PublishedClips,
    rate_of,
    read_class_list,
    record,
)

_NUMBER = re.compile(r"[0-9]{1,9}")
_STAMP = re.compile(r"([0-9]{1,9}):([0-9]{2}):([0-9]{2}(?:\.[0-9]{1,9})?)")
_COLUMNS = ("participant_id", "video_id")
_FRAMES = ("start_frame", "stop_frame")
_STAMPS = ("start_timestamp", "stop_timestamp")
_CLASSES = ("verb_class", "noun_class")
_IDS = ("narration_id", "uid")
"""Columns that number actions, of the CSV files of 100 and of 55."""


class EpicKitchensSource(PublishedClips):
    """Actions of EPIC-Kitchens, in CSV files or pickled data frames."""

    class_settings: ClassVar[tuple[str, ...]] = ("verb_classes", "noun_classes")

    kind: Literal["epic_kitchens"]
    media: MediaTemplate = Field(
        "{participant_id}/rgb_frames/{video_id}",
        description="Folder of frames below the root, or video such as "
        "{participant_id}/videos/{video_id}.MP4; of 55, frames are in {video_id}",
    )
    rate: float = Field(
        60,
        gt=0,
        description="Nominal frame rate of folders of frames: only turns frame numbers to seconds",
    )
    verb_classes: HomePath | None = Field(None, description="Publisher's CSV file of the verbs")
    noun_classes: HomePath | None = Field(None, description="Publisher's CSV file of the nouns")

    def known_classes(self) -> Classes:
        """Return verbs and nouns, as far as there are lists of them."""
        given = {"verb": self.verb_classes, "noun": self.noun_classes}
        return {head: read_class_list(Path(path)) for head, path in given.items() if path}

    def records(self) -> Iterator[Row]:
        """Yield the actions of the lists."""
        for split, path in self.lists():
            for where, row in _iter_actions(path):
                yield self._record(split, where, row) | {"where": where}

    def _record(self, split: str, where: str, row: Mapping[str, str]) -> Row:
        video, participant = row["video_id"], row["participant_id"]
        media = self.media.format(video_id=video, participant_id=participant)
        rate = rate_of(media, self.rate)
        name = next((row[column] for column in _IDS if row.get(column)), None)
        known: Row = {"video_id": video, "participant_id": participant, "viewpoint": "ego"}
        try:
            if rate:  # frames count from 1
                edges = [(_number(row, column) - 1) / rate for column in _FRAMES]
            else:
                edges = [_seconds(row.get(column, "")) for column in _STAMPS]
            known["start"], known["stop"] = edges
            for column in filter(row.__contains__, _CLASSES):
                known[column.removesuffix("_class")] = str(_number(row, column))
            # Of several actions at once, only the classes differ.
            times = (f"{edge:.10g}" for edge in edges)
            classes = filter(None, (known.get("verb"), known.get("noun")))
            name = name or "-".join((video, *times, *classes))
        except ValueError as error:
            known["problem"] = f"{where}: {error}"
        if name and not name.startswith(video):
            name = f"{video}_{name}"
        return record(name, media, split, rate=rate, **known)


def _iter_actions(path: Path) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Yield where each action is named, and its columns as texts."""
    if path.suffix != ".pkl":
        for line, row in iter_records(path, _COLUMNS, others=True):
            yield f"line {line}", row
        return
    frame = read_pickle(path)
    if not isinstance(frame, Frame) or not {*_COLUMNS} <= frame.columns.keys():
        raise UserError(
            f"{path}: not a data frame with the columns {', '.join(_COLUMNS)}; take the "
            "publisher's list"
        )
    # Ids are the index of the publisher's pickles; a plain range is of rows.
    has_ids = frame.columns.keys().isdisjoint(_IDS) and frame.index != [*range(len(frame.index))]
    for index, values in zip(frame.index, zip(*frame.columns.values(), strict=True), strict=True):
        texts = dict(zip(frame.columns, map(str, values), strict=True))
        yield f"row {index}", {_IDS[0]: str(index)} | texts if has_ids else texts


def _number(row: Mapping[str, str], column: str) -> int:
    text = row.get(column, "")
    if not _NUMBER.fullmatch(text):
        raise ValueError(f"{column} is {text[:40]!r}, not a whole number")
    return int(text)


def _seconds(stamp: str) -> float:
    match = _STAMP.fullmatch(stamp)
    if match is None:
        raise ValueError(f"{stamp[:40]!r} is not a time such as 00:01:02.500")
    return int(match[1]) * 3600 + int(match[2]) * 60 + float(match[3])
