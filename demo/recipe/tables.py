"""Writing of tables."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

Row = tuple[str | int | float, ...]


def write_table(path: Path, header: tuple[str, ...], rows: Iterable[Row]) -> None:
    """Write a CSV file."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
