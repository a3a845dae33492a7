"""The sense table: which classes a word does not mean, for a person to edit.

Words match classes by spelling alone, so that a napkin becomes a diaper. A row of the table says
whether to keep or drop a class for a word, and why. A row with a noun, its head (``nail_gun``) or
whole (``pot_(planter)``), applies to that noun only and overrides rows without.
"""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from wildframe.core.class_names import plain
from wildframe.core.errors import UserError
from wildframe.core.files import require_file
from wildframe.core.own_csv import iter_records, require_wnid

SHIPPED = "shipped"
_COLUMNS = ("noun", "word", "wnid", "decision", "why")


class SenseTable:
    """Decisions about senses, by noun, word and class."""

    def __init__(self, decisions: Mapping[tuple[str, str, str], bool]) -> None:
        """Store whether to drop a sense, by (noun or empty, word, wnid), the names `plain`."""
        self._decisions = decisions

    def drops(self, noun: str, word: str, wnid: str) -> bool:
        """Tell whether the table drops a class that a word of a noun matched.

        Args:
            noun: As annotated; what is said of it goes before what is said of its head or of all.
            word: The part of the noun that matched, `plain`.
            wnid: The class.
        """
        keys = ((name, word, wnid) for name in (plain(noun), head(noun), ""))
        return next((self._decisions[key] for key in keys if key in self._decisions), False)


def head(noun: str) -> str:
    """Return the head noun, before the list of synonyms: ``nail gun`` of ``nail_gun_(tool)``."""
    return plain(noun.partition("(")[0])


def read_senses(table: str) -> SenseTable:
    """Read a sense table.

    Args:
        table: ``shipped``, or a CSV file with the columns noun (may be empty), word, wnid,
            decision (keep or drop) and why.

    Raises:
        UserError: The file is absent or invalid; names the line.
    """
    decisions: dict[tuple[str, str, str], bool] = {}
    for line, row in iter_records(_path(table), _COLUMNS):
        where = f"{table}: line {line}"
        if row["decision"] not in ("keep", "drop"):
            raise UserError(f"{where}: the decision is {row['decision']!r}; write keep or drop")
        require_wnid(where, row["wnid"])
        key = (plain(row["noun"]), plain(row["word"]), row["wnid"])
        if key in decisions:
            raise UserError(
                f"{where}: {' '.join(key).strip()} was decided in an earlier line already"
            )
        decisions[key] = row["decision"] == "drop"
    return SenseTable(decisions)


def senses_sha256(table: str) -> str:
    """Return a hash of a sense table's content; errors as in `read_senses`."""
    return hashlib.sha256(_path(table).read_bytes()).hexdigest()


def _path(table: str) -> Path:
    if table == SHIPPED:
        return Path(__file__).parents[1] / "data/senses.csv"
    return require_file(Path(table).expanduser(), "correct datasets.<name>.senses in the config")
