"""Cells and columns of the study's tables."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from wildframe.core.tables import Row
from wildframe.exhibits import shares
from wildframe.exhibits.figure import FEW
from wildframe.exhibits.pairs import difference_cells, difference_columns, few_clusters
from wildframe.exhibits.paper import paper_column
from wildframe.exhibits.shares import BY_IMAGE, INTERVALS, cluster_columns
from wildframe.exhibits.table import Column


def percent(share: float | None, n: int = FEW) -> str | None:
    """Return a share in [0, 1] of so many trials in percent, of few without decimals; or None."""
    return None if share is None else f"{100 * share:.{2 if n >= FEW else 0}f}"


def share_cells(key: str, score: Mapping[str, Any] | None) -> Row:
    """Return the cells of `share_columns`; all None without a score."""
    return {
        **shares.share_cells(key, score, percent),
        f"{key}_clusters": score and score["clusters"],
    }


def share_columns(key: str, title: str, rows: Sequence[Row], images: str = "") -> list[Column]:
    """Return the columns of a share with both intervals.

    That over clips is in the CSV only where each image is of a clip of its own: there it tells
    nothing that the other does not.

    Args:
        key: Begins the keys of the cells.
        title: What people see above the share.
        rows: `share_cells` of the table.
        images: What people see above the number of images; it is in the CSV only without.
    """
    return [
        *shares.share_columns(key, f"{title} %", counts=["successes"]),
        *cluster_columns(key, title if _shares_clips(rows, key) else ""),
        Column(f"{key}_n", images),
        Column(f"{key}_clusters", ""),
    ]


def interval_note(rows: Sequence[Row], keys: Iterable[str]) -> str:
    """Say what the intervals of `share_columns` are that people read."""
    return INTERVALS if any(_shares_clips(rows, key) for key in keys) else BY_IMAGE


def _shares_clips(rows: Sequence[Row], key: str) -> bool:
    """Tell whether several images are of one clip or video."""
    return any(row[key] is not None and row[f"{key}_clusters"] < row[f"{key}_n"] for row in rows)


def accuracy_cells(
    column: str, score: Mapping[str, Any] | None, gain: Row | None, paper: str | None
) -> Row:
    """Return the cells of `accuracy_columns`.

    Args:
        column: Name of the dataset.
        score: Its accuracy with counts and intervals; None where there is none.
        gain: Its `corrected` comparison with the reference; None of what is not compared.
        paper: The paper's number, if it is shown.
    """
    return {
        **share_cells(column, score),
        **difference_cells(f"{column}_gain", gain),
        f"{column}_gained": gain and gain["only_a"],
        f"{column}_lost": gain and gain["only_b"],
        f"paper_{column}": paper,
    }


def accuracy_columns(
    column: str, rows: Sequence[Row], has_paper: bool, title: str = ""
) -> list[Column]:
    """Return the columns of a dataset: accuracy, its gain over the reference, the paper's.

    Args:
        column: Name of the dataset; begins the keys of the cells.
        rows: `accuracy_cells` of the table.
        has_paper: Whether the paper's numbers are shown.
        title: What people see above its accuracy, if not the name.
    """
    return [
        *share_columns(column, title or column, rows),
        *difference_columns(f"{column}_gain", f"Gain, {column}"),
        Column(f"{column}_gained", ""),
        Column(f"{column}_lost", ""),
        paper_column(f"paper_{column}", f"Paper, {column}" if has_paper else "", has_paper),
    ]


def gain_notes(rows: Sequence[Row], columns: Iterable[str]) -> list[str]:
    """Return the notes on the gains of a table: how many are tested, and on how few units."""
    found = [
        {"clusters": row[f"{column}_gain_clusters"]}
        for column in columns
        for row in rows
        if row[f"{column}_gain_p"] is not None
    ]
    return [
        f"Here, the correction is for the comparisons of the whole table: {len(found)}.",
        *few_clusters(found),
    ]
