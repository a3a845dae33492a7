"""Pages of the site that are made of the code: settings, tables, commands, exhibits, gallery.

Each function returns Markdown, which takes the place of its marker in a page (`conf.py`).
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from os.path import relpath
from pathlib import Path
from typing import Any

import typer

from wildframe.cli import app
from wildframe.configuration import config_schema
from wildframe.core import schemas
from wildframe.core.contracts import Contract
from wildframe.core.display import markdown_cell, markdown_code, markdown_text
from wildframe.exhibits.index import Entry, read_entry
from wildframe.exhibits.listing import list_rows
from wildframe.exhibits.lookup import declared_exhibits, study_title
from wildframe.studies.known import STUDIES

Schema = Mapping[str, Any]


def configuration() -> str:
    """Return every setting: type, default and meaning, by its place in the configuration."""
    schema = json.loads(config_schema())
    sections: list[str] = []
    group = ""
    for path, settings in places(schema, schema["$defs"]):
        first = re.split(r"\W", path)[0]
        if first != group:
            group = first
            sections.append(f"## {markdown_code(group)}")
        if path != group:
            kind = settings["properties"].get("kind", {}).get("const")
            names = [markdown_code(name) for name in (path, kind) if name]
            sections.append(f"### {' of kind '.join(names)}")
        rows = [
            [markdown_code(key), _type(setting), _meaning(setting)]
            for key, setting in settings["properties"].items()
        ]
        sections += [
            _prose(settings.get("description", "")),
            _table(["setting", "type", "meaning"], rows),
        ]
    return "\n\n".join(sections)


def places(schema: Schema, definitions: Schema, path: str = "") -> Iterator[tuple[str, Schema]]:
    """Yield each place of a configuration that has keys of its own: its path, and its schema.

    Args:
        schema: JSON Schema of the place, or of a value in which there may be such places.
        definitions: What references name, by name.
        path: Keys that lead there, joined by dots; ``<name>`` stands for a name of the user's,
            and ``[]`` for the items of a list.
    """
    if reference := schema.get("$ref"):
        schema = definitions[reference.rpartition("/")[2]]
    for variant in schema.get("anyOf", []):
        yield from places(variant, definitions, path)
    if isinstance(schema.get("items"), dict):
        yield from places(schema["items"], definitions, f"{path}[]")
    for named in _by_name(schema):
        yield from places(named, definitions, f"{path}.<name>")
    if "properties" in schema:
        yield path, schema
        for key, setting in schema["properties"].items():
            yield from places(setting, definitions, f"{path}.{key}".lstrip("."))


def _by_name(schema: Schema) -> list[Schema]:
    """Return the schemas of values whose keys are names."""
    found = [*schema.get("patternProperties", {}).values(), schema.get("additionalProperties")]
    return [one for one in found if isinstance(one, dict)]


def tables() -> str:
    """Return every table that crosses a station border: its columns, types and meanings."""
    contracts = [one for one in vars(schemas).values() if isinstance(one, Contract)]
    contracts.append(schemas.preprocessed_contract(224))
    return "\n\n".join(map(_contract, sorted(contracts, key=lambda one: one.name)))


def _contract(contract: Contract) -> str:
    rows = [
        [
            markdown_code(field.name),
            markdown_code(str(field.type)),
            "yes" if field.nullable else "",
            markdown_text(field.unit),
            _prose("; from ".join(filter(None, (field.doc, field.source)))),
        ]
        for field in contract.fields
    ]
    key = ", ".join(map(markdown_code, contract.key))
    return "\n\n".join(
        [
            f"## {markdown_code(contract.name)}",
            f"{_prose(contract.doc)} Version {contract.version}"
            + (f"; key: {key}." if key else "."),
            _table(["column", "type", "may be null", "unit", "meaning"], rows),
        ]
    )


def commands() -> str:
    """Return every command, with its arguments and options."""
    root: Any = typer.main.get_command(app)
    sections = ["## Of a whole run"]
    grouped = []
    for name in root.list_commands(None):
        command = root.get_command(None, name)
        if not hasattr(command, "list_commands"):
            sections.append(_command(f"wildframe {name}", command))
            continue
        grouped += [f"## {markdown_code(name)}", _prose(command.help)]
        for one in command.list_commands(None):
            grouped.append(_command(f"wildframe {name} {one}", command.get_command(None, one)))
    return "\n\n".join([*sections, *grouped])


def _command(words: str, command: Any) -> str:
    context = command.make_context(words, [], resilient_parsing=True)
    records = [param.get_help_record(context) for param in command.params]
    rows = [
        [markdown_code(name.lstrip(" /")), _prose(text)] for name, text in filter(None, records)
    ]
    parts = [f"### {markdown_code(words)}", _prose(command.help)]
    return "\n\n".join([*parts, _table(["argument or option", "meaning"], rows)] if rows else parts)


def exhibits() -> str:
    """Return the tables and figures of every study: target, name, subject and files."""
    columns = ["target", "exhibit", "shows", "files"]
    sections = []
    for study in STUDIES:
        rows = [
            [
                (markdown_code if name in ("target", "files") else markdown_text)(str(row[name]))
                for name in columns
            ]
            for row in list_rows(study)
        ]
        sections += [_study_heading(study), _table(columns, rows)]
    return "\n\n".join(sections)


def gallery(folder: Path, page: Path) -> str:
    """Return the tables and figures that a run has made; where there is none, how to make them.

    Args:
        folder: Exhibits of the run, ``results/exhibits``.
        page: Folder of the page, from which its images are named.
    """
    sections = []
    for study in STUDIES:
        entries = [
            read_entry(folder, name)
            for exhibit in declared_exhibits(study)
            if exhibit.suffixes
            for name in _made(folder, study, f"{exhibit.name}{exhibit.suffixes[0]}")
        ]
        if entries:
            sections += [_study_heading(study), *(_shown(one, folder, page) for one in entries)]
    return "\n\n".join(sections) or (
        "This copy of the site was built where no run has finished: "
        "run `make demo`, and then `make docs`."
    )


def _made(folder: Path, study: str, file: str) -> list[str]:
    """Return the names of the exhibits of a study that a file belongs to, one a dataset."""
    found = sorted((folder / study).rglob(file))
    return [path.relative_to(folder).as_posix().partition(".")[0] for path in found]


def _shown(entry: Entry, folder: Path, page: Path) -> str:
    places = filter(None, (entry.exhibit.view, entry.dataset))
    parts = [" · ".join([f"### {markdown_text(entry.text.title)}", *map(markdown_code, places)])]
    if entry.preview:
        image = relpath(folder / entry.preview.href, page)
        parts.append(f"![{markdown_text(entry.exhibit.shows)}](<{image}>)")
    else:
        table = str(entry.text.table).replace("<table>", '<table class="docutils">')
        parts.append(_raw(f'<div class="table-wrapper">{table}</div>'))
    if entry.text.notes:
        parts.append(_raw("\n".join(f"<p>{note}</p>" for note in entry.text.notes)))
    return "\n\n".join(parts)


def _raw(html: str) -> str:
    return f"````{{raw}} html\n{html}\n````"


def _study_heading(study: str) -> str:
    return f"## {markdown_code(study)}: {markdown_text(study_title(study))}"


def _type(setting: Schema) -> str:
    """Return in words what a setting may be."""
    if "const" in setting:
        return markdown_code(str(setting["const"]))
    if "enum" in setting:
        return ", ".join(markdown_code(str(value)) for value in setting["enum"])
    if "anyOf" in setting:
        return " or ".join(dict.fromkeys(map(_type, setting["anyOf"])))
    if "$ref" in setting:
        return "settings"
    if named := _by_name(setting):
        names = setting.get("propertyNames", {}).get("enum", ["name"])
        return f"by {', '.join(map(markdown_code, names))}: {_type(named[0])}"
    if setting.get("type") == "array":
        items = setting.get("items", {})
        return f"list of {_type(items)}" if items else "list"
    words = {"string": "text", "boolean": "true or false"}
    found: str = setting.get("type", "any")
    word = words.get(found, found)
    limits = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
    bounds = [f"{sign} {setting[key]:g}" for key, sign in limits.items() if key in setting]
    return markdown_text(" ".join([word, ", ".join(bounds)]).strip())


def _meaning(setting: Schema) -> str:
    parts = [_prose(setting.get("description", ""))]
    if setting.get("default") is not None and "const" not in setting:
        default = json.dumps(setting["default"], ensure_ascii=False).replace('"', "")
        parts.append(f"Default: {markdown_code(default)}")
    return ". ".join(filter(None, parts))


def _prose(text: str | None) -> str:
    """Return a docstring or description as Markdown: its code is code, and its tags are text."""
    parts = re.split(r"(`+[^`]+`+)", text or "")
    return "".join(
        part if part.startswith("`") else part.replace("&", "&amp;").replace("<", "&lt;")
        for part in parts
    )


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [
        columns,
        ["---"] * len(columns),
        *([markdown_cell(cell) for cell in row] for row in rows),
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
