"""The papers' own numbers, shown beside ours only where the data is the papers' own."""

import csv
import hashlib
from collections.abc import Mapping
from importlib import resources
from importlib.resources.abc import Traversable

from wildframe.exhibits.table import Column


def paper_numbers(study: str, exhibit: str) -> dict[str, Mapping[str, str]]:
    """Return a paper's numbers, of ``printed`` of its study, by the first column of the file."""
    lines = _printed(study, exhibit).read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader(lines, strict=True)
    return {next(iter(row.values())): dict(row) for row in rows}


def printed_sha256(study: str, exhibit: str) -> str:
    """Return a hash of a paper's printed numbers, which no hash of code covers."""
    return hashlib.sha256(_printed(study, exhibit).read_bytes()).hexdigest()


def _printed(study: str, exhibit: str) -> Traversable:
    return resources.files("wildframe") / "studies" / study / "printed" / f"{exhibit}.csv"


def paper_column(key: str, title: str, compare_with_paper: bool) -> Column:
    """Return a column of a paper's numbers beside ours; numbers of other data do not compare."""
    return Column(key, title, absent="N/A" if compare_with_paper else "not shown")


def beside(numbers: Mapping[str, str] | None, key: str, compare_with_paper: bool) -> str | None:
    """Return a paper's number, or None where there is none or it does not compare."""
    return (numbers or {}).get(key) or None if compare_with_paper else None
