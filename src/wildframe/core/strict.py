"""The base of the models of configuration and zoo."""

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")]
"""Name of a source, dataset, view or training; a dot would clash with the names of other tables."""


def named_once(what: str) -> Callable[[list[str]], list[str]]:
    """Return a validator of lists in which each model, say, is named once."""

    def validate(names: list[str]) -> list[str]:
        if len(set(names)) < len(names):
            raise ValueError(f"a {what} is named twice")
        return names

    return validate


Models = Annotated[list[str], Field(min_length=1), AfterValidator(named_once("model"))]
"""Models of the zoo, in the order of tables."""


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
