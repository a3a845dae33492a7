"""Progress bars: live on a terminal, a line every half minute in a log."""

import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

from tqdm import tqdm

T = TypeVar("T")


def progress(items: Iterable[T], *, unit: str, label: str, total: int | None = None) -> Iterator[T]:
    """Yield ``items`` while reporting progress; without ``total`` it is their length, if any."""
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
