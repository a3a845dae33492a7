"""Lineage of a file: what it was made of, back to the files that nobody here made.

Tables say by which command they were made, and a command names its files: nothing else is asked.
"""

import json
import re
import shlex
from collections import deque
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from os.path import exists
from pathlib import Path
from typing import Any

import pyarrow as pa

from wildframe.core.errors import UserError
from wildframe.core.files import require_file
from wildframe.core.tables import open_table
from wildframe.exhibits.made import log_of, require_as_made, sha256_of
from wildframe.models.weights import weights_facts

_DATA = re.compile(r"[^{\[\s]\S*\.(arrow|csv|json|onnx|parquet|safetensors)")
"""What a command names and a run may have removed."""

_PLUMBING = ("ARROW:schema", "config_sha256", "facts_sha256", "place", "schema", "schema_version")


@dataclass(frozen=True)
class TracedFile:
    """A file, and what it says of itself."""

    path: str
    sha256: str | None
    """None of folders, and of files that are not kept."""
    command: str
    """Which made it; empty where it does not say."""
    config: Mapping[str, Any]
    """The choices that determined its content."""
    facts: Mapping[str, str]
    """Model, weights, preprocessing, device and versions, as far as it says."""
    inputs: tuple[str, ...]
    """The files that the command read."""

    @classmethod
    def read(cls, path: Path) -> "TracedFile":
        """Read what a file says of itself.

        Raises:
            UserError: It is a damaged table or weights file.
        """
        facts = {key: text for key, text in metadata_of(path).items() if key not in _PLUMBING}
        command, config = facts.pop("command", ""), facts.pop("config", "{}")
        sha256 = sha256_of(path) if path.is_file() else None
        inputs = tuple(_inputs(path, command))
        return cls(str(path), sha256, command, json.loads(config), facts, inputs)


def trace(path: Path, models: Collection[str] | None = None) -> dict[str, TracedFile]:
    """Return a file and all that it was made of, by path, nearest first.

    Args:
        path: Exhibit or table of a run, in whose folder this runs: commands name files from there.
        models: Models whose predictions and results are followed; all if None.

    Raises:
        UserError: The file is absent, does not say how it was made, or one behind it is damaged.
    """
    if not path.exists():
        raise UserError(f"{path}: no such file; name a table or figure that the run made")
    found = {str(path): TracedFile.read(path)}
    if not found[str(path)].command:
        raise UserError(f"{path}: does not say how it was made; name an exhibit or a table")
    waiting = deque(found[str(path)].inputs)
    while waiting:
        name = waiting.popleft()
        if name not in found and _is_of(Path(name), models):
            found[name] = TracedFile.read(Path(name))
            waiting += found[name].inputs
    return found


def doubts(files: Mapping[str, TracedFile], path: Path) -> Iterator[str]:
    """Yield why what is behind a file may not be what it was made of.

    Args:
        files: The file and all behind it, as of `trace`.
        path: The file.
    """
    try:
        require_as_made(path.parent if path.name == "index.html" else path)
    except UserError as error:
        yield str(error)
    made = path.stat().st_mtime_ns
    # Of the files of a run, some grow without any effect on what was made of them before.
    given = [one for one in files.values() if one.sha256 and not (one.command or one.facts)]
    newer = [one.path for one in given if Path(one.path).stat().st_mtime_ns > made]
    if newer:
        more = f" and {len(newer) - 1} more" if newer[1:] else ""
        yield f"{newer[0]}{more}: newer than {path}; `snakemake -n` tells what has to be rerun"


def tree(files: Mapping[str, TracedFile], path: str) -> Iterator[str]:
    """Yield the lines of a tree for people; what is behind a file is shown once."""
    shown: set[str] = set()

    def lines(name: str, depth: int) -> Iterator[str]:
        file, indent = files[name], "  " * depth
        if name in shown:
            yield f"{indent}{name} (above)"
            return
        shown.add(name)
        yield f"{indent}{name} {_state(file)}"
        if file.command:
            yield f"{indent}  $ {file.command}"
        told = {**file.config, **file.facts}
        for key, value in sorted(told.items()):
            yield f"{indent}  {key}: {value if isinstance(value, str) else json.dumps(value)}"
        for one in file.inputs:
            if one in files:
                yield from lines(one, depth + 1)

    return lines(path, 0)


def metadata_of(path: Path) -> dict[str, str]:
    """Return what a file says of itself: nothing if it is of a kind that cannot, or not kept.

    Exhibits are text and images; the log of their rule has the command. Weights of a training
    have their history beside them.

    Raises:
        UserError: It is a damaged table or weights file, or an exhibit without log.
    """
    if log := log_of(path):
        return {"command": _logged_command(log)}
    if not path.is_file():
        return {}
    if path.suffix == ".parquet":
        with open_table(path) as file:
            return _decoded(file.schema_arrow)
    if path.suffix == ".arrow":
        return _decoded(_arrow_schema(path))
    if path.suffix == ".safetensors":
        told = weights_facts(path)
        facts = {key: one if isinstance(one, str) else json.dumps(one) for key, one in told.items()}
        return facts | metadata_of(path.with_suffix(".parquet"))
    return {}


def _logged_command(log: Path) -> str:
    remedy = "the log of its rule says how an exhibit was made: delete the exhibit and rerun it"
    text = require_file(log, remedy).read_text(encoding="utf-8", errors="replace")
    command = re.search(r"^wildframe exhibits make .+$", text, re.MULTILINE)
    if command is None:
        raise UserError(f"{log}: does not name the command; delete the exhibit and rerun it")
    return command[0]


def _inputs(path: Path, command: str) -> Iterator[str]:
    """Yield the files that a command read, which is not those that it wrote."""
    words = shlex.split(command)
    if words[1:3] == ["exhibits", "make"]:
        words = [word for word in words if word.startswith("--input=")]
    seen = {str(path)}
    for before, word in zip(["", *words], words, strict=False):
        name = _named_by(word)
        if "--output" in (before, word.partition("=")[0]) or name in seen:
            continue
        seen.add(name)
        # One command writes several files of preprocessed images; one of them may be another's now.
        if path.suffix == ".arrow" and Path(name).parent == path.parent:
            continue
        # Tables that one command wrote together name the same command.
        if _is_data(name) and metadata_of(Path(name)).get("command") != command:
            yield name


def _named_by(word: str) -> str:
    """Return what a word of a command names, without its option and the name it is given there."""
    for _ in range(2):  # --input=results=...
        before, equals, name = word.partition("=")
        if not equals or "/" in before or exists(word):  # noqa: PTH110
            break
        word = name
    return word


def _is_data(name: str) -> bool:
    # Where a text is too long for a name, Path.exists raises an error.
    return bool(_DATA.fullmatch(name)) or ("/" in name and exists(name))  # noqa: PTH110


def _is_of(path: Path, models: Collection[str] | None) -> bool:
    """Tell whether a file is of one of the models, or a table of no model alone."""
    if models is None or path.suffix != ".parquet":
        return True
    model = metadata_of(path).get("model")
    return model is None or model in models


def _state(file: TracedFile) -> str:
    if file.sha256:
        return f"sha256 {file.sha256}"
    return "(folder)" if Path(file.path).is_dir() else "(not kept)"


def _arrow_schema(path: Path) -> pa.Schema:
    try:
        with pa.memory_map(str(path)) as source:
            return pa.ipc.open_file(source).schema
    except (pa.ArrowException, OSError) as error:
        raise UserError(f"{path}: not a sound Arrow file ({error}); delete it and rerun") from error


def _decoded(schema: pa.Schema) -> dict[str, str]:
    return {
        key.decode(errors="replace"): text.decode(errors="replace")
        for key, text in (schema.metadata or {}).items()
    }
