"""A table as researchers take it away: CSV for machines, Markdown to read, LaTeX for the paper."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from wildframe.core.display import markdown_text, to_csv, to_markdown
from wildframe.core.errors import UserError
from wildframe.core.files import write_text

Cell = Callable[[Mapping[str, Any]], str]

PAGE = 30
"""Rows that fit on a page in LaTeX."""

_LATEX = {
    "\\": r"\textbackslash{}",
    **{character: f"\\{character}" for character in "&%$#_{}"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "≥": r"$\geq$",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
}


@dataclass(frozen=True)
class Column:
    """A column: ``key`` is its name in the CSV, ``title`` for people, ``cell`` formats a row.

    A column without a title is for machines: it stands in the CSV only. ``align`` is LaTeX's: l, r.
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
    """A table of a paper: what it shows, and under it on what data it was made."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Mapping[str, Any]]
    notes: Sequence[str] = field(default_factory=tuple)

    def write(self, outputs: Sequence[Path]) -> None:
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
    def _shown(self) -> list[Column]:
        return [column for column in self.columns if column.title]

    def _texts(self, row: Mapping[str, Any]) -> list[str]:
        return [column.text(row) for column in self._shown]

    def _csv(self) -> str:
        cells = [
            ["" if row[column.key] is None else str(row[column.key]) for column in self.columns]
            for row in self.rows
        ]
        return to_csv([column.key for column in self.columns], cells)

    def _markdown(self) -> str:
        cells = [
            [
                _code(text) if column.verbatim else markdown_text(text)
                for column, text in zip(self._shown, self._texts(row), strict=True)
            ]
            for row in self.rows
        ]
        table = to_markdown([column.title for column in self._shown], cells)
        notes = "".join(f"\n{note}\n" for note in self.notes)
        return f"**{self.title}**\n\n{table}{notes}"

    def _latex(self, name: str) -> str:
        def line(values: Sequence[str]) -> str:
            return " & ".join(_escape(value) for value in values) + r" \\"

        align = "".join(column.align for column in self._shown)
        head = [r"\toprule", line([column.title for column in self._shown]), r"\midrule"]
        body = [line(self._texts(row)) for row in self.rows]
        sentences = " ".join(text.rstrip(".") + "." for text in (self.title, *self.notes))
        caption = r"\caption{" + _escape(sentences) + r"}\label{tab:" + name + "}"
        before, after = [r"\begin{table}", r"\centering"], [caption, r"\end{table}"]
        packages, environment = "booktabs", "tabular"
        if len(body) > PAGE:
            # It must break, which a float cannot; the caption stands on its first page only.
            before, after = [], []
            packages, environment = "booktabs,longtable", "longtable"
            head = [caption + r" \\", *head, r"\endfirsthead", *head, r"\endhead"]
        lines = [
            rf"% needs \usepackage{{{packages}}}",
            *before,
            rf"\begin{{{environment}}}{{{align}}}",
            *head,
            *body,
            r"\bottomrule",
            rf"\end{{{environment}}}",
            *after,
        ]
        return "\n".join([*lines, ""])


def _code(text: str) -> str:
    return "`" + text.replace("`", "'") + "`"


def _escape(text: str) -> str:
    return "".join(_LATEX.get(character, character) for character in text)
