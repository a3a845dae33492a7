"""Why a job failed: the error message and the last lines of its log files."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_LAST_LINES = 10
_LONGEST = 1000
"""Characters of a log's line that are shown: it may be any text."""
_ESCAPE_CODE = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")


@dataclass(frozen=True)
class FailedJob:
    """A job that failed."""

    name: str
    logs: tuple[Path, ...]
    message: str
    """What Snakemake or the cluster says of it; empty where only the logs do."""

    def reason(self) -> str:
        """Return the message, or else the error message of the logs."""
        return self.message or error_message(self._texts())

    def last_lines(self) -> list[str]:
        """Return the last lines of the logs; the error message comes first if it stands above."""
        texts = self._texts()
        lines = [line for text in texts for line in _lines(text)]
        shown = [_cut(line) for line in lines[-_LAST_LINES:]]
        reason = error_message(texts)
        return shown if reason in shown else [reason, *(["..."] if shown else []), *shown]

    def whole_logs(self) -> list[str]:
        """Return all lines of the logs."""
        return [line for text in self._texts() for line in _lines(text)]

    def _texts(self) -> list[str]:
        # Read as bytes: of a progress bar, what stands before a carriage return is gone.
        logs = (path.read_bytes() for path in self.logs if path.is_file())
        return [log.decode(errors="replace") for log in logs]


def error_message(logs: list[str]) -> str:
    """Return why a job failed: the last ``ERROR: ...`` of its logs, else their last line."""
    lines = [line.strip() for text in logs for line in _lines(text)]
    if not lines:
        return "it has no log" if not logs else "its log is empty"
    ours = [line for line in lines if line.startswith("ERROR: ")]
    return _cut((ours or lines)[-1])


def _lines(text: str) -> Iterator[str]:
    """Yield lines as a terminal shows them: no control characters, of a progress bar the end."""
    for line in text.split("\n"):
        shown = _ESCAPE_CODE.sub("", line.rstrip("\r").rpartition("\r")[2])
        shown = "".join(char if char.isprintable() else " " for char in shown).rstrip()
        if shown.strip():
            yield shown


def _cut(line: str) -> str:
    return line if len(line) <= _LONGEST else line[:_LONGEST] + " ..."
