"""Reading the configuration: one pydantic model, from which the JSON Schema is generated."""

import json
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from wildframe.configuration.settings import Config
from wildframe.core.errors import UserError
from wildframe.core.layers import EXTENDS, config_files, read_layers, values
from wildframe.core.strict import message_of

__all__ = ["Config", "config_files", "config_schema", "load_config", "parse_config"]


def parse_config(config: dict[str, Any], origin: str = "config") -> Config:
    """Validate a configuration.

    Args:
        config: Settings.
        origin: Where they come from, for messages.

    Raises:
        UserError: Names each invalid key and the reason.
    """
    try:
        return Config.model_validate(config)
    except ValidationError as error:
        raise UserError(f"{origin}: {'; '.join(map(_describe, error.errors()))}") from error


def _describe(fault: ErrorDetails) -> str:
    """Return the message for one invalid setting."""
    place = [str(part) for part in fault["loc"] if part != "[key]"]  # the part before it is
    if len(place) > 2 and place[0] in ("sources", "datasets", "views"):
        del place[2]  # the kind, which is no key
    *above, key = place or [""]
    message = message_of(fault)
    if fault["type"] == "extra_forbidden":
        known = _settings_of(fault["loc"][:-1])
        close = get_close_matches(key, known, n=1, cutoff=0.75)
        meant = f"did you mean {close[0]}?" if close else f"choose from {', '.join(known)}"
        message = f"no such setting; {meant}"
    elif fault["type"] == "missing":
        message = "this setting is required"
    elif fault["type"] in _NO_MAPPING and not isinstance(fault["input"], dict):
        message = f"settings are expected, each with its name, not {str(fault['input'])[:40]!r}"
    return ": ".join(part for part in (".".join([*above, key]), message) if part)


_NO_MAPPING = ("dict_type", "model_type", "model_attributes_type", "kind")


def _settings_of(place: Sequence[int | str]) -> list[str]:
    """Return the settings that there are in a part of the configuration, by its place."""
    parts: list[type[BaseModel]] = [Config]
    for step in place:
        of_kind = [one for part in parts for one in _derived(part) if _kind_of(one) == step]
        below = [part.model_fields[step] for part in parts if step in part.model_fields]
        # A name, a position in a list or a kind leads to no other part.
        parts = of_kind or [one for field in below for one in _parts_of(field.annotation)] or parts
    first = [EXTENDS] if not place else []
    return [*first, *dict.fromkeys(name for part in parts for name in part.model_fields)]


def _parts_of(annotation: Any) -> list[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [annotation]
    return [part for one in get_args(annotation) for part in _parts_of(one)]


def _derived(part: type[BaseModel]) -> list[type[BaseModel]]:
    return [part, *(one for child in part.__subclasses__() for one in _derived(child))]


def _kind_of(part: type[BaseModel]) -> Any:
    kinds = get_args(part.model_fields["kind"].annotation) if "kind" in part.model_fields else ()
    return kinds[0] if kinds else None


def load_config(*paths: Path) -> Config:
    """Read and validate the `config_files`; errors as in `read_layers` and `parse_config`."""
    files = config_files(*paths)
    return parse_config(values(read_layers(files)), " + ".join(map(str, files)))


def config_schema() -> str:
    """Return the JSON Schema of a configuration file as text.

    No key is required: a file sets part of the configuration, and presets the rest.
    """
    schema = _partial(Config.model_json_schema())
    schema["properties"] = {EXTENDS: _EXTENDS_SCHEMA, **schema["properties"]}
    return _as_text({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}) + "\n"


_EXTENDS_SCHEMA = {
    "description": "Presets under this file, merged in this order: names in workflow/presets",
    "items": {"type": "string"},
    "type": "array",
}


def _partial(schema: Any) -> Any:
    """Return a schema without required keys or generated titles; a part may fit several kinds."""
    if isinstance(schema, list):
        return [_partial(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        "anyOf" if key == "oneOf" else key: _partial(part)
        for key, part in schema.items()
        if key != "required" and not (key == "title" and isinstance(part, str))
    }


def _as_text(schema: Any, depth: int = 0) -> str:
    """Return JSON with one setting a line; those of a part stand four levels down."""
    text = json.dumps(schema, ensure_ascii=False)
    if depth == 4 or not isinstance(schema, dict) or 2 * depth + len(text) < 80:
        return text
    indent = "\n" + "  " * depth
    parts = (f"{json.dumps(key)}: {_as_text(part, depth + 1)}" for key, part in schema.items())
    return "{" + ",".join(f"{indent}  {part}" for part in parts) + indent + "}"
