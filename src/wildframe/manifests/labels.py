"""The labels of a dataset's images."""

from pathlib import Path

from wildframe.core.schemas import MANIFEST
from wildframe.core.tables import read_table


def read_labels(manifest: Path) -> dict[str, list[str]]:
    """Read the labels of each image; errors as in `wildframe.core.tables.read_table`."""
    rows = read_table(manifest, MANIFEST, ["image_id", "labels"]).to_pylist()
    return {row["image_id"]: row["labels"] for row in rows}
