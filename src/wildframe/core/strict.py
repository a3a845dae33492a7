"""The base of the models of configuration and zoo."""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")]
"""Name of a source, dataset, view or training; a dot would clash with the names of other tables."""


def expand_home(path: str) -> str:
    """Return a path with its ``~`` expanded; a `ValueError` for what cannot be one."""
    if "\0" in path or any(0xD800 <= ord(letter) < 0xE000 for letter in path):
        raise ValueError(f"{path!r} cannot be the name of a file")
    try:
        return str(Path(path).expanduser())
    except RuntimeError as error:
        raise ValueError(f"{path!r}: there is no such home folder") from error


HomePath = Annotated[str, AfterValidator(expand_home)]
"""A path whose ``~`` is expanded, which the shell would not do in a quoted path."""


def _without_tags(text: str) -> str:
    # Snakemake's report holds the parameters of jobs in a script, as they are.
    if "</" in text or "<!--" in text:
        raise ValueError("tags and comments of HTML are not allowed here; leave them out")
    return text


Note = Annotated[str, AfterValidator(_without_tags)]
"""A text that readers see."""


def named_once(what: str) -> Callable[[list[str]], list[str]]:
    """Return a validator of lists in which each model, say, is named once."""

    def validate(names: list[str]) -> list[str]:
        if len(set(names)) < len(names):
            raise ValueError(f"a {what} is named twice")
        return names

    return validate


OptionalModels = Annotated[list[str], AfterValidator(named_once("model"))]
"""Models of the zoo, in the order of tables; there may be none."""

Models = Annotated[OptionalModels, Field(min_length=1)]
"""The same, at least one."""


def _without_null(entries: Any) -> Any:
    if not isinstance(entries, dict):
        return entries
    return {name: entry for name, entry in entries.items() if entry is not None}


DROPS_NULL = BeforeValidator(_without_null)
"""For named entries: files are merged key by key, and only null can drop one of a preset."""


def or_null(schema: dict[str, Any]) -> None:
    """Let entries be null in the JSON Schema."""
    entries = schema["patternProperties"]
    for name, entry in entries.items():
        entries[name] = {"anyOf": [entry, {"type": "null"}]}


class Strict(BaseModel):
    """A model of settings: immutable, and an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)
