"""The files of reviewers' decisions: one per reviewer, one line per decision.

A line is never changed: a correction adds a line, and the last line of a round and pair counts.
"""

import csv
import errno
import fcntl
import io
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from wildframe.core.errors import UserError
from wildframe.core.files import is_safe_id
from wildframe.reviews.labels import objection, ordered

HEADER = ("round", "annotator", "anchor_id", "image_id", "tags", "notes", "labels", "time")

_UNLABELLED = tuple(name for name in HEADER if name != "labels")
"""The header of files of other tools and of earlier versions."""

Pair = tuple[str, str]
"""``anchor_id`` and ``image_id``."""

# A line of ours that broke off ends in a part of this; a time that a program rewrote does not.
_TIME = "0000-00-00T00:00:00Z"


@dataclass(frozen=True, slots=True)
class Decision:
    """The decision of one reviewer on one pair in one round."""

    round: int
    annotator: str
    pair: Pair
    tags: tuple[str, ...]
    """In the official order, at least one."""
    notes: str = ""
    labels: str = field(default="", compare=False)
    """Of `shown_labels`, as they were when it was made; empty if that is not known."""
    time: str = field(default="", compare=False)
    """When it was saved."""
    where: str = field(default="", compare=False)
    """File and line it was read from."""

    @property
    def key(self) -> "Key":
        """What it decides: of several with one key the last counts."""
        return self.round, self.annotator, self.pair


Key = tuple[int, str, Pair]

Decisions = Mapping[Key, Decision]
"""The decisions that count, by round, annotator and pair."""


def read_decisions(paths: Iterable[Path]) -> tuple[dict[Key, Decision], list[str]]:
    """Read reviewers' files.

    Args:
        paths: One file per reviewer, named after the reviewer.

    Returns:
        The decisions that count, and notes about incomplete lines that were skipped.

    Raises:
        UserError: A file is invalid; names the line.
    """
    found: dict[Key, Decision] = {}
    notes = []
    for path in paths:
        text, rest = _complete_lines(path)
        if rest:
            notes.append(f"{path}: the last line is incomplete and skipped: {rest!r}")
        for decision in _parse(path, text):
            found[decision.key] = decision
    return found, notes


class DecisionFile:
    """The file of one reviewer, open while the review page is served.

    When `append` returns, the decision is on disk: killing the process loses nothing.
    """

    def __init__(self, folder: Path, annotator: str) -> None:
        """Open or create the file, and remove an incomplete last line.

        Args:
            folder: Folder of the files; created if absent.
            annotator: Name of the reviewer.

        Raises:
            UserError: The name cannot be a file name, another process writes the file, or it is
                invalid.
        """
        if not is_safe_id(annotator):
            raise UserError(
                f"--annotator {annotator!r}: a name is made of up to 200 letters (a-z, A-Z), "
                "digits, '.', '_' and '-', and starts with a letter or digit; it names the file of "
                "decisions"
            )
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / f"{annotator}.csv"
        self.annotator = annotator
        self.note = ""
        """About an incomplete line, if there was one."""
        self._appended: list[tuple[Decision, Decision | None]] = []
        """With what counted before each."""
        self._open()
        try:
            self._read(_complete_lines(self.path)[0])
            self._mend()
        except BaseException:
            self.close()
            raise

    def _open(self) -> None:
        # Not its number, which a connection may get once it is closed.
        self._file = io.FileIO(self.path, "a+")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.close()
            raise UserError(
                f"{self.path}: another review page of {self.annotator} is open; stop it, or review "
                "under another name"
            ) from None

    def close(self) -> None:
        """Close the file if it is open, so that another process may write it."""
        self._file.close()

    def append(self, decision: Decision) -> None:
        """Add a decision, unless it counts already, and wait until it is on disk.

        Another program may have replaced the file, as editors and ``git checkout`` do: it is added
        to the one that is there now, with the decisions added before that it lacks.

        Raises:
            OSError: It could not be written; the file is as before.
            UserError: Another program made the file invalid; nothing is written.
        """
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        if self._is_changed():
            self._follow()
        # One line per decision, so that an incomplete one is detected.
        decision = replace(decision, notes=" ".join(decision.notes.split()), time=now)
        before = self._counting.get(decision.key)
        if before != decision or before.labels not in ("", decision.labels):
            self._add(decision)
            self._appended.append((decision, before))

    def _read(self, text: str) -> list[Decision]:
        decisions = _parse(self.path, text)
        self._counting = {decision.key: decision for decision in decisions}
        return decisions

    def _add(self, decision: Decision) -> None:
        self._write(self._line_of(decision))
        self._counting[decision.key] = decision

    def _line_of(self, decision: Decision) -> str:
        anchor, image = decision.pair
        values = {
            "round": decision.round,
            "annotator": decision.annotator,
            "anchor_id": anchor,
            "image_id": image,
            "tags": ";".join(decision.tags),
            "notes": decision.notes,
            "labels": decision.labels,
            "time": decision.time,
        }
        return _line([values[name] for name in self._header])

    def _is_changed(self) -> bool:
        """Tell whether another program wrote the file, or put another in its place."""
        if self._file.closed:
            return True
        own = os.fstat(self._file.fileno())
        try:
            found = self.path.stat()
        except OSError:
            return True
        return (found.st_dev, found.st_ino, found.st_size) != (own.st_dev, own.st_ino, self._size)

    def _follow(self) -> None:
        """Go on in the file that is there now, with the decisions that it lacks of this review.

        It lacks one whose line is not there, if it has none on the pair, or the one that was
        corrected by it counts; another one was made elsewhere since, and stays.

        Raises:
            OSError: It cannot be opened or written.
            UserError: It is invalid.
        """
        self.close()
        try:
            self._open()
            text, rest = _complete_lines(self.path)
            if rest:
                raise UserError(
                    f"{self.path}: another program left an incomplete last line: {rest!r}; "
                    "correct it"
                )
            there = {(decision, decision.time) for decision in self._read(text)}
            self._mend()
            for decision, before in self._appended:
                is_there = (decision, decision.time) in there
                if not is_there and self._counting.get(decision.key) in (None, before):
                    self._add(decision)
        except BaseException:
            self.close()  # which lets the next decision try all of this again
            raise

    def _mend(self) -> None:
        text, rest = _complete_lines(self.path)
        self._header = _header_of(text)
        if rest:
            self.note = f"{self.path}: the last line is incomplete and dropped: {rest!r}"
            self._file.truncate(self._file.seek(0, io.SEEK_END) - len(rest.encode(*_AS_IS)))
        if not text:
            self._write(_line(HEADER))
        elif not text.endswith("\n"):
            self._write("\n")
        os.fsync(self._file)
        self._size = self._file.seek(0, io.SEEK_END)
        directory = os.open(self.path.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)

    def _write(self, text: str) -> None:
        data = text.encode()
        size = self._file.seek(0, io.SEEK_END)
        try:
            if os.write(self._file.fileno(), data) < len(data):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self.path))
            os.fsync(self._file.fileno())
        except OSError:
            self._file.truncate(size)
            raise
        self._size = size + len(data)


_AS_IS = ("utf-8", "surrogateescape")


def _line(values: Sequence[object]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow(values)
    return buffer.getvalue()


def _complete_lines(path: Path) -> tuple[str, str]:
    """Return the complete lines of a file, and the rest: an incomplete last line."""
    try:
        text = path.read_bytes().decode(*_AS_IS)
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror})") from error
    start = text.rfind("\n") + 1
    last = text[start:]
    # An editor may drop the last line's end; the line is complete.
    try:
        values = next(csv.reader([last]), [])
    except csv.Error:  # no half of a line of ours: reading the file tells the problem
        return text, ""
    is_whole = len(values) == len(_header_of(text)) and not _breaks_off(values[-1])
    headers = (HEADER, _UNLABELLED)
    is_ours = start > 0 or any(_line(header).startswith(last) for header in headers)
    if not last or is_whole or not is_ours or tuple(values) in headers:
        return text, ""
    return text[:start], last


def _header_of(text: str) -> Sequence[str]:
    """Return which of the two headers a file has; that of new files if neither."""
    lines = io.StringIO(text.removeprefix("\ufeff"), newline="")
    try:
        values = next(csv.reader(lines), [])
    except csv.Error:
        return HEADER
    return _UNLABELLED if tuple(values) == _UNLABELLED else HEADER


def _breaks_off(time: str) -> bool:
    return len(time) < len(_TIME) and _TIME.startswith(re.sub(r"\d", "0", time))


def _parse(path: Path, text: str) -> list[Decision]:
    rows = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    decisions = []
    try:
        text.encode()
    except UnicodeEncodeError:
        raise UserError(f"{path}: not UTF-8 text; save it as UTF-8") from None
    try:
        header = next(rows, None)
        if header is None:
            return []
        if tuple(header) not in (HEADER, _UNLABELLED):
            raise UserError(
                f"{path}: the first line should be {','.join(HEADER)}; is it a file of decisions?"
            )
        for row in rows:
            if row:
                where = f"{path}: line {rows.line_num}"
                decisions.append(_decision(where, path.stem, header, row))
    except csv.Error as error:
        raise UserError(f"{path}: line {rows.line_num}: {error}; correct the line") from error
    return decisions


def _decision(where: str, annotator: str, header: Sequence[str], row: Sequence[str]) -> Decision:
    if len(row) != len(header):
        raise UserError(f"{where}: {len(header)} values are expected, {len(row)} found; correct it")
    values = dict(zip(header, row, strict=True))
    if values["round"] not in ("1", "2"):
        raise UserError(f"{where}: the round is 1 or 2, not {values['round']!r}; correct it")
    if values["annotator"] != annotator:
        raise UserError(
            f"{where}: the annotator is {values['annotator']!r}, by the file's name "
            f"{annotator!r}; use one file per reviewer"
        )
    tags = [tag.strip() for tag in values["tags"].split(";") if tag.strip()]
    if wrong := objection(tags):
        raise UserError(f"{where}: {wrong.rstrip('.')}; correct the line")
    pair = (values["anchor_id"], values["image_id"])
    return Decision(
        int(values["round"]),
        annotator,
        pair,
        ordered(tags),
        values["notes"],
        values.get("labels", ""),
        values["time"],
        where,
    )
