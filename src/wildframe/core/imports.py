"""Libraries that other libraries import without need."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def left_out(*modules: str) -> Iterator[None]:
    """Let imports in the block find none of these modules; those loaded already stay."""
    absent = [name for name in modules if name not in sys.modules]
    # None halts an import.
    sys.modules.update(dict.fromkeys(absent))  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in absent:
            sys.modules.pop(name)
