"""Station 2: label spaces, and the maps between words, synsets (wnids) and class indices."""

from collections import Counter
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
    """Return the first lemma of each class of a label space by wnid.

    Classes of one space that share it, such as both cranes, are told apart by their wnids.
    """
    columns = read_table(path, CLASSES, ["label_space", "wnid", "name"]).to_pylist()
    counts = Counter((row["label_space"], row["name"]) for row in columns)
    named: dict[str, dict[str, str]] = {}
    for row in columns:
        space, wnid, name = row["label_space"], row["wnid"], row["name"]
        unique = name if counts[space, name] == 1 else f"{name} ({wnid})"
        named.setdefault(space, {})[wnid] = unique
    others = {wnid: name for names in named.values() for wnid, name in names.items()}
    return ClassNames(named.get(label_space, {}), others)
