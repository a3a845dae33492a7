"""Configurations in layers: presets under files, merged key by key, each key with its origin.

A file may extend presets: ``extends: [name, ...]``. They are merged in this order, and the file's
own settings over them; presets may extend others. Files are merged first, as Snakemake does, so
that the last ``extends`` decides: workflow and commands read a run in the same way.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from yaml.composer import Composer
from yaml.constructor import SafeConstructor
from yaml.cyaml import CParser
from yaml.resolver import Resolver

from wildframe.core.errors import UserError
from wildframe.core.installed import WORKFLOW
from wildframe.core.names import did_you_mean

EXTENDS = "extends"

_BASE = Path("config.yaml")

DEFAULT = "default"
"""Origin of a value that no layer sets."""


@dataclass(frozen=True, slots=True)
class Value:
    """A value that is replaced as a whole, such as a list, and the layer that set it."""

    value: Any
    origin: str


Layer = dict[str, "Layer | Value"]
"""Nested settings; a mapping in YAML is a layer."""


def layer(settings: dict[str, Any], origin: str) -> Layer:
    """Return settings as a layer of one origin."""
    return {
        key: layer(value, origin) if isinstance(value, dict) else Value(value, origin)
        for key, value in settings.items()
    }


def merge(below: Layer, above: Layer) -> Layer:
    """Return one layer over another, as Snakemake merges ``--configfile`` over ``configfile:``.

    Mappings are merged key by key, everything else is replaced; an empty mapping changes nothing.
    """
    merged = dict(below)
    for key, value in above.items():
        found = merged.get(key, {})
        if isinstance(value, Value):
            merged[key] = value
        elif isinstance(found, Value):
            merged[key] = value or found
        else:
            merged[key] = merge(found, value)
    return merged


def values(settings: Layer) -> dict[str, Any]:
    """Return a layer without the origins."""
    return {
        key: value.value if isinstance(value, Value) else values(value)
        for key, value in settings.items()
    }


def presets_of(checkout: Path) -> Path:
    """Return the folder of a checkout's presets, or else of the package's."""
    own = checkout / "workflow/presets"
    return own if own.is_dir() else WORKFLOW / "presets"


def resolve(top: Layer, presets: Path) -> Layer:
    """Put the presets that a layer extends under it.

    Args:
        top: Settings of files and command line.
        presets: Folder of ``<name>.yaml``.

    Raises:
        UserError: A preset does not exist, is not YAML, or extends itself.
    """
    merged: Layer = {}
    # A preset that several extend is merged once, and so cannot undo what is merged over it.
    for preset in dict(_inherited(top, presets, ())).values():
        merged = merge(merged, _without_extends(preset))
    return merge(merged, _without_extends(top))


def _inherited(top: Layer, presets: Path, chain: tuple[str, ...]) -> Iterator[tuple[str, Layer]]:
    """Yield name and settings of the presets that a layer extends, the lowest first."""
    for name in _extended(top, presets):
        if name in chain:
            circle = " -> ".join([*chain[chain.index(name) :], name])
            raise UserError(f"{presets}: presets extend each other in a circle: {circle}")
        preset = layer(read_yaml(presets / f"{name}.yaml"), f"preset {name}")
        yield from _inherited(preset, presets, (*chain, name))
        yield name, preset


def _extended(top: Layer, presets: Path) -> list[str]:
    """Return the names that a layer extends itself."""
    setting = top.get(EXTENDS, Value([], DEFAULT))
    if not isinstance(setting, Value):
        setting = Value(None, "config")
    names, origin = setting.value, setting.origin
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise UserError(f"{origin}: {EXTENDS}: a list of presets is expected, such as [demo]")
    there = sorted(path.stem for path in presets.glob("*.yaml"))
    for name in names:
        if name not in there:
            raise UserError(
                f"{origin}: {EXTENDS}: {name!r} is no preset; choose from {', '.join(there)}"
                f"{did_you_mean(name, there)}"
            )
    return names


def _without_extends(settings: Layer) -> Layer:
    return {key: value for key, value in settings.items() if key != EXTENDS}


def read_layers(files: Sequence[Path]) -> Layer:
    """Read files, each merged over those before it, and the presets that they extend.

    Args:
        files: YAML files. Presets are those of the checkout in this folder, or the package's.

    Raises:
        UserError: As `read_yaml` and `resolve`.
    """
    base: Layer = {}
    merged: Layer = {}
    for path in files:
        read = layer(read_yaml(path), str(path))
        merged = merge(merged, read)
        if _is_base(path):
            base = read
    # Over the base once more, as Snakemake does: a key that one file sets to null may come again.
    return resolve(merge(base, merged), presets_of(Path()))


def config_files(*paths: Path) -> list[Path]:
    """Return files in the order in which they are merged.

    Args:
        paths: Files, each merged over those before it, and all over ``config.yaml`` if it is in
            the working directory, as the workflow does with ``--configfile``.
    """
    if _BASE.is_file() and not any(map(_is_base, paths)):
        return [_BASE, *paths]
    return list(paths)


def _is_base(path: Path) -> bool:
    return _BASE.is_file() and path.exists() and path.samefile(_BASE)


def _on_a_line(error: Exception) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and (mark := error.problem_mark):
        return f"line {mark.line + 1}, column {mark.column + 1}: {error.problem}"
    return " ".join(str(error).split())


class _Loader(Composer, CParser, SafeConstructor, Resolver):  # type: ignore[misc]
    """Refuses a key that is there twice: of two settings one would be lost in silence.

    A safe loader whose parser is libyaml's, in a seventh of the time. Its composer is Python's: on
    what is nested deeply libyaml's overflows the stack, and the process ends.
    """

    def __init__(self, stream: str) -> None:
        CParser.__init__(self, stream)
        for part in (Composer, SafeConstructor, Resolver):
            part.__init__(self)
        self.deep_construct = True  # refuses what holds itself

    def compose_mapping_node(self, anchor: str | None) -> yaml.MappingNode:
        # Constructing comes too late: it puts the keys of merged mappings among a mapping's own.
        node: yaml.MappingNode = super().compose_mapping_node(anchor)
        keys: set[Any] = set()
        for key_node, _ in node.value:
            if isinstance(key_node, yaml.ScalarNode) and key_node.tag != "tag:yaml.org,2002:merge":
                key = (key_node.tag, key_node.value)
                if key in keys:
                    raise yaml.composer.ComposerError(
                        None,
                        None,
                        f"the key {key_node.value!r} is there twice",
                        key_node.start_mark,
                    )
                keys.add(key)
        return node


def read_yaml(path: Path) -> dict[str, Any]:
    """Read a file of settings.

    Raises:
        UserError: The file does not exist, or is not a mapping in YAML.
    """
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), _Loader)  # noqa: S506 - a safe one
    except FileNotFoundError as error:
        raise UserError(f"{path}: no such file; run in the project's folder") from error
    except RecursionError as error:
        raise UserError(f"{path}: nested too deeply to be settings") from error
    # YAML leaves it to Python what is no date or truth value, and how long a number may be.
    except (yaml.YAMLError, ValueError, LookupError, AttributeError) as error:
        raise UserError(f"{path}: not YAML ({_on_a_line(error)})") from error
    if not isinstance(content, dict):
        raise UserError(f"{path}: a mapping of settings is expected at the top level")
    return content


def annotated(settings: dict[str, Any], origins: Layer) -> str:
    """Return settings as YAML, the origin of each value behind it as a comment.

    Args:
        settings: The whole configuration, defaults filled in.
        origins: The layer that it was made of; other values are defaults.
    """
    return "".join(f"{line}\n" for line in _lines(settings, origins))


def _lines(settings: dict[str, Any], origins: Layer) -> Iterator[str]:
    for key, value in settings.items():
        found = origins.get(key, Value(value, DEFAULT))
        if isinstance(value, dict) and value:
            yield f"{_yaml(key)}:"
            below = {} if isinstance(found, Value) else found
            yield from (f"  {line}" for line in _lines(value, below))
        else:
            origin = found.origin if isinstance(found, Value) else DEFAULT
            first, *rest = _entry(key, value)
            yield f"{first}  # {origin}"
            yield from rest


def _entry(key: str, value: Any) -> list[str]:
    """Return a key and its value as lines of YAML."""
    if isinstance(value, list) and value:
        listed = yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=10_000)
        if listed.splitlines() != listed.split("\n")[:-1]:  # text with line breaks of Unicode
            listed = yaml.safe_dump(value, sort_keys=False, default_style='"', width=10_000)
        return [f"{_yaml(key)}:", *(f"  {line}" for line in listed.splitlines())]
    return [f"{_yaml(key)}: {_yaml(value)}"]


def _yaml(value: Any) -> str:
    """Return a value on one line."""
    text: str = yaml.safe_dump(value, allow_unicode=True, default_flow_style=True, width=10_000)
    lines = text.removesuffix("\n").removesuffix("\n...").splitlines()
    if len(lines) == 1:
        return lines[0]
    text = yaml.safe_dump(value, default_style='"', width=10_000)
    return text.removesuffix("\n")
