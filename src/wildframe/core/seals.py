"""Facts that carry a hash of themselves: a damaged one is noticed, not used."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from wildframe.core.files import write_text

_SEAL = "facts_sha256"


def sealed(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return facts, of values that JSON has, with a hash of them."""
    return {**facts, _SEAL: _sha256(facts)}


def unsealed(found: Any) -> dict[str, Any] | None:
    """Return the facts that `sealed` was given; None if they are others, or something else."""
    if not isinstance(found, Mapping):
        return None
    facts = {key: value for key, value in found.items() if key != _SEAL}
    return facts if found.get(_SEAL) == _sha256(facts) else None


def write_sealed(path: Path, facts: Mapping[str, Any]) -> None:
    """Write facts as JSON to ``path``, atomically."""
    write_text(path, json.dumps(sealed(facts), indent=2, sort_keys=True) + "\n")


def read_sealed(path: Path) -> dict[str, Any] | None:
    """Return what `write_sealed` wrote; None if it is damaged, or something else.

    Raises:
        OSError: The file cannot be read.
    """
    try:
        return unsealed(json.loads(path.read_bytes()))
    except (ValueError, RecursionError):  # no JSON
        return None


def _sha256(facts: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
