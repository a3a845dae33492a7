"""Names: of stations, as patterns of wildcards, and those that people mean."""

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


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return the end of a sentence about an unknown name: the closest of those known, if any is."""
    from difflib import get_close_matches

    close = get_close_matches(name, known, n=1)
    return f"; did you mean {close[0]}?" if close else ""
