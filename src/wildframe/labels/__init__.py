"""Station 2: label spaces, and the maps between words, synsets (wnids) and class indices."""

from pathlib import Path

import pyarrow.compute as pc

from wildframe.core.schemas import CLASSES
from wildframe.core.tables import Row, read_table

__all__ = ["read_class_names", "read_classes"]


def read_classes(path: Path, label_space: str) -> list[Row]:
    """Read the classes of a label space, in the order of their indices."""
    table = read_table(path, CLASSES)
    rows: list[Row] = table.filter(pc.equal(table["label_space"], label_space)).to_pylist()
    return rows


def read_class_names(path: Path, label_space: str = "in1k") -> dict[str, str]:
    """Return the first lemma of each class of a label space by wnid."""
    return {row["wnid"]: row["name"] for row in read_classes(path, label_space)}
