"""Sources of clips: what every publisher's list is normalised to, and checked for."""

import re
from abc import abstractmethod
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, ClassVar, get_args

from pydantic import AfterValidator, Field

from wildframe.core.choices import ClipSplit
from wildframe.core.errors import UserError
from wildframe.core.files import require_file
from wildframe.core.own_csv import iter_records
from wildframe.core.schemas import CLIP_CLASSES, CLIP_RECORDS
from wildframe.core.source import SourceSettings, Summary
from wildframe.core.strict import HomePath
from wildframe.core.tables import Row, write_rows
from wildframe.sources.folders import (
    VIDEO_SUFFIXES,
    is_inside,
    tell_some,
    tell_unusable,
    unique_ids,
    without_suffix,
)

Classes = Mapping[str, Sequence[tuple[str, str]]]
"""Of each head, classes and their names in the order of indices."""

_Name = tuple[str, str | None]
"""A name, and what it was made of; None of one that was given."""

HEADS = ("action", "verb", "noun")
SPLITS: tuple[str, ...] = get_args(ClipSplit)
VIEWPOINTS = ("ego", "exo")

_SECONDS = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")
_FIELD = re.compile(r"{(?:video_id|participant_id)}")

_TIME = ".10g"
"""How seconds are written: six digits of hours are tenths of a second."""

_NUMBER = re.compile("0|[1-9][0-9]*")
_DIGITS = 6
"""Of the number of a class, at most: all classes up to the largest number are listed."""


def _known_fields(template: str) -> str:
    others = _FIELD.sub("", template)
    if "{video_id}" not in template or "{" in others or "}" in others:
        raise ValueError(f"{template!r}: write it with {{video_id}}, maybe {{participant_id}}")
    return template


MediaTemplate = Annotated[str, AfterValidator(_known_fields)]
"""Path of a video, or folder of frames, below the root; ``{video_id}`` stands for the video's."""


class ClipSource(SourceSettings):
    """A collection of clips."""

    tables: ClassVar[tuple[str, ...]] = ("clips", "classes")

    @abstractmethod
    def records(self) -> Iterator[Row]:
        """Yield a row of CLIP_RECORDS of each clip, and ``where`` its list names it.

        See `record` for its ids; a problem says the line itself.

        Raises:
            UserError: A list is absent or something else; names the line.
        """

    def known_classes(self) -> Classes:
        """Return the classes of heads whose publisher lists them; errors as of `records`."""
        return {}

    def list_media(self) -> list[str]:
        """Return the media that the lists name, as paths below the root; errors likewise."""
        return sorted({row["media"] for row in self.records() if is_inside(row["media"])})

    def all_lists(self) -> str:
        """Return the paths of its files, for messages."""
        return " and ".join(path for paths in self.input_files().values() for path in paths)

    def checked_records(self) -> list[Row]:
        """Return the rows of CLIP_RECORDS; errors as of `records`, or that there are none."""
        rows, _, _ = _read(self)
        return rows

    def summary(self) -> Summary:
        """Return the lists, how many clips they name, and those that cannot be used."""
        rows = self.checked_records()
        unusable = [f"{row['media']}: {row['problem']}" for row in rows if row["problem"]]
        return Summary(f"{len(rows)} clips of {self.all_lists()}", unusable)

    def options(self) -> list[str]:
        """Return the root."""
        return [f"--root={self.root}"]


class PublishedClips(ClipSource):
    """A collection whose publisher has a list a split."""

    class_settings: ClassVar[tuple[str, ...]] = ("class_names",)
    """Settings that name lists of classes."""
    list_settings: ClassVar[tuple[str, ...]] = ("media", "rate")
    """Settings that say how the lists are read."""

    train: HomePath | None = Field(None, description="List of the clips to learn from")
    val: HomePath | None = Field(None, description="List of the clips to validate on")
    test: HomePath | None = Field(None, description="List of the clips to test on")

    def input_files(self) -> dict[str, list[str]]:
        """Return the lists, and those of classes."""
        lists = {split: [str(path)] for split, path in self.lists()}
        return lists | class_lists(**{name: getattr(self, name) for name in self.class_settings})

    def splits(self) -> list[str]:
        """Return the splits that have a list."""
        return [split for split in SPLITS if getattr(self, split)]

    def options(self) -> list[str]:
        """Return the root, and how the lists are read."""
        read = [f"--{name}={getattr(self, name)}" for name in self.list_settings]
        return [*super().options(), *read]

    def lists(self) -> list[tuple[str, Path]]:
        """Return each split that has a list, and the list, which exists."""
        given = {"train": self.train, "val": self.val, "test": self.test}
        remedy = "get it from the publisher, or correct the source's lists"
        found = [(split, require_file(Path(path), remedy)) for split, path in given.items() if path]
        if not found:
            raise UserError(f"source of kind {self.kind}: give at least one of train, val and test")
        return found


def record(name: str | None, media: str, split: str, **known: Any) -> Row:
    """Return a row of CLIP_RECORDS, whose ids `write_tables` makes of its names.

    Args:
        name: The publisher's of the clip: clips of one name are one clip. None: it is named by
            media, start and stop, and only those of the same three are one clip.
        media: Path below the root; without a suffix it is a folder of frames.
        split: train, val or test.
        known: Other columns; those that are not given are null. ``video_id`` is made of ``media``
            by default.
    """
    blank: Row = dict.fromkeys(CLIP_RECORDS.schema.names)
    named = {"clip_id": name, "split": split, "media": media}
    return blank | named | {"media_kind": _media_kind(media), "actions": []} | known


def rate_of(media: str, rate: float) -> float | None:
    """Return the rate of a folder of frames; None of a video, which knows its own."""
    return rate if _media_kind(media) == "frames" else None


def _media_kind(media: str) -> str:
    return "video" if PurePosixPath(media).suffix else "frames"


def action(name: str, start: float | None = None, stop: float | None = None) -> Row:
    """Return an action of a clip; start and stop in seconds of the media."""
    return {"class": name, "start": start, "stop": stop}


def parse_actions(text: str) -> list[Row]:
    """Return the actions of a text such as ``c092 11.90 21.20;c147``."""
    found = []
    for part in filter(None, map(str.strip, text.split(";"))):
        name, *times = part.rsplit(maxsplit=2)
        is_span = len(times) == 2 and all(map(_SECONDS.fullmatch, times))
        found.append(action(name, *map(float, times)) if is_span else action(part))
    return found


def class_lists(**lists: str | None) -> dict[str, list[str]]:
    """Return the given lists of classes, which exist, by setting."""
    remedy = "get it from the publisher, or leave the setting out"
    return {
        setting: [str(require_file(Path(path), f"{remedy} ({setting})"))]
        for setting, path in lists.items()
        if path
    }


def read_class_list(path: Path) -> list[tuple[str, str]]:
    """Return classes and names of a CSV file whose first two columns are number and name.

    Raises:
        UserError: The file is absent or something else, or its numbers are not 0 to n - 1.
    """
    rows = [list(row.values()) for _, row in iter_records(path, (), others=True)]
    names = {row[0]: row[1] for row in rows if len(row) > 1}
    numbers = [str(number) for number in range(len(rows))]
    if not rows or sorted(names) != sorted(numbers):
        raise UserError(
            f"{path}: the first column should be the numbers of classes from 0 on, each once, and "
            "the second their names; take the publisher's list of classes"
        )
    return [(number, names[number]) for number in numbers]


def write_tables(source: ClipSource, clips: Path, classes: Path) -> None:
    """Write the records of a source and its classes.

    A record that cannot be used keeps a row, with the reason. Actions outside their clip are left
    out, and of several those that do not stop after their start, which is told on standard error.
    Classes that nobody lists are those that occur: all up to the largest number, or in the order of
    the alphabet (08, 10).

    Args:
        source: The source.
        clips: CLIP_RECORDS to write.
        classes: CLIP_CLASSES to write.

    Raises:
        UserError: A list is absent or invalid, or names no clip.
    """
    rows, known, left_out = _read(source)
    if left_out:
        listed = len(left_out) + sum(len(row["actions"]) for row in rows)
        tell_some(source.all_lists(), len(left_out), listed, "actions are left out", left_out[0])
    config = {
        name: [Path(path).name for path in paths] for name, paths in source.input_files().items()
    }
    told = tell_unusable(rows, source.all_lists())
    write_rows(clips, CLIP_RECORDS, told, config=config)
    numbered = (
        {"head": head, "class_index": index, "class": name, "name": shown}
        for head in HEADS
        for index, (name, shown) in enumerate(known[head])
    )
    write_rows(classes, CLIP_CLASSES, numbered, config=config)


def _read(source: ClipSource) -> tuple[list[Row], Classes, list[str]]:
    """Return the checked records of a source, its classes, and the actions that are left out."""
    rows = list(source.records())
    if not rows:
        raise UserError(f"0 clips of {source.all_lists()}: name at least one clip")
    left_out = _leave_out_unseen(rows)
    known = source.known_classes()
    classes = {head: known.get(head) or _occurring(head, rows) for head in HEADS}
    return list(_checked(rows, classes)), classes, left_out


def labels_of(row: Mapping[str, Any], head: str) -> list[str]:
    """Return the classes that a row of CLIP_RECORDS or CLIPS has of a head."""
    if head == "action":
        return [one["class"] for one in row["actions"]]
    return [] if row[head] is None else [row[head]]


def _leave_out_unseen(rows: Sequence[Row]) -> list[str]:
    """Take the actions that a clip does not show out of rows; return each with the reason.

    Those that take no time stay, as a problem of the row, if it has no others.
    """
    left_out = []
    for row in rows:
        if row["problem"] or _never(row) or all(map(_never, row["actions"])):
            continue
        found = [(one, _never(one) or _outside(one, row)) for one in row["actions"]]
        left_out += [f"{one['class']} of {row['media']}: {why}" for one, why in found if why]
        row["actions"] = [one for one, why in found if not why]
    return left_out


def _never(span: Mapping[str, Any]) -> str | None:
    """Return why a span has no time; None if it has some."""
    start, stop = span["start"] or 0, span["stop"]
    if stop is None or start < stop:
        return None
    return f"it stops at {stop:{_TIME}} s, which is not after its start at {start:{_TIME}} s"


def _outside(span: Mapping[str, Any], clip: Mapping[str, Any]) -> str | None:
    """Return why a span is no part of a clip, both in seconds of the media; None if it is."""
    start, stop = clip["start"], clip["stop"]
    if start is not None and span["stop"] is not None and span["stop"] <= start:
        return f"it stops at {span['stop']:{_TIME}} s, and the clip starts at {start:{_TIME}} s"
    if stop is not None and span["start"] is not None and span["start"] >= stop:
        return f"it starts at {span['start']:{_TIME}} s, and the clip stops at {stop:{_TIME}} s"
    return None


def _occurring(head: str, rows: Iterable[Row]) -> list[tuple[str, str]]:
    found = {name for row in rows if row["problem"] is None for name in labels_of(row, head)}
    if found and all(map(_NUMBER.fullmatch, found)):
        numbers = (int(name) for name in found if len(name) <= _DIGITS)
        names = [str(number) for number in range(max(numbers, default=-1) + 1)]
    else:
        names = sorted(found)
    return [(name, name) for name in names]


def _checked(rows: Sequence[Row], known: Classes) -> Iterator[Row]:
    """Yield rows with safe and unique ids, and with what is wrong with them."""
    classes = {head: {name for name, _ in named} for head, named in known.items()}
    clip_ids = _ids(map(_clip_name, rows), "clip")
    video_ids = _ids(map(_video_name, rows), "video")
    problems = [
        row["problem"] or ((why := _problem_of(row, classes)) and f"{row['where']}: {why}")
        for row in rows
    ]
    first: dict[str, int] = {}
    for position in sorted(range(len(rows)), key=lambda at: problems[at] is not None):
        first.setdefault(clip_ids[position], position)
    for position, (row, clip, video) in enumerate(zip(rows, clip_ids, video_ids, strict=True)):
        problem = problems[position]
        ids = {"clip_id": clip, "video_id": video}
        if first[clip] != position:
            ids["clip_id"] = f"{clip[:180]}-again-{position}"
            problem = problem or (
                f"{row['where']}: it is named again in split {row['split']}; the first usable "
                "record counts"
            )
        yield {name: row[name] for name in CLIP_RECORDS.schema.names} | ids | {"problem": problem}


def _clip_name(row: Row) -> _Name:
    if row["clip_id"] is not None:
        return row["clip_id"], None
    times = row["start"], row["stop"]
    parts = [_stem(row), *(f"{time:{_TIME}}" for time in times if time is not None)]
    return "-".join(parts), repr((row["media"], *times))


def _video_name(row: Row) -> _Name:
    if row["video_id"] is not None:
        return row["video_id"], None
    return _stem(row), row["media"]


def _stem(row: Row) -> str:
    media: str = row["media"]
    is_file = row["media_kind"] == "video" and media.lower().endswith(VIDEO_SUFFIXES)
    return without_suffix(media) if is_file else media


def _ids(names: Iterable[_Name], prefix: str) -> list[str]:
    """Return the id of each name; where several things are named alike, of each thing."""
    named = list(names)
    things = defaultdict(set)
    for name, thing in named:
        if thing:
            things[name].add(thing)
    keys = [thing if thing and len(things[name]) > 1 else name for name, thing in named]
    ids = unique_ids({key: name for key, (name, _) in zip(keys, named, strict=True)}, prefix)
    return [ids[key] for key in keys]


def _problem_of(row: Row, classes: Mapping[str, set[str]]) -> str | None:
    if not is_inside(row["media"]):
        return f"{row['media']!r} is not a path below the source's root; write it as in a/1.mp4"
    if row["media_kind"] == "frames" and not row["rate"]:
        return f"{row['media']} is a folder of frames, and their rate is not given"
    if never := next(filter(None, map(_never, [row, *row["actions"]])), None):
        return f"{never}; correct its times"
    for head, named in classes.items():
        for name in labels_of(row, head):
            if name not in named:
                return (
                    f"{name[:40]!r} is not among the {len(named)} classes of the head {head}; "
                    "correct it, or add it to a list of classes"
                )
    return None
