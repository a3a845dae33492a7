"""Names as patterns, for wildcards."""

import re
from collections.abc import Iterable


def one_of(names: Iterable[str]) -> str:
    """Return a regular expression that matches these names only; without any, nothing."""
    return "|".join(map(re.escape, names)) or "(?!)"
