"""What is behind an exhibit or a number of it, for people or as JSON."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

from wildframe.core.errors import UserError
from wildframe.core.tables import Row
from wildframe.provenance.lineage import doubts, trace, tree
from wildframe.provenance.number import Cell, read_cell, rows_behind


def explain(
    path: Path, row: int | None, column: str | None, fmt: Literal["tree", "json"]
) -> Iterator[str]:
    """Yield the lines of an explanation.

    Args:
        path: Exhibit of the run in whose folder this runs.
        row: Row of its CSV, 1 the first below the header: only files of its models are followed.
        column: Column of the CSV: the counts behind its number are shown, too.
        fmt: A tree for people, or JSON.

    Raises:
        UserError: The file, the row or the column is absent, or a file behind it is damaged.
    """
    if column is not None and row is None:
        raise UserError(f"--column {column}: add --row; 1 is the first below the header")
    cell = None if row is None else read_cell(path, row, column)
    files = trace(path, cell.models if cell else None)
    tables = [Path(name) for name in files[str(path)].inputs if name.endswith(".parquet")]
    behind = rows_behind(cell, [one for one in tables if str(one) in files]) if cell else []
    if fmt == "json":
        told = {
            "path": str(path),
            "doubts": list(doubts(files, path)),
            "cell": cell and asdict(cell),
            "counts": [{"path": str(table), "row": counts} for table, counts in behind],
            "files": [asdict(file) for file in files.values()],
        }
        yield json.dumps(told, indent=1, ensure_ascii=False, default=str)
        return
    yield from (f"NOTE: {doubt}" for doubt in doubts(files, path))
    if cell:
        yield from _cell_lines(cell, behind)
    yield from tree(files, str(path))


def _cell_lines(cell: Cell, behind: list[tuple[Path, Row]]) -> Iterator[str]:
    if cell.column:
        yield f"{cell.column} = {cell.value or '(empty)'}"
    yield f"row: {_in_words(cell.row)}"
    for path, counts in behind:
        yield f"of {path}: {_in_words(counts)}"
    yield ""


def _in_words(row: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in row.items() if value not in (None, ""))
