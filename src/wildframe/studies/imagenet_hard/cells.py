"""Cells of the study's tables."""

from collections.abc import Callable, Mapping
from typing import Any


def percent(share: float | None) -> str | None:
    """Return a share in [0, 1] in percent with two digits; None of None."""
    return None if share is None else f"{100 * share:.2f}"


def p_text(key: str) -> Callable[[Mapping[str, Any]], str]:
    """Return what people read of a p value under a key."""
    return lambda row: "< 0.0001" if row[key] < 0.0001 else f"{row[key]:.4f}"
