"""A number of an exhibit, and the counts of the tables that it was made of."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from wildframe.core.errors import UserError
from wildframe.core.files import require_file
from wildframe.core.own_csv import iter_records
from wildframe.core.tables import Row, open_table

_MOST = 20
"""Rows that are shown where none holds the number itself."""

_MODELS = ("model", "model_a", "model_b")
"""Columns of models."""

_AVERAGED = (*_MODELS, "seed")
"""Columns over whose values an exhibit may average or count."""


@dataclass(frozen=True)
class Cell:
    """A cell of an exhibit's CSV; without a column, a row of it."""

    row: Mapping[str, str]
    """The cells of its row that are not empty."""
    column: str | None = None

    @property
    def value(self) -> str:
        """Its text; empty without a column."""
        return self.row.get(self.column or "", "")

    @property
    def models(self) -> list[str] | None:
        """Models that the row is of; None if it does not say."""
        named = [self.row[name] for name in _MODELS if name in self.row]
        return named or None


def read_cell(path: Path, row: int, column: str | None) -> Cell:
    """Read a cell of an exhibit.

    Args:
        path: CSV of the exhibit.
        row: Its row; 1 is the first below the header.
        column: Name of its column, as in the header; the whole row if None.

    Raises:
        UserError: The file is absent or no CSV, or has no such row or column.
    """
    if path.suffix != ".csv":
        raise UserError(f"{path}: --row reads the .csv of the exhibit; name that file")
    require_file(path, "make it by the target of the exhibit, or correct its path")
    rows = [row for _, row in iter_records(path, (), others=True)]
    if not 1 <= row <= len(rows):
        raise UserError(f"{path}: --row {row}: it has rows 1 to {len(rows)} below the header")
    cells = rows[row - 1]
    if column is not None and column not in cells:
        raise UserError(f"{path}: --column {column}: its columns are {', '.join(cells)}")
    return Cell({name: text for name, text in cells.items() if text}, column)


def rows_behind(cell: Cell, tables: Iterable[Path]) -> list[tuple[Path, Row]]:
    """Return the rows of tables that share the cell's texts, such as its model.

    Those that hold its number, as it is or as a share of 1, and what stands beside it (of ``top1``,
    ``top1_n`` is the column ``n``), if there are any; else the first few. All of them where the
    cell names no model and they are of several models or seeds: a row that holds a mean by chance
    is not what was averaged.

    Raises:
        UserError: A table is absent or damaged.
    """
    alike = [(path, row) for path in tables for row in _rows_like(cell, path)]
    if not cell.models and _are_of_several([row for _, row in alike]):
        return alike
    return [(path, row) for path, row in alike if _has_number(row, cell)] or alike[:_MOST]


def _rows_like(cell: Cell, path: Path) -> list[Row]:
    """Return the rows of a table with the texts that the cell's row has under the same names.

    A text beside the cell goes before one of the row: of ``top1``, ``top1_model`` is the column
    ``model``. Where the cell's row is of two models, those of a table of single models are of
    either; where it is of one, comparisons are of this one with itself, such as of two choices of a
    protocol. Where it names none, a column may be named after one.
    """
    require_file(path, "call this in the folder of the run, from which commands name files")
    with open_table(path) as file:
        schema = file.schema_arrow
        names = [field.name for field in schema if pa.types.is_string(field.type)]
        asked = {name: texts for name in names if (texts := _asked(cell, name))}
        flat = [field.name for field in schema if not pa.types.is_nested(field.type)]
        rows = file.read(columns=flat).to_pylist() if asked else []
    alike = [row for row in rows if all(row[name] in texts for name, texts in asked.items())]
    return alike if cell.models else _of_column(alike, cell.column)


def _asked(cell: Cell, name: str) -> list[str]:
    """Return the texts of which a column of a table must have one; none if it may have any."""
    if beside := cell.row.get(f"{cell.column}_{name}"):
        return [beside]
    if name != "model" and name in cell.row:
        return [cell.row[name]]
    return cell.models or [] if name in _MODELS else []


def _of_column(rows: list[Row], column: str | None) -> list[Row]:
    """Return the rows of the model that a column is named after: all if it is after none."""
    models = {row["model"] for row in rows if "model" in row}
    named = [model for model in models if f"_{column}".endswith(f"_{model}")]
    model = max(named, key=len, default=None)
    return [row for row in rows if model is None or row["model"] == model]


def _are_of_several(rows: list[Row]) -> bool:
    return any(len({row[name] for row in rows if name in row}) > 1 for name in _AVERAGED)


def _has_number(row: Row, cell: Cell) -> bool:
    numbers = (name for name, value in row.items() if not isinstance(value, str))
    beside = {name: cell.row.get(f"{cell.column}_{name}") for name in numbers}
    return _holds(row, cell.value) and all(
        _holds({name: row[name]}, text) for name, text in beside.items() if text
    )


def _holds(row: Row, text: str) -> bool:
    """Tell whether a value of a row is the number of a text, to the digits that it shows."""
    try:
        number = float(text)
    except ValueError:
        return False
    is_whole = text.lstrip("+-").isdecimal()
    digits = 0 if is_whole else 12 if "e" in text.lower() else len(text.partition(".")[2])
    half = 0.5 * 10.0**-digits + 1e-9
    return any(abs(value - number) <= half for value in _numbers(row, is_whole))


def _numbers(row: Row, is_whole: bool) -> Iterable[float]:
    """Yield counts, shares as percentages and, unless the text has no decimals, as they are."""
    for value in row.values():
        if isinstance(value, int | float) and not isinstance(value, bool):
            if isinstance(value, int) or not is_whole:
                yield value
            if isinstance(value, float):
                yield 100 * value
