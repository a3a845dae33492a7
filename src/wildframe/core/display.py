"""Tables on the terminal, in the formats of all listing commands."""

import csv
import io
import re
from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any

import typer

# Underscores within words are text to Markdown, and model names are full of them.
_MARKUP = re.compile(r"[\\`*$~]|(?<![^\W_])_|_(?![^\W_])|\](?=\()")


# What a spreadsheet takes for a formula, and runs.
_FORMULA = re.compile(r"[=+\-@\t\r]")
_INTERVAL = re.compile(r" \[([-+]?[0-9.]+, [-+]?[0-9.]+|N/A)\]\Z")

# They would turn the direction of the text around them.
_DIRECTIONS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


class Format(StrEnum):
    """How a listing is printed."""

    csv = "csv"
    md = "md"
    table = "table"


FormatOption = Annotated[Format, typer.Option("--format", help="Output format.")]


def show(
    rows: Sequence[Mapping[str, Any]],
    columns: Sequence[str],
    fmt: Format,
    verbatim: Collection[str] = (),
) -> None:
    """Print rows to standard output; ``verbatim`` columns are set as code in Markdown."""
    cells = [[_text(row[column]) for column in columns] for row in rows]
    if fmt is Format.csv:
        print(to_csv(columns, [[csv_cell(cell) for cell in row] for row in cells]), end="")
    elif fmt is Format.md:
        from tabulate import tabulate

        as_text = [markdown_code if name in verbatim else markdown_text for name in columns]
        shown = [
            [markdown_cell(convert(cell)) for convert, cell in zip(as_text, row, strict=True)]
            for row in cells
        ]
        print(tabulate(shown, headers=columns, tablefmt="pipe", disable_numparse=True))
    else:
        _print_rich(columns, cells)


def csv_cell(text: str) -> str:
    """Return text that no spreadsheet runs: an apostrophe marks it as text."""
    return f"'{text}" if _FORMULA.match(text) and not _is_number(text) else text


def _is_number(text: str) -> bool:
    """Tell whether text is a number, maybe with its interval."""
    try:
        float(_INTERVAL.sub("", text))
    except ValueError:
        return text in ("-", "+")
    return True


def to_csv(columns: Sequence[str], cells: Sequence[Sequence[str]]) -> str:
    """Return a CSV text with a header line."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(cells)
    return buffer.getvalue()


def visible(text: str) -> str:
    """Return text in which signs that turn its direction are seen, not obeyed."""
    return _DIRECTIONS.sub("\ufffd", text)


def markdown_text(text: str) -> str:
    """Return text that Markdown shows as it is: without tags, entities, emphasis or mathematics."""
    escaped = _MARKUP.sub(r"\\\g<0>", visible(text))
    return escaped.replace("&", "&amp;").replace("<", "&lt;")


def markdown_code(text: str) -> str:
    """Return text as code in Markdown."""
    return "`" + text.replace("`", "'") + "`"


def markdown_cell(text: str) -> str:
    """Return Markdown for a cell of a table, which neither bars nor line breaks can end."""
    return " ".join(text.replace("|", "\\|").splitlines())


def _print_rich(columns: Sequence[str], cells: Sequence[Sequence[str]]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    table = Table()
    # The first names the row and is what people copy, unless it leaves others no room.
    fits = max((len(row[0]) for row in cells), default=0) <= console.width // 2
    for position, column in enumerate(columns):
        table.add_column(column, overflow="fold", no_wrap=position == 0 and fits)
    for row in cells:
        table.add_row(*(Text(value) for value in row))
    console.print(table)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return " ".join(str(item) for item in value)
    return str(value)


def interval(low: float | None, high: float | None, spec: str) -> str:
    """Return the ends of an interval by a format specification, as people read it."""
    return "N/A" if low is None else f"{low:{spec}}, {high:{spec}}"
