"""Station 8: what each model made of each image, and metrics with intervals, as counts."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from wildframe.core.contracts import Contract
from wildframe.core.errors import UserError
from wildframe.core.schemas import IMAGE_RESULTS, SCORES
from wildframe.core.tables import Row, read_table

__all__ = [
    "model_of",
    "read_image_results",
    "read_scores",
    "results_by_model",
]


def model_of(path: Path) -> str:
    """Return the model that a file is of, dots and all: its name without ``.parquet``."""
    return path.name.removesuffix(".parquet")


def read_image_results(path: Path, columns: Sequence[str] | None = None) -> list[Row]:
    """Read what one model made of each image; all columns if None."""
    return _rows(path, IMAGE_RESULTS, columns)


def results_by_model(
    paths: Iterable[Path], columns: Sequence[str] | None = None
) -> dict[str, list[Row]]:
    """Read the results of several models, in the order given.

    Args:
        paths: Results, named ``<model>.parquet``.
        columns: Columns to read; all if None.

    Raises:
        UserError: Two files are of the same model.
    """
    results: dict[str, list[Row]] = {}
    for path in paths:
        model = model_of(path)
        if model in results:
            raise UserError(f"{path}: {model} is given twice; name each model's results once")
        results[model] = read_image_results(path, columns)
    return results


def read_scores(path: Path) -> list[Row]:
    """Read a table of metrics."""
    return _rows(path, SCORES)


def _rows(path: Path, contract: Contract, columns: Sequence[str] | None = None) -> list[Row]:
    rows: list[Row] = read_table(path, contract, columns).to_pylist()
    return rows
