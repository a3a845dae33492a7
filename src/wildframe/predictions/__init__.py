"""Station 7: the predictions of each model. The only station that needs a GPU."""

from pathlib import Path

from wildframe.core.choices import Aggregate
from wildframe.core.schemas import PREDICTIONS
from wildframe.core.tables import Row, iter_rows, read_facts, read_table
from wildframe.predictions.crops import of_images

__all__ = ["label_space_of", "read_top"]


def label_space_of(path: Path) -> str:
    """Return the label space that the indices of a predictions file belong to."""
    return read_facts(path, PREDICTIONS)["label_space"]


def read_top(path: Path, aggregate: Aggregate | None = None) -> list[Row]:
    """Read ``image_id``, ``view_key`` and ``top`` of a predictions file.

    Args:
        path: Predictions of one model.
        aggregate: How those on the crops of an image become one; as they are if None.
    """
    columns = ["image_id", "view_key", "top"]
    if aggregate is None:
        rows: list[Row] = read_table(path, PREDICTIONS, columns).to_pylist()
        return rows
    images = of_images(iter_rows(path, PREDICTIONS, batch_size=512), aggregate)
    return [{name: row[name] for name in columns} for row in images]
