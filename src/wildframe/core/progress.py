"""Progress bars: live on a terminal, a line every half minute in a log."""

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

from tqdm import tqdm

T = TypeVar("T")


def progress(items: Iterable[T], *, total: int, unit: str, label: str) -> Iterator[T]:
    """Yield ``items`` while reporting progress on standard error."""
    live = sys.stderr.isatty()
    yield from tqdm(
        items,
        total=total,
        unit=unit,
        desc=label,
        mininterval=0.1 if live else 30,
        ascii=not live,
        dynamic_ncols=live,
    )
