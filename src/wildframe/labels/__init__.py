"""Station 2: label spaces, and the maps between words, synsets (wnids) and class indices."""

from collections.abc import Mapping
from pathlib import Path

import pyarrow.compute as pc

from wildframe.core.schemas import CLASSES
from wildframe.core.tables import Row, read_table

__all__ = ["ClassNames", "read_class_names", "read_classes"]


def read_classes(path: Path, label_space: str) -> list[Row]:
    """Read the classes of a label space, in the order of their indices."""
    table = read_table(path, CLASSES)
    rows: list[Row] = table.filter(pc.equal(table["label_space"], label_space)).to_pylist()
    return rows


class ClassNames(dict[str, str]):
    """Names of the classes of a label space by wnid; also tells that of a class of another.

    Models may predict classes that no label is. A class that is nowhere named is told by its wnid.
    """

    def __init__(self, names: Mapping[str, str], others: Mapping[str, str]) -> None:
        super().__init__(names)
        self._others = others

    def __missing__(self, wnid: str) -> str:
        return self._others.get(wnid, wnid)


def read_class_names(path: Path, label_space: str = "in1k") -> ClassNames:
    """Return the first lemma of each class of a label space by wnid."""
    columns = read_table(path, CLASSES, ["label_space", "wnid", "name"]).to_pylist()
    names = {row["wnid"]: row["name"] for row in columns if row["label_space"] == label_space}
    return ClassNames(names, {row["wnid"]: row["name"] for row in columns})
