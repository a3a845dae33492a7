"""A table as researchers take it away: CSV for machines, Markdown to read, LaTeX for the paper."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wildframe.core.display import csv_cell, markdown_cell, markdown_code, markdown_text
from wildframe.core.errors import UserError
from wildframe.core.files import write_text
from wildframe.exhibits.latex import to_latex

if TYPE_CHECKING:
    from pandas import DataFrame

Cell = Callable[[Mapping[str, Any]], str]


@dataclass(frozen=True)
class Column:
    """A column: ``key`` is its name in the CSV, ``title`` for people, ``cell`` formats a row.

    A column without a title is for machines: it is in the CSV only. ``align`` is LaTeX's: l, r.
    ``verbatim`` text of the data is set as code in Markdown, which would read _ and * as markup.
    ``absent`` is what people read where a row has None, which is an empty cell of the CSV.
    """

    key: str
    title: str
    cell: Cell | None = None
    align: str = "r"
    verbatim: bool = False
    absent: str = ""

    def text(self, row: Mapping[str, Any]) -> str:
        """Return the cell of a row as people read it."""
        value = row[self.key]
        if value is None:
            return self.absent
        return str(value) if self.cell is None else self.cell(row)


@dataclass(frozen=True)
class Table:
    """A table of a paper: what it shows, and under it on what data it was made.

    Raises:
        UserError: A column is none, or is not in each row.
    """

    title: str
    columns: Sequence[Column]
    rows: Sequence[Mapping[str, Any]]
    notes: Sequence[str] = ()

    def __post_init__(self) -> None:
        for column in self.columns:
            if not isinstance(column, Column):
                raise UserError(
                    f"table {self.title!r}: {column!r} is no column; write Column(key, title)"
                )
            for number, row in enumerate(self.rows):
                if column.key not in row:
                    raise UserError(
                        f"table {self.title!r}: column {column.key!r} is not in row {number}, "
                        f"which has {', '.join(row)}; correct the key of the column, or the row"
                    )

    @classmethod
    def of_numbers(cls, keys: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> "Table":
        """Return the numbers that a figure draws, under their keys."""
        return cls("Numbers of a figure", [Column(key, key) for key in keys], rows)

    @property
    def frame(self) -> "DataFrame":
        """The values as they are, under the keys of the columns."""
        from pandas import DataFrame

        keys = [column.key for column in self.columns]
        values = [[row[key] for key in keys] for row in self.rows]
        # Other types than object would turn None into NaN, and with it integers into floats.
        return DataFrame(values, columns=keys, dtype=object)

    @property
    def shown(self) -> "DataFrame":
        """The texts that people read, under the titles of the columns."""
        from pandas import DataFrame

        texts = [[column.text(row) for column in self._titled] for row in self.rows]
        return DataFrame(texts, columns=[column.title for column in self._titled], dtype=object)

    def write(self, outputs: Iterable[Path]) -> None:
        """Write the table to files, each in the format of its suffix: .csv, .md or .tex.

        Raises:
            UserError: A suffix is none of these.
        """
        for path in outputs:
            if path.suffix == ".csv":
                text = self._csv()
            elif path.suffix == ".md":
                text = self._markdown()
            elif path.suffix == ".tex":
                text = self._latex(path.stem)
            else:
                raise UserError(f"{path}: a table is written as .csv, .md or .tex")
            write_text(path, text)

    @property
    def _titled(self) -> list[Column]:
        return [column for column in self.columns if column.title]

    def _csv(self) -> str:
        texts = self.frame.map(lambda value: "" if value is None else csv_cell(str(value)))
        return str(texts.to_csv(index=False, lineterminator="\n"))

    def _markdown(self) -> str:
        texts = self.shown
        texts.columns = [markdown_cell(markdown_text(title)) for title in texts]
        for place, column in enumerate(self._titled):
            as_text = markdown_code if column.verbatim else markdown_text
            texts.isetitem(place, [markdown_cell(as_text(text)) for text in texts.iloc[:, place]])
        sides = ["left" if column.align == "l" else "right" for column in self._titled]
        table = texts.to_markdown(
            index=False, tablefmt="pipe", colalign=sides, disable_numparse=True
        )
        notes = "".join(f"\n{markdown_text(note)}\n" for note in self.notes)
        return f"**{markdown_text(self.title)}**\n\n{table}\n{notes}"

    def _latex(self, name: str) -> str:
        align = "".join(column.align for column in self._titled)
        return to_latex(self.shown, align, self.title, self.notes, name)
