"""Lines on a terminal, above a few live ones at its bottom; or in a file, as plain text."""

import os
import shutil
from collections.abc import Iterable
from typing import TextIO

RED, YELLOW = 31, 33
_CLEAR_TO_END = "\r\x1b[J"
# A terminal that is made narrower would otherwise break a live line into two.
_NO_WRAP, _WRAP = "\x1b[?7l", "\x1b[?7h"


class Terminal:
    """A stream that is written to from the top, and has live lines if it is a terminal.

    The cursor rests at the start of the live lines: whatever else writes to the terminal writes
    over them, not behind, and a run that is killed leaves nothing to restore.
    """

    def __init__(self, stream: TextIO, *, live: bool, colors: bool) -> None:
        self.live = live
        self._stream = stream
        self._colors = colors
        self._shown = ""

    def say(self, text: str, color: int | None = None) -> None:
        """Write lines, above the live ones."""
        if color is not None and self._colors:
            text = f"\x1b[{color}m{text}\x1b[0m"
        erased = _CLEAR_TO_END if self._shown else ""
        self._write(f"{erased}{text}\n{self._shown}")

    def show(self, lines: Iterable[str]) -> None:
        """Replace the live lines by others, cut to the size of the terminal; none are erased."""
        if not self.live:
            return
        width, height = self._size()
        rows = [line[: width - 1] for line in lines][: height - 1]
        before = self._shown
        up = f"\x1b[{len(rows) - 1}A" if len(rows) > 1 else ""
        self._shown = _NO_WRAP + "\n".join(rows) + _WRAP + up + "\r" if rows else ""
        self._write((_CLEAR_TO_END if before else "") + self._shown)

    def silence(self) -> None:
        """Write nothing any more: who read it is gone."""
        os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())

    def _size(self) -> tuple[int, int]:
        size = os.get_terminal_size(self._stream.fileno())
        default = shutil.get_terminal_size()
        return size.columns or default.columns, size.lines or default.lines

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


def open_terminal(stream: TextIO, *, live: bool, colors: bool) -> Terminal:
    """Return the terminal behind a stream, with live lines and colours if it has and wants them.

    A dumb terminal, a pipe, a file and a service for continuous integration get plain lines.
    """
    able = stream.isatty() and os.environ.get("TERM", "dumb") != "dumb" and "CI" not in os.environ
    return Terminal(
        stream, live=live and able, colors=colors and able and not os.environ.get("NO_COLOR")
    )
