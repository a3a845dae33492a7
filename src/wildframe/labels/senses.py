"""The sense table: which classes a word is known not to mean, for a person to edit.

Words name classes by spelling alone, so that a napkin becomes a diaper. A row of the table says
of a word and a class whether to keep or drop that sense, and why; where it also names a noun, by
its head (``nail_gun``) or whole (``pot_(planter)``), it holds for that noun and goes before rows
that hold for all.
"""

import csv
import hashlib
from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import Path

from wildframe.core.errors import UserError
from wildframe.core.files import require_file

SHIPPED = "shipped"
_COLUMNS = ("noun", "word", "wnid", "decision", "why")


class SenseTable:
    """Decisions about senses, by noun, word and class."""

    def __init__(self, decisions: Mapping[tuple[str, str, str], bool]) -> None:
        """Take whether to drop a sense, by (noun or empty, word, wnid) in lower case."""
        self._decisions = decisions

    def drops(self, nouns: Iterable[str], word: str, wnid: str) -> bool:
        """Tell whether the table drops what a word was taken for.

        Args:
            nouns: Names of the noun, the most specific first.
            word: The part of it that named the class.
            wnid: The class.
        """
        for noun in (*nouns, ""):
            if (drop := self._decisions.get((noun, word, wnid))) is not None:
                return drop
        return False


def read_senses(table: str) -> SenseTable:
    """Read a sense table.

    Args:
        table: ``shipped``, or a CSV file with the columns noun (may be empty), word, wnid,
            decision (keep or drop) and why.

    Raises:
        UserError: The file is absent or not such a table; names the line.
    """
    lines = _text(table).splitlines()
    rows = csv.DictReader(lines)
    if tuple(rows.fieldnames or ()) != _COLUMNS:
        raise UserError(f"{table}: the first line of a sense table reads {','.join(_COLUMNS)}")
    return SenseTable(_parse(table, rows))


def senses_sha256(table: str) -> str:
    """Return a hash of a sense table's content; errors as in `read_senses`."""
    return hashlib.sha256(_text(table).encode()).hexdigest()


def _text(table: str) -> str:
    if table == SHIPPED:
        return (resources.files("wildframe") / "data" / "senses.csv").read_text(encoding="utf-8")
    path = require_file(Path(table).expanduser(), "correct datasets.<name>.senses in the config")
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: not UTF-8 text ({error})") from error


def _parse(table: str, rows: "csv.DictReader[str]") -> dict[tuple[str, str, str], bool]:
    decisions: dict[tuple[str, str, str], bool] = {}
    for row in rows:
        where = f"{table}: line {rows.line_num}"
        if None in row or None in row.values():
            raise UserError(
                f"{where}: {len(_COLUMNS)} values are expected, in quotes if they hold a comma"
            )
        if row["decision"] not in ("keep", "drop"):
            raise UserError(f"{where}: the decision is {row['decision']!r}; write keep or drop")
        key = (row["noun"].casefold(), row["word"].casefold(), row["wnid"])
        if key in decisions:
            raise UserError(f"{where}: {' '.join(key).strip()} was decided further up already")
        decisions[key] = row["decision"] == "drop"
    return decisions
