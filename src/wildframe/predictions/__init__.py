"""Station 7: the predictions of each model. The only station that needs a GPU."""

from collections.abc import Mapping
from pathlib import Path

from wildframe.core.choices import Aggregate
from wildframe.core.schemas import PREDICTIONS
from wildframe.core.tables import Row, iter_rows, read_table
from wildframe.predictions.crops import of_images

__all__ = ["own_wnids", "read_top"]


def own_wnids(facts: Mapping[str, str]) -> list[str] | None:
    """Return the classes of a label space of the model's own, by index; None for a known one.

    Args:
        facts: Metadata of a predictions file.
    """
    return facts["wnids"].split() if "wnids" in facts else None


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
