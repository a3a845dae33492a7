"""Progress bars: live on a terminal, a line every half minute in a log."""

import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

from tqdm import tqdm

T = TypeVar("T")

_open: "set[tqdm[Any]]" = set()


def progress(
    items: Iterable[T],
    *,
    total: int | None,
    unit: str,
    label: str,
    size: Callable[[T], int] = lambda _: 1,
) -> Iterator[T]:
    """Yield ``items`` while reporting progress on standard error.

    Args:
        items: What is worked on.
        total: Number of units of all items together; None if it is not known.
        unit: What is counted, in the singular.
        label: Stands before the bar.
        size: Number of units of an item, such as the images of a batch.
    """
    live = sys.stderr.isatty()
    with tqdm(
        total=total,
        unit=unit,
        desc=label,
        mininterval=0.1 if live else 30,
        ascii=not live,
        dynamic_ncols=live,
    ) as bar:
        _open.add(bar)
        for item in items:
            yield item
            bar.update(size(item))
    _open.discard(bar)


def close_bars() -> None:
    """End the lines of bars that an error left open, so that what is printed has its own."""
    while _open:
        _open.pop().close()
