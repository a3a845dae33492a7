"""Names: of stations, and as patterns of wildcards."""

import re
from collections.abc import Iterable

STATIONS = (
    "sources",
    "labels",
    "manifests",
    "frames",
    "reviews",
    "models",
    "predictions",
    "scores",
    "exhibits",
)
"""In the order of data, which is that of folders of results."""


def one_of(names: Iterable[str]) -> str:
    """Return a regular expression that matches these names only; without any, nothing."""
    return "|".join(map(re.escape, names)) or "(?!)"
