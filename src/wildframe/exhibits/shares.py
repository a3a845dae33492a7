"""Shares in percent with their intervals and counts: cells and columns of a table, and notes."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from wildframe.core.display import interval
from wildframe.core.tables import Row
from wildframe.exhibits.figure import FEW
from wildframe.exhibits.table import Column

INTERVALS = (
    "Intervals beside a value are Clopper-Pearson's and treat images of one clip as independent; "
    "those over clips (over videos, where one has several clips) are Student's t with the "
    "jackknife over clips, on the logit scale. N/A: all clips agree, or there are fewer than five "
    "images."
)
"""What both intervals of a share of images are."""

OVER_CLIPS = (
    "Intervals, 95 %, are over clips, or over videos where one has several clips (Student's t with "
    "the jackknife, on the logit scale); there is none where all clips agree."
)

BY_IMAGE = "Intervals are Clopper-Pearson's, 95 %, and treat images as independent."

ENDS = ("low", "high", "cluster_low", "cluster_high")
"""Keys of the ends of both intervals of a score."""

_COUNTS = ("successes", "n")

_DECIMALS = re.compile(r"\.\d+f")


def drawn_interval(rows: Iterable[Mapping[str, Any]], key: str = "") -> tuple[str, str, str]:
    """Return what the intervals of shares are that a figure draws, and the keys of their ends.

    They are over clips where several images are of one: otherwise the exact ones say the same.

    Args:
        rows: With both intervals, ``n`` and ``clusters``.
        key: What the keys of the ends of the exact one begin with.
    """
    if any(row["clusters"] < row["n"] for row in rows):
        return OVER_CLIPS, "cluster_low", "cluster_high"
    return BY_IMAGE, f"{key}low", f"{key}high"


def notes_on_intervals(
    intervals: str,
    rows: Iterable[Mapping[str, Any]],
    *,
    low: str = "low",
    n: str = "n",
    unit: str = "images",
    is_hollow: bool = False,
) -> list[str]:
    """Return what is to be said of intervals: what they are, if any is drawn, and where none is.

    Args:
        intervals: What they are.
        rows: What is drawn.
        low: Key of the lower end, None where there is none.
        n: Key of the number of trials; of fewer than `FEW` no interval is drawn.
        unit: What the trials are.
        is_hollow: Whether these are drawn as by `draw_points`.
    """
    counted = [(row[n], row[low]) for row in rows]
    few = (
        f"Hollow points are of fewer than {FEW} {unit}."
        if is_hollow
        else f"Intervals of fewer than {FEW} {unit} say nothing, and are not drawn."
    )
    return [
        *([intervals] if any(count >= FEW and end is not None for count, end in counted) else []),
        *([few] if any(count < FEW for count, _ in counted) else []),
    ]


def share_cells(
    key: str,
    score: Mapping[str, Any] | None,
    percent: Callable[[float, int], Any],
) -> Row:
    """Return the cells of a score: ``key``, ``<key>_low`` and so on; all None where there is none.

    Shares of fewer than five trials have no intervals.

    Args:
        key: Begins the keys of the cells.
        score: A row with ``value``, ends of both intervals and counts.
        percent: How a share in [0, 1] of so many trials is shown.
    """
    if score is None:
        return dict.fromkeys([key, *(f"{key}_{part}" for part in (*ENDS, *_COUNTS))])
    n = score["n"]
    has_interval = {end: n >= FEW and score[end] is not None for end in ENDS}
    return {
        key: percent(score["value"], n),
        **{f"{key}_{end}": percent(score[end], n) if has_interval[end] else None for end in ENDS},
        **{f"{key}_{count}": score[count] for count in _COUNTS},
    }


def interval_columns(key: str, title: str, spec: str) -> list[Column]:
    """Return the columns of a number and its interval, printed by a format specification."""

    def text(row: Mapping[str, Any]) -> str:
        low, high = row[f"{key}_low"], row[f"{key}_high"]
        if row.get(f"{key}_n", FEW) < FEW:
            return f"{row[key]:{_DECIMALS.sub('.0f', spec)}} [N/A]"
        return f"{row[key]:{spec}} [{interval(low, high, spec)}]"

    return [
        Column(key, title, text, absent="N/A"),
        Column(f"{key}_low", ""),
        Column(f"{key}_high", ""),
    ]


def share_columns(
    key: str, title: str, spec: str = "", counts: Iterable[str] = _COUNTS
) -> list[Column]:
    """Return the columns of `share_cells` with the exact interval; counts are in the CSV only."""
    columns = interval_columns(key, f"{title} [95 % CI]", spec)
    return columns + [Column(f"{key}_{count}", "") for count in counts]


def cluster_columns(key: str, title: str, spec: str = "", unit: str = "clips") -> list[Column]:
    """Return the columns of the interval of `share_cells` over a unit; CSV only without a title."""

    def text(row: Mapping[str, Any]) -> str:
        return f"[{interval(row[f'{key}_cluster_low'], row[f'{key}_cluster_high'], spec)}]"

    heading = title and f"{title}, 95 % CI over {unit}"
    return [
        Column(f"{key}_cluster_low", heading, text, absent="N/A"),
        Column(f"{key}_cluster_high", ""),
    ]


def both_intervals(
    key: str, title: str, spec: str = "", unit: str = "clips", counts: Iterable[str] = _COUNTS
) -> list[Column]:
    """Return the columns of `share_cells`: with the exact interval, then that over a unit."""
    return [
        *share_columns(key, f"{title} %", spec, counts),
        *cluster_columns(key, title, spec, unit),
    ]
