"""The sense table: which classes a word does not mean, for a person to edit.

Words match classes by spelling alone, so that a napkin becomes a diaper. A row of the table says
whether to keep or drop a class for a word, and why. A row with a noun, its head (``nail_gun``) or
whole (``pot_(planter)``), applies to that noun only and overrides rows without.
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
        """Store whether to drop a sense, by (noun or empty, word, wnid) in lower case."""
        self._decisions = decisions

    def drops(self, nouns: Iterable[str], word: str, wnid: str) -> bool:
        """Tell whether the table drops a class that a word of a noun matched.

        Args:
            nouns: Names of the noun, the most specific first.
            word: The part of the noun that matched.
            wnid: The class.
        """
        keys = ((noun, word, wnid) for noun in (*nouns, ""))
        return next((self._decisions[key] for key in keys if key in self._decisions), False)


def read_senses(table: str) -> SenseTable:
    """Read a sense table.

    Args:
        table: ``shipped``, or a CSV file with the columns noun (may be empty), word, wnid,
            decision (keep or drop) and why.

    Raises:
        UserError: The file is absent or invalid; names the line.
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
            raise UserError(
                f"{where}: {' '.join(key).strip()} was decided in an earlier line already"
            )
        decisions[key] = row["decision"] == "drop"
    return decisions
