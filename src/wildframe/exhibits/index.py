"""The index of a run: one page with every table and figure, the funnels and the browsable pages.

It is one HTML file beside the folders of the studies, opened from disk or sent with them; its
links are relative. Tables and notes come from the Markdown of the exhibits, of which only tables,
emphasis and code are read, so that text of the data can bring neither tags nor links. Styles and
script are inline, and the page allows no others.
"""

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from pathlib import Path
from urllib.parse import quote

from jinja2 import Environment, StrictUndefined
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup
from PIL import Image

from wildframe.core.errors import UserError
from wildframe.core.files import require_file, write_text
from wildframe.core.pages import page_file
from wildframe.core.schemas import FUNNEL
from wildframe.core.tables import Row, iter_rows
from wildframe.exhibits.figure import Figure
from wildframe.exhibits.lookup import load_exhibit, study_title
from wildframe.exhibits.page import Page
from wildframe.exhibits.registry import SUFFIXES, Exhibit
from wildframe.exhibits.table import Table
from wildframe.frames import read_statuses
from wildframe.frames.kept import clip_statuses
from wildframe.manifests.funnel import summarize

STYLES, SCRIPTS = ("base.css", "index.css"), ("base.js", "index.js")

FORMATS = {
    ".csv": "CSV",
    ".md": "Markdown",
    ".tex": "LaTeX",
    ".png": "PNG",
    ".svg": "SVG",
    ".pdf": "PDF",
}
"""Names of the formats that can be downloaded."""

_KINDS = {
    SUFFIXES[Table][0]: "table",
    SUFFIXES[Figure][0]: "figure",
    SUFFIXES[Page][0]: "page",
}
"""Kinds of exhibits by the suffix of what is shown."""

_MARKDOWN = MarkdownIt("zero").enable(["table", "emphasis", "backticks", "entity", "escape"])
_NUMBER = re.compile(r"[<>≤≥~]?\s*[\[(]?[-+]?\d")


@dataclass(frozen=True)
class Text:
    """An exhibit's Markdown: its title, and HTML of its table, if any, and notes."""

    title: str
    table: Markup
    notes: list[Markup]


@dataclass(frozen=True)
class Preview:
    """An image file of the page, with its size in pixels."""

    href: str
    width: int
    height: int


@dataclass(frozen=True)
class Entry:
    """An exhibit on the page; paths are relative to it."""

    exhibit: Exhibit
    dataset: str
    kind: str
    text: Text
    links: dict[str, str]
    preview: Preview | None = None
    page: str = ""

    @property
    def anchor(self) -> str:
        """Its name in the address of the page."""
        exhibit = self.exhibit
        return "-".join(filter(None, (exhibit.study, exhibit.view, self.dataset, exhibit.name)))

    @property
    def caption(self) -> Markup:
        """Its declared caption, in HTML."""
        return Markup(_MARKDOWN.renderInline(self.exhibit.caption))  # noqa: S704  (escapes)


def write_index(
    output: Path,
    names: Sequence[str],
    funnels: Sequence[Path],
    statuses: Sequence[Path],
    enclosed: Mapping[str, str] | None = None,
) -> None:
    """Write the page.

    Args:
        output: The page, beside the folders of the studies.
        names: Exhibits in the order of their studies: ``<study>/<name>``, with the further view
            and the dataset that each is of, if any: ``<study>/<view>/<dataset>/<name>``.
        funnels: Tables ``<dataset>.funnel.parquet``.
        statuses: Which images or clips could be read: statuses of single images,
            ``<dataset>.parquet``, and shards of kept clips, ``<dataset>/<shard>.arrow``.
        enclosed: Other files beside the page that it names, each with what it is.

    Raises:
        UserError: There is no such exhibit, or a file of it is missing.
    """
    entries = [read_entry(output.parent, name) for name in names]
    of_dataset: dict[str, list[Path]] = {}
    for path in statuses:
        name = path.parent.name if path.suffix == ".arrow" else path.stem
        of_dataset.setdefault(name, []).append(path)
    style, script = ("\n".join(map(_template, files)) for files in (STYLES, SCRIPTS))
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    page = environment.from_string(_template("index.html")).render(
        style=Markup(style),  # noqa: S704  (files of the package)
        script=Markup(script),  # noqa: S704
        style_hash=_hash(style),
        script_hash=_hash(script),
        funnels=[read_funnel(path, of_dataset) for path in funnels],
        enclosed=enclosed or {},
        studies=[
            (name, study_title(name), list(_by_view_and_dataset(of_study)))
            for name, of_study in groupby(entries, lambda entry: entry.exhibit.study)
        ],
        counts=[(kind, sum(entry.kind == kind for entry in entries)) for kind in _KINDS.values()],
    )
    write_text(output, page + "\n")


def read_entry(folder: Path, name: str) -> Entry:
    """Return an exhibit of the page, named as in `write_index`.

    Raises:
        UserError: There is no such exhibit, or a file of it is missing.
    """
    malformed = UserError(f"{name}: write <study>/<name>, view and dataset, if any, between them")
    if "/" not in name:
        raise malformed
    study, *folders, own = name.split("/")
    exhibit = load_exhibit(study, own)
    dataset = folders.pop() if exhibit.datasets and folders else ""
    exhibit = replace(exhibit, view=folders.pop() if folders else "")
    if folders or bool(dataset) != bool(exhibit.datasets):
        raise malformed
    remedy = f"make it first: snakemake {exhibit.rule}"
    paths = {suffix: f"{name}{suffix}" for suffix in exhibit.suffixes}
    kind = _KINDS[exhibit.suffixes[0]]
    if kind == "page":
        page = f"{name}/index.html"
        require_file(folder / page, remedy)
        text = Text(exhibit.shows[:1].upper() + exhibit.shows[1:], Markup(), [])
        return Entry(exhibit, dataset, kind, text, {}, page=quote(page))
    for path in paths.values():
        require_file(folder / path, remedy)
    written = paths[".md"] if kind == "table" else paths[".caption.md"]
    return Entry(
        exhibit,
        dataset,
        kind,
        parse_text((folder / written).read_text(encoding="utf-8")),
        {FORMATS[suffix]: quote(path) for suffix, path in paths.items() if suffix in FORMATS},
        preview=_preview(folder, paths[".png"]) if kind == "figure" else None,
    )


def parse_text(markdown: str) -> Text:
    """Return title, table and notes of an exhibit's Markdown, in HTML without tags of the data."""
    title, table, notes = "", Markup(), []
    for block in _blocks(_MARKDOWN.parse(markdown)):
        if block[0].type == "table_open":
            _align(block)
            table += _html(block)
        elif not title:
            title = _plain(block[1])
        else:
            notes.append(_html(block[1:-1]))
    return Text(title, table, notes)


def read_funnel(path: Path, statuses: Mapping[str, Sequence[Path]]) -> tuple[str, list[Row]]:
    """Return the dataset of a funnel, and its steps with what each dropped.

    Args:
        path: The funnel.
        statuses: Statuses of images, or shards of kept clips, by dataset; those of this one are
            further steps.
    """
    dataset = path.name.removesuffix(".funnel.parquet").removesuffix(".clips-funnel.parquet")
    read = None
    if dataset in statuses:
        read = (row["status"] for file in statuses[dataset] for row in _read_statuses(file))
    return dataset, summarize(iter_rows(path, FUNNEL, ["role", "step"]), read)


def _read_statuses(path: Path) -> list[Row]:
    if path.suffix == ".arrow":
        return clip_statuses([path])
    return read_statuses(path, ["status"])


def _by_view_and_dataset(entries: Iterator[Entry]) -> Iterator[tuple[str, str, list[Entry]]]:
    """Yield the exhibits of a study as a whole, then those of each further view and dataset."""
    found: dict[tuple[str, str], list[Entry]] = {("", ""): []}
    for entry in entries:
        found.setdefault((entry.exhibit.view, entry.dataset), []).append(entry)
    yield from ((*shown, several) for shown, several in found.items() if several)


def _preview(folder: Path, path: str) -> Preview:
    with Image.open(folder / path) as image:
        return Preview(quote(path), *image.size)


def _blocks(tokens: Sequence[Token]) -> Iterator[list[Token]]:
    """Yield the tokens of each paragraph and table."""
    block: list[Token] = []
    for token in tokens:
        block.append(token)
        if token.level == 0 and token.nesting < 1:
            yield block
            block = []


def _align(table: Sequence[Token]) -> None:
    """Mark the cells of columns of numbers, which align right and sort by their first number.

    Besides numbers such a column may hold one text only: that there is none.
    """
    cells = [(tag, inline) for tag, inline in pairwise(table) if _is_cell(tag)]
    width = sum(tag.type == "th_open" for tag, _ in cells)
    for column in range(width):
        head, *body = cells[column::width]
        texts = {_plain(inline) for _, inline in body} - {""}
        numbers = {text for text in texts if _NUMBER.match(text)}
        for tag, _ in (head, *body):
            tag.attrs = {"class": "number"} if numbers and len(texts - numbers) <= 1 else {}


def _is_cell(token: Token) -> bool:
    return token.type in ("th_open", "td_open")


def _plain(inline: Token) -> str:
    return "".join(child.content for child in inline.children or ())


def _html(tokens: Sequence[Token]) -> Markup:
    # The renderer escapes all text; tags of the text are none of the rules that are enabled.
    return Markup(_MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {}))  # noqa: S704


def _template(name: str) -> str:
    return page_file("index", name).decode()


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
