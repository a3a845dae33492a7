"""Station 8: per-image results of each model, and metrics with intervals, as counts."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow.compute as pc

from wildframe.core.schemas import IMAGE_RESULTS
from wildframe.core.tables import Row, paths_by_model, read_table

__all__ = [
    "iter_results",
    "read_image_results",
    "results_by_model",
    "unit_of",
]


def unit_of(row: Mapping[str, Any]) -> str:
    """Return the unit of an image that is independent of others: its video, or else its group."""
    return str(row["video_id"] or row["group_id"])


def read_image_results(
    path: Path, columns: Sequence[str] | None = None, guesses: int | None = None
) -> list[Row]:
    """Read the results of one model on single images and anchors.

    Args:
        path: ``IMAGE_RESULTS``.
        columns: Columns to read; all if None.
        guesses: Classes of ``top``, which takes most of the memory, to read; all if None.
    """
    table = read_table(path, IMAGE_RESULTS, columns and [*columns, "offset"])
    table = table.filter(pc.equal(table["offset"], 0))
    if guesses is not None:
        top = pc.list_slice(table["top"], 0, guesses)
        table = table.set_column(table.column_names.index("top"), "top", top)
    rows: list[Row] = table.to_pylist()
    return rows


def iter_results(
    paths: Iterable[Path], columns: Sequence[str] | None = None, guesses: int | None = None
) -> Iterator[tuple[str, list[Row]]]:
    """Yield several models and their results, in the order given; as `read_image_results`.

    Raises:
        UserError: Two files are of the same model.
    """
    for model, path in paths_by_model(paths, IMAGE_RESULTS).items():
        yield model, read_image_results(path, columns, guesses)


def results_by_model(
    paths: Iterable[Path], columns: Sequence[str] | None = None
) -> dict[str, list[Row]]:
    """Return the results of `iter_results`, all in memory."""
    return dict(iter_results(paths, columns))
