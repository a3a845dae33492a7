"""Reading the configuration: one pydantic model, from which the JSON Schema is generated."""

import json
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from wildframe.configuration.settings import Config
from wildframe.core.errors import UserError
from wildframe.core.strict import Strict

__all__ = ["Config", "config_schema", "load_config", "parse_config"]


def parse_config(config: dict[str, Any], origin: str = "config") -> Config:
    """Validate a configuration.

    Args:
        config: Its settings.
        origin: Where they come from, for messages.

    Raises:
        UserError: Names each wrong key and what is wrong with it.
    """
    try:
        return Config.model_validate(config)
    except ValidationError as error:
        raise UserError(f"{origin}: {'; '.join(map(_describe, error.errors()))}") from error


def _describe(fault: ErrorDetails) -> str:
    """Return one fault of a configuration in plain words."""
    place = [str(part) for part in fault["loc"]]
    if len(place) > 2 and place[0] in ("sources", "datasets"):
        del place[2]  # the kind, which is no key
    *above, key = place or [""]
    message = fault["msg"].removeprefix("Value error, ")
    if fault["type"] == "extra_forbidden":
        close = get_close_matches(key, _all_settings(), n=1)
        message = "no such setting" + (f"; did you mean {close[0]}?" if close else "")
    elif fault["type"] == "missing":
        message = "this setting is required"
    return ": ".join(part for part in (".".join([*above, key]), message) if part)


def _all_settings() -> list[str]:
    return sorted({name for part in _parts(Strict) for name in part.model_fields})


def _parts(base: type[BaseModel]) -> list[type[BaseModel]]:
    """Return every part of the configuration there is."""
    return [part for child in base.__subclasses__() for part in (child, *_parts(child))]


def load_config(*paths: Path) -> Config:
    """Read and validate a YAML configuration; errors as in `parse_config`.

    Args:
        paths: Files, each merged over those before it, and all over ``config.yaml`` in this folder
            if there is one: as the workflow does with ``--configfile``.
    """
    base = Path("config.yaml")
    files = list(paths)
    if base.is_file() and not any(path.exists() and path.samefile(base) for path in files):
        files.insert(0, base)
    merged: dict[str, Any] = {}
    for path in files:
        _merge(merged, _read_yaml(path))
    return parse_config(merged, " + ".join(map(str, files)))


def _read_yaml(path: Path) -> dict[str, Any]:
    import yaml

    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise UserError(f"{path}: no such file; run in the project's folder") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: not YAML ({error})") from error
    if not isinstance(content, dict):
        raise UserError(f"{path}: a mapping of settings is expected at the top level")
    return content


def _merge(below: dict[str, Any], above: dict[str, Any]) -> None:
    for key, value in above.items():
        if isinstance(value, dict) and isinstance(below.get(key), dict):
            _merge(below[key], value)
        else:
            below[key] = value


def config_schema() -> str:
    """Return the JSON Schema of the configuration as text."""
    schema = Config.model_json_schema()
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
