"""Live lines on a pseudo-terminal, whose screen a few lines here work out."""

import fcntl
import os
import pty
import re
import struct
import termios

import pytest

from snakemake_logger_plugin_wildframe.terminal import RED, open_terminal

CODES = re.compile(r"\x1b\[(\??)(\d*)([A-Za-z])|(\r)|(\n)|([^\x1b\r\n]+)")

END = "\a"


class Screen:
    """A terminal of some size, and what stands on it."""

    def __init__(self, columns: int, lines: int) -> None:
        self._own, theirs = pty.openpty()
        self.resize(columns, lines)
        self.stream = os.fdopen(theirs, "w")
        self._rows, self._row, self._column = [""], 0, 0

    def resize(self, columns: int, lines: int) -> None:
        size = struct.pack("HHHH", lines, columns, 0, 0)
        fcntl.ioctl(self._own, termios.TIOCSWINSZ, size)

    def read(self) -> str:
        """Return what was written since."""
        self.stream.write(END)
        self.stream.flush()
        written = ""
        while not written.endswith(END):
            written += os.read(self._own, 65536).decode()
        return written.removesuffix(END)

    def rows(self) -> list[str]:
        """Return the lines that stand on the screen, from the first that was written."""
        for private, number, code, home, down, text in CODES.findall(self.read()):
            if home:
                self._column = 0
            elif down:
                self._row += 1
                self._rows += [""] * (self._row == len(self._rows))
            elif text:
                row = self._rows[self._row].ljust(self._column)
                end = self._column + len(text)
                self._rows[self._row] = row[: self._column] + text + row[end:]
                self._column = end
            elif code == "A":
                self._row -= int(number)
            elif code == "J":
                self._rows[self._row :] = [self._rows[self._row][: self._column]]
            else:
                assert code == "m" or (private and number == "7"), code
        return [row for row in self._rows if row]

    def close(self) -> None:
        self.stream.close()
        os.close(self._own)


@pytest.fixture
def screen(monkeypatch):
    for name in ("CI", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    screen = Screen(40, 6)
    yield screen
    screen.close()


def test_live_lines_stay_below_what_is_said(screen):
    terminal = open_terminal(screen.stream, live=True, colors=True)
    terminal.say("begun")
    terminal.show(["1/9", "frames"])
    assert screen.rows() == ["begun", "1/9", "frames"]
    terminal.say("a job\nof two lines", RED)
    terminal.show(["2/9"])
    assert screen.rows() == ["begun", "a job", "of two lines", "2/9"]
    terminal.show([])
    terminal.say("ended")
    assert screen.rows() == ["begun", "a job", "of two lines", "ended"]


def test_live_lines_are_cut_to_the_terminal_whatever_its_size_becomes(screen):
    terminal = open_terminal(screen.stream, live=True, colors=True)
    terminal.show(["x" * 100] * 9)
    assert screen.rows() == ["x" * 39] * 5
    screen.resize(10, 3)
    terminal.show(["y" * 100] * 9)
    assert screen.rows() == ["y" * 9] * 2


def test_what_others_write_does_not_hang_on_a_live_line(screen):
    terminal = open_terminal(screen.stream, live=True, colors=True)
    terminal.show(["1/9", "frames"])
    screen.stream.write("^C\n")
    terminal.show(["1/9", "frames"])
    assert screen.rows() == ["^C9", "1/9", "frames"]


def test_wrapping_is_on_again_after_each_write(screen):
    terminal = open_terminal(screen.stream, live=True, colors=True)
    terminal.show(["1/9", "frames"])
    written = screen.read()
    assert written.rindex("\x1b[?7h") > written.rindex("\x1b[?7l")
    assert "\x1b[?25l" not in written  # the cursor stays visible


@pytest.mark.parametrize(
    ("name", "value"), [("TERM", "dumb"), ("TERM", None), ("CI", "true"), ("CI", "")]
)
def test_a_dumb_terminal_and_continuous_integration_get_plain_lines(
    screen, monkeypatch, name, value
):
    if value is None:
        monkeypatch.delenv(name)
    else:
        monkeypatch.setenv(name, value)
    terminal = open_terminal(screen.stream, live=True, colors=True)
    assert not terminal.live
    terminal.show(["1/9"])
    terminal.say("failed", RED)
    assert screen.read() == "failed\r\n"


def test_a_file_gets_plain_lines(tmp_path, monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    with (tmp_path / "out").open("w") as stream:
        terminal = open_terminal(stream, live=True, colors=True)
        terminal.show(["1/9"])
        terminal.say("failed", RED)
    assert (tmp_path / "out").read_text() == "failed\n"


def test_colours_are_left_out_where_they_are_unwanted(screen, monkeypatch):
    open_terminal(screen.stream, live=True, colors=True).say("failed", RED)
    assert screen.read() == "\x1b[31mfailed\x1b[0m\r\n"
    open_terminal(screen.stream, live=True, colors=False).say("failed", RED)
    assert screen.read() == "failed\r\n"
    monkeypatch.setenv("NO_COLOR", "1")
    terminal = open_terminal(screen.stream, live=True, colors=True)
    terminal.say("failed", RED)
    assert screen.read() == "failed\r\n"
    assert terminal.live


def test_without_live_lines_nothing_is_shown(screen):
    terminal = open_terminal(screen.stream, live=False, colors=True)
    terminal.show(["1/9"])
    terminal.say("done")
    assert screen.read() == "done\r\n"
