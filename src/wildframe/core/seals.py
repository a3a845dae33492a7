"""Facts that carry a hash of themselves, and their file's place: neither is lost in silence."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wildframe.core.errors import UserError
from wildframe.core.files import write_text
from wildframe.core.names import STATIONS

_PLACE, _SEAL = "place", "facts_sha256"


def sealed(path: Path, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return facts, of values that JSON has, with the place of their file and a hash of them."""
    told = {**facts, _PLACE: _place(path)}
    return {**told, _SEAL: _sha256(told)}


def unsealed(path: Path, found: Any) -> dict[str, Any] | None:
    """Return the facts that `sealed` was given; None if they are others, or something else.

    Raises:
        UserError: They are those of another file of a run, which lies in this one's place.
    """
    if not isinstance(found, Mapping):
        return None
    facts = {key: value for key, value in found.items() if key != _SEAL}
    if found.get(_SEAL) != _sha256(facts):
        return None
    written, place = str(facts.pop(_PLACE, "")), _place(path)
    # A copy that lies outside of a run is nobody's substitute.
    if written and place and written != place:
        raise UserError(
            f"{path}: is another file, written as {written}; put both back in their places, or "
            "delete this one and rerun"
        )
    return facts


def write_sealed(path: Path, facts: Mapping[str, Any]) -> None:
    """Write facts as JSON to ``path``, atomically."""
    write_text(path, json.dumps(sealed(path, facts), indent=2, sort_keys=True) + "\n")


def read_sealed(path: Path) -> dict[str, Any] | None:
    """Return what `write_sealed` wrote; None if it is damaged, or something else.

    Raises:
        OSError: The file cannot be read.
        UserError: As in `unsealed`.
    """
    return unsealed_json(path, path.read_bytes())


def unsealed_json(path: Path, content: bytes) -> dict[str, Any] | None:
    """Return sealed facts of a file from their JSON; None and errors as in `unsealed`."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):  # no JSON
        return None
    return unsealed(path, found)


def _place(path: Path) -> str:
    """Return a path from the folder of its station on; an empty text if it is in no such."""
    stations = [at for at, part in enumerate(path.parts[:-1]) if part in STATIONS]
    return "/".join(path.parts[stations[-1] :]) if stations else ""


def _sha256(facts: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
