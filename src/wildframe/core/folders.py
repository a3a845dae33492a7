"""Texts without the folders of this machine, which may tell whose it is."""

import json
import os
import shlex
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any


def without_folders(value: Any) -> Any:
    """Replace paths out of the run's folder in settings: absolute ones, and those above it.

    Their last name is kept.

    Args:
        value: Settings, of the types that JSON has.
    """
    if isinstance(value, dict):
        return {key: without_folders(one) for key, one in value.items()}
    if isinstance(value, list):
        return [without_folders(one) for one in value]
    if isinstance(value, str) and _is_elsewhere(path := PurePath(os.path.normpath(value))):
        return f"/path/to/{path.name}"
    return value


def _is_elsewhere(path: PurePath) -> bool:
    return path.is_absolute() or path.parts[:1] == ("..",)


def facts_without_folders(facts: Mapping[str, str]) -> dict[str, str]:
    """Return the metadata of a table without such paths; what has none keeps its bytes."""
    return {
        name: _of_command(text) if name == "command" else _of_word(text)
        for name, text in facts.items()
    }


def _of_command(line: str) -> str:
    words = shlex.split(line)
    replaced = [_of_word(word) for word in words]
    return line if replaced == words else shlex.join(replaced)


def _of_word(text: str) -> str:
    """Replace the paths of a word: a value, one of an option or a key, or JSON."""
    option, equals, value = text.partition("=")
    if equals and "/" not in option and not text.startswith(("{", "[")):
        return f"{option}={_of_word(value)}"
    try:
        told = json.loads(text)
    except ValueError:
        return str(without_folders(text))
    replaced = without_folders(told)
    return text if replaced == told else json.dumps(replaced, sort_keys=True)
