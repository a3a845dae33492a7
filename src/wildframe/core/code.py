"""A content hash of the code that decides a step's result, for Snakemake's ``params``.

Snakemake reruns a job when its command changes, but does not see the modules behind the command.
The hash covers the named functions and everything in this package that they refer to, definition
by definition: an edit reruns what depends on it and nothing else. Docstrings, comments, layout,
descriptions of settings, help texts of commands and captions of exhibits do not count, nor does the
package's version.
Names that are looked up at run time (``getattr``, strings) are not followed.

Hashes are kept in the user's cache until a file of the package changes: they would take a third of
the time of a dry run.
"""

import ast
import contextlib
import dis
import hashlib
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import CodeType

from wildframe.core.files import user_cache

_PACKAGE = "wildframe"
_ROOT = Path(__file__).parents[1]

_LOOKUPS = ("LOAD_NAME", "LOAD_GLOBAL", "LOAD_FROM_DICT_OR_GLOBALS")
"""Instructions that look a name up outside of a function."""


@dataclass
class _Module:
    """Top-level definitions of a module, and where its imported names come from."""

    definitions: dict[str, list[ast.stmt]] = field(default_factory=dict)
    imports: dict[str, tuple[str, str | None]] = field(default_factory=dict)


def code_hash(*targets: str) -> str:
    """Return a hash of the code behind some functions.

    Args:
        targets: ``module:function`` below this package, for example ``frames.commands:extract``.

    Raises:
        LookupError: No such definition.
    """
    key = " ".join(targets)
    known = _kept()
    if key not in known:
        known[key] = _hash(targets)
        with contextlib.suppress(OSError), _cache().open("a", encoding="utf-8") as file:
            file.write(f"{_stamp()}\t{key}\t{known[key]}\n")
    return known[key]


def _hash(targets: Iterable[str]) -> str:
    seen: dict[tuple[str, str], str] = {}
    queue = []
    for target in targets:
        module, _, name = target.partition(":")
        if name not in _parse(f"{_PACKAGE}.{module}").definitions:
            raise LookupError(f"{target}: no such definition in {_PACKAGE}")
        queue.append((f"{_PACKAGE}.{module}", name))
    while queue:
        key = queue.pop()
        # Where something is kept by the hash of its code, this module is no part of that code.
        if key not in seen and key[0] != __name__:
            seen[key], references = _definition(*key)
            queue.extend(references)
    lines = [f"{module}:{name}\n{text}" for (module, name), text in sorted(seen.items()) if text]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


@cache
def _kept() -> dict[str, str]:
    """Return the hashes of the package as it is now; without a cache to write to, none."""
    found = {}
    with contextlib.suppress(OSError, UnicodeDecodeError):  # absent, or something else
        for line in _cache().read_text(encoding="utf-8").splitlines():
            stamp, *kept = line.split("\t")
            if stamp == _stamp() and len(kept) == 2 and len(kept[1]) == 16:
                found[kept[0]] = kept[1]
    if not found:
        with contextlib.suppress(OSError):
            _cache().parent.mkdir(parents=True, exist_ok=True)
            _cache().write_text("", encoding="utf-8")
    return found


@cache
def _stamp() -> str:
    """Return what changes with every edit: on each line, since another run may add to the file."""
    files = ((path, path.stat()) for path in sorted(_ROOT.rglob("*.py")))
    state = [f"{path} {found.st_size} {found.st_mtime_ns}" for path, found in files]
    return hashlib.sha256("\n".join([sys.version, *state]).encode()).hexdigest()


def _cache() -> Path:
    name = hashlib.sha256(str(_ROOT).encode()).hexdigest()[:12]
    return user_cache() / f"code-{name}.tsv"


@cache
def _definition(module: str, name: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Return the text of a definition, and what it refers to: rules share most of them."""
    parsed = _parse(module)
    if name in parsed.definitions:
        nodes = parsed.definitions[name]
        for node in nodes:
            _leave_results(node)
        text = "\n".join(map(ast.dump, nodes))
        return text, tuple(one for node in nodes for one in _references(node, module, parsed))
    if name in parsed.imports:
        return "", tuple(_resolve(*parsed.imports[name]))
    return "", ()


@cache
def _parse(module: str) -> _Module:
    file = _file(module)
    if file is None:
        raise LookupError(f"{module}: no such module")
    parsed = _Module()
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        parsed.imports.update(_imports(node))
        for name in _bound_names(node):
            parsed.definitions.setdefault(name, []).append(node)
    return parsed


@cache
def _file(module: str) -> Path | None:
    """Return where a module of this package is written; to ask Python would import those above."""
    path = _ROOT.joinpath(*module.split(".")[1:])
    files = path / "__init__.py", path.with_name(f"{path.name}.py")
    return next(filter(Path.is_file, files), None)


def _imports(node: ast.AST) -> dict[str, tuple[str, str | None]]:
    """Return the names that an import binds, with module and attribute, for this package only."""
    found: dict[str, tuple[str, str | None]] = {}
    if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == _PACKAGE:
        for alias in node.names:
            found[alias.asname or alias.name] = (node.module or "", alias.name)
    elif isinstance(node, ast.Import):
        for alias in node.names:
            if alias.asname and alias.name.split(".")[0] == _PACKAGE:
                found[alias.asname] = (alias.name, None)
    return found


def _bound_names(node: ast.stmt) -> Iterator[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        yield node.name
    elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        for target in targets:
            yield from (leaf.id for leaf in ast.walk(target) if isinstance(leaf, ast.Name))


def _references(definition: ast.stmt, module: str, parsed: _Module) -> Iterator[tuple[str, str]]:
    """Yield what a definition refers to in its own module and in others of the package."""
    nodes = list(ast.walk(definition))
    own = {name: source for node in nodes for name, source in _imports(node).items()}
    imports = parsed.imports | own
    for name in sorted(_outer_names(definition) | own.keys()):
        if name in imports:
            yield from _resolve(*imports[name])
        elif name in parsed.definitions:
            yield module, name
    for node in nodes:
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            source = imports.get(node.value.id)
            if source and (submodule := _as_module(*source)):
                yield submodule, node.attr


def _outer_names(definition: ast.stmt) -> set[str]:
    """Return the names that a definition looks up outside of itself: not its own variables."""
    names = set()
    for node in ast.walk(definition):
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.body:
            node.body = [ast.copy_location(ast.Pass(), node)]  # of a docstring nothing is left
    codes = [compile(ast.Module([definition], []), "", "exec")]
    while codes:
        code = codes.pop()
        codes += [one for one in code.co_consts if isinstance(one, CodeType)]
        names |= {one.argval for one in dis.get_instructions(code) if one.opname in _LOOKUPS}
    return names


def _resolve(module: str, name: str | None) -> Iterator[tuple[str, str]]:
    # A module that is referred to as such is followed attribute by attribute in _references;
    # what a package defines or imports under the name of a submodule hides that submodule.
    if name is None or name.startswith("__"):
        return
    known = _parse(module)
    if name in known.definitions or name in known.imports or _as_module(module, name) is None:
        yield module, name


def _as_module(module: str, name: str | None) -> str | None:
    if name is None:
        return module
    path = f"{module}.{name}"
    return path if _file(path) else None


def _leave_results(definition: ast.stmt) -> None:
    """Take out of a definition what people read and no result depends on."""
    for node in ast.walk(definition):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            if node.func.id == "Field":
                node.keywords = [word for word in node.keywords if word.arg != "description"]
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            if ast.get_docstring(node, clean=False) is not None:
                node.body = node.body[1:]
            if isinstance(node, ast.FunctionDef):
                _leave_function(node)


def _leave_function(node: ast.FunctionDef) -> None:
    called = set(map(_called, node.decorator_list))
    if called & {"app.command", "exhibit"}:
        node.decorator_list = []
    if "app.command" in called:  # annotations of an exhibit say what it is made of
        for argument in [*node.args.args, *node.args.kwonlyargs]:
            argument.annotation = None


def _called(decorator: ast.expr) -> str:
    """Return what a decorator with arguments calls: ``app.command`` or ``exhibit``, for example."""
    return ast.unparse(decorator.func) if isinstance(decorator, ast.Call) else ""
