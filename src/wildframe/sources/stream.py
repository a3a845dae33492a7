"""JSON files that are too large to be read at once: a top-level list, element by element.

Each element is decoded by Python's own scanner from a window that slides over the text. So NaN, a
lone half of a surrogate pair or an integer of any size are read as by `json.load`, and validated by
the reader of the element. A key of the top level that is there twice is refused: of two images,
say, one would be lost in silence.
"""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TextIO

from wildframe.core.errors import UserError
from wildframe.core.files import require_file

_CHUNK = 2**18
_LONGEST = 2**26
"""Characters of one element; a video of hours with all its boxes stays far below."""

_SPACE = re.compile(r"[ \t\n\r]*")

# A number may go on after where it seems to end: "1" + "e+5" needs three characters to tell.
_LOOKAHEAD = 3
# The longest token that the scanner reports as wrong when its end is not there yet: a pair \uXXXX.
_TOKEN = 12


def iter_list(
    path: Path,
    key: str,
    *,
    kind: str,
    remedy: str,
    check: Callable[[str, Any], None] = lambda name, value: None,
    chunk: int = _CHUNK,
    longest: int = _LONGEST,
) -> Iterator[Any]:
    """Yield the elements of a list in the top-level object of a JSON file, in bounded memory.

    Args:
        path: JSON file in UTF-8, with or without a byte order mark.
        key: Name of the list; other lists are skipped element by element.
        kind: What the file should be, for messages: ``a fho_scod_*.json of version 1``.
        remedy: How to get the file if it is absent; completes a sentence.
        check: Called with name and value of every other member, in the order of the file, which
            may be after the list; may raise.
        chunk: Characters read at a time.
        longest: Most characters of an element.

    Raises:
        UserError: The file is absent, not JSON, truncated, has no such list, or has a key of
            the top level twice. Elements before the error have been yielded by then.
    """
    require_file(path, remedy)
    with path.open(encoding="utf-8-sig", newline="") as file:
        window = _Window(path, file, chunk, longest)
        found = False
        if window.peek() == "{":
            for name in window.members():
                found |= name == key and window.peek() == "["
                if window.peek() != "[":
                    check(name, window.value())
                elif name == key:
                    yield from window.elements()
                else:
                    for _ in window.elements():
                        pass
            window.end()
    if not found:
        raise UserError(f"{path}: no list {key!r} at the top level; is this {kind}?")


def iter_members(path: Path, *, kind: str, remedy: str) -> Iterator[tuple[str, Any]]:
    """Yield name and value of each member of the top-level object of a JSON file, one in memory.

    Args:
        path: JSON file in UTF-8, with or without a byte order mark.
        kind: What the file should be, for messages.
        remedy: How to get the file if it is absent; completes a sentence.

    Raises:
        UserError: As `iter_list`; the file has no object at the top level.
    """
    require_file(path, remedy)
    with path.open(encoding="utf-8-sig", newline="") as file:
        window = _Window(path, file, _CHUNK, _LONGEST)
        if window.peek() != "{":
            raise UserError(f"{path}: no object at the top level; is this {kind}?")
        for name in window.members():
            yield name, window.value()
        window.end()


class _Window:
    """A window on a file's text that only moves forward."""

    def __init__(self, path: Path, file: TextIO, chunk: int, longest: int) -> None:
        self._path = path
        self._file = file
        self._chunk = chunk
        self._longest = longest
        self._text = ""
        self._place = 0  # in the text
        self._before = 0  # characters of the file before the text
        self._ended = False

    def peek(self) -> str:
        """Return the next character that is not white space; an empty string at the end."""
        while True:
            match = _SPACE.match(self._text, self._place)
            self._place = match.end() if match else self._place
            if self._place < len(self._text) or self._ended:
                return self._text[self._place : self._place + 1]
            self._read()

    def value(self) -> Any:
        """Return the value that begins here and move past it."""
        self.peek()
        while True:
            try:
                value, end = _decode(self._text, self._place)
            except json.JSONDecodeError as error:
                if self._ended or not self._may_be_cut(error):
                    raise self._fault(error.msg, error.pos) from error
            except (ValueError, RecursionError) as error:
                raise self._fault(str(error), self._place) from error
            else:
                if self._ended or end + _LOOKAHEAD <= len(self._text):
                    self._place = end
                    return value
            if len(self._text) - self._place > self._longest:
                raise self._fault(f"no end within {self._longest} characters", self._place)
            self._read()

    def members(self) -> Iterator[str]:
        """Yield the names of the object that begins here; the caller moves past each value."""
        names: set[str] = set()
        for _ in self._parts("}"):
            if self.peek() != '"':
                raise self._fault("Expecting property name enclosed in double quotes", self._place)
            name = self.value()
            if name in names:
                raise UserError(
                    f"{self._path}: the key {name!r} is there twice ({self._at(self._place)}); "
                    "leave one"
                )
            names.add(name)
            if self.peek() != ":":
                raise self._fault("Expecting ':' delimiter", self._place)
            self._place += 1
            yield name

    def elements(self) -> Iterator[Any]:
        """Yield the elements of the list that begins here."""
        for _ in self._parts("]"):
            yield self.value()

    def end(self) -> None:
        """Raise if anything but white space follows."""
        if self.peek():
            raise self._fault("Extra data", self._place)

    def _parts(self, close: str) -> Iterator[None]:
        """Move past brackets and commas, and stop before each part between them."""
        self._place += 1
        if self.peek() == close:
            self._place += 1
            return
        found = ","
        while found == ",":
            yield
            found = self.peek()
            if found not in (",", close):
                raise self._fault("Expecting ',' delimiter", self._place)
            self._place += 1

    def _read(self) -> None:
        """Drop the text before the current place and read on, at least as much as is kept."""
        kept = self._text[self._place :]
        try:
            new = self._file.read(max(self._chunk, len(kept)))
        except UnicodeDecodeError as error:
            place = self._before + len(self._text)
            raise UserError(
                f"{self._path}: not JSON (not UTF-8 after character {place}); fetch the file again"
            ) from error
        self._before += self._place
        self._text, self._place = kept + new, 0
        self._ended = not new

    def _may_be_cut(self, error: json.JSONDecodeError) -> bool:
        """Tell whether the scanner may have met the end of the window and no error."""
        unterminated = error.msg.startswith("Unterminated string")
        return unterminated or error.pos + _TOKEN >= len(self._text)

    def _fault(self, message: str, place: int) -> UserError:
        return UserError(
            f"{self._path}: not JSON ({message}: {self._at(place)}); fetch the file again"
        )

    def _at(self, place: int) -> str:
        of = f" of {self._before + len(self._text)}" if self._ended else ""
        return f"character {self._before + place}{of}"


_DECODER = json.JSONDecoder()
_HUGE_DECODER = json.JSONDecoder(
    # Python refuses to convert more digits than this into an integer.
    parse_int=lambda digits: int(digits) if len(digits) < 4000 else float(digits)
)


def _decode(text: str, place: int) -> tuple[Any, int]:
    try:
        return _DECODER.raw_decode(text, place)
    except json.JSONDecodeError:
        raise
    except ValueError:
        return _HUGE_DECODER.raw_decode(text, place)
