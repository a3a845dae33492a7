"""A table in LaTeX: it floats, or breaks over pages; one that is wide lies on its side."""

import itertools
import re
import textwrap
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pandas import DataFrame

PAGE = 30
"""Rows that fit on a page."""

_NARROW = 12
"""Characters that every column has room for."""


class _Layout(NamedTuple):
    is_wide: bool
    """Whether the page lies on its side."""
    cell: int
    """Most characters of a line of a cell."""
    line: int
    """Most characters of a line of the table that stay legible once shrunk to the page."""
    rows: int
    """Rows that fit on the page."""


_LAYOUTS = (
    _Layout(False, 80, 80, PAGE),
    _Layout(False, 24, 80, PAGE),
    _Layout(True, 130, 130, PAGE // 2),
    _Layout(True, 24, 130, PAGE // 2),
    _Layout(True, _NARROW, 130, PAGE // 2),
)

_ESCAPED = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        **{character: f"\\{character}" for character in "&%$#_{}"},
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "≥": r"$\geq$",
        "Δ": r"$\Delta$",
        "τ": r"$\tau$",
        "✓": r"$\surd$",
        "|": r"\textbar{}",
        "<": r"\textless{}",
        ">": r"\textgreater{}",
        # At the start of a line they would belong to the end of the line above.
        "[": "{[}",
        "*": "{*}",
        "\N{NO-BREAK SPACE}": "~",
    }
)

_CLOSE = r"\setlength{\tabcolsep}{3pt}"
"""Sets columns closer together."""

# Intervals stay whole, and so do percentages.
_TOGETHER = re.compile(r" (?=[^\[\]]*\]|%)")


class _Wrapper(textwrap.TextWrapper):
    """Breaks names of models and nouns behind their underscores, too."""

    wordsep_simple_re = re.compile(r"([\t\n\r ]+|(?<=_)(?=\S))")


def to_latex(texts: "DataFrame", align: str, title: str, notes: Sequence[str], name: str) -> str:
    r"""Return a table with its caption, and its notes below.

    Args:
        texts: Texts of the cells, under the heads of the columns.
        align: ``l`` or ``r`` of each column.
        title: The caption.
        notes: Paragraphs below the table.
        name: The label is ``tab:<name>``.

    Returns:
        LaTeX whose first line names the packages that it needs.
    """
    from pandas import DataFrame

    columns = [[head, *texts.iloc[:, place]] for place, head in enumerate(texts)]
    for layout in _LAYOUTS:
        broken = [_broken(column, layout.cell) for column in columns]
        if sum(max(map(len, itertools.chain(*cells))) for cells in broken) <= layout.line:
            break
    head, *body = zip(*broken, strict=True)
    is_long = sum(max(map(len, row)) for row in body) > layout.rows
    style = DataFrame(
        [
            [_cell(lines, f"t{side}") for side, lines in zip(align, row, strict=True)]
            for row in body
        ],
        columns=[_cell(lines, f"b{side}") for side, lines in zip(align, head, strict=True)],
    ).style.hide(axis="index")
    caption, label = escape(title), f"tab:{name}"
    if is_long:
        # It must break, which a float cannot; and it is not shrunk to the page.
        table = style.to_latex(
            environment="longtable", column_format=align, hrules=True, caption=caption, label=label
        )
        lines = [rf"\begingroup\scriptsize{_CLOSE}", table.rstrip(), r"\endgroup", _notes(notes)]
    else:
        lines = [
            r"\begin{table}",
            r"\centering",
            rf"\caption{{{caption}}}\label{{{label}}}",
            r"\begin{adjustbox}{max width=\linewidth}",
            style.to_latex(column_format=align, hrules=True).rstrip(),
            r"\end{adjustbox}",
            _notes(notes),
            r"\end{table}",
        ]
    packages = ["booktabs", "longtable" if is_long else "adjustbox", "makecell"]
    if layout.is_wide:
        lines = [r"\begin{landscape}", _CLOSE, *lines, r"\end{landscape}"]
        packages.append("pdflscape")
    needs = rf"% needs \usepackage{{{','.join(packages)}}}"
    return "\n".join([needs, *filter(None, lines), ""])


def escape(text: str) -> str:
    """Return text that LaTeX sets as it is."""
    return text.translate(_ESCAPED)


def _broken(column: Sequence[str], width: int) -> list[list[str]]:
    """Return the head of a column and its cells, each as lines of up to so many characters.

    The head is broken to fit the cells. Text without a place to break stays longer.
    """
    width = min(width, max([_NARROW, *map(len, column[1:])]))
    wrapper = _Wrapper(width, break_long_words=False, break_on_hyphens=False)
    return [wrapper.wrap(_TOGETHER.sub("\N{NO-BREAK SPACE}", text)) or [""] for text in column]


def _cell(lines: Sequence[str], place: str) -> str:
    if len(lines) == 1:
        return escape(lines[0])
    return rf"\makecell[{place}]{{" + r"\\".join(map(escape, lines)) + "}"


def _notes(notes: Iterable[str]) -> str:
    sentences = " ".join(escape(note.rstrip(".")) + "." for note in notes)
    return rf"\par\smallskip{{\raggedright\footnotesize {sentences}\par}}" if sentences else ""
