"""Station 2: label spaces, and the maps between words, synsets (wnids) and class indices."""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

import pyarrow.compute as pc

from wildframe.core.schemas import CLASSES, MANIFEST
from wildframe.core.tables import Row, read_facts, read_table
from wildframe.core.targets import NONE, is_own, space_name
from wildframe.labels.hypernyms import read_targets, targets_of
from wildframe.labels.spaces import SPACES

__all__ = ["ClassNames", "LabelSpace", "read_class_names", "read_classes", "read_label_space"]


def read_classes(path: Path, label_space: str) -> list[Row]:
    """Read the classes of a label space, in the order of their indices."""
    table = read_table(path, CLASSES)
    rows: list[Row] = table.filter(pc.equal(table["label_space"], label_space)).to_pylist()
    return rows


def labeller_of(classes: Path, label_space: str) -> Callable[[Sequence[str]], list[str]]:
    """Return the function from the labels of an image to its classes in a label space.

    A label below a class of a label space of one's own counts as that class; of ImageNet's, labels
    are the classes themselves. The function raises what `targets_of` does.

    Args:
        classes: Table of classes.
        label_space: As `wildframe.core.target_settings.ImageSpaceSetting`.
    """
    if is_own(label_space):
        return partial(targets_of, targets=label_space)
    known = {row["wnid"] for row in read_classes(classes, label_space)}
    return lambda labels: [wnid for wnid in labels if wnid in known]


class ClassNames(dict[str, str]):
    """Names of the classes of a label space by wnid; also tells that of a class of another.

    Models may predict classes that no label is. A class that is nowhere named is told by its id.
    """

    def __init__(self, names: Mapping[str, str], others: Mapping[str, str]) -> None:
        super().__init__(names)
        self._others = others

    def __missing__(self, wnid: str) -> str:
        return self._others.get(wnid, wnid.replace("_", " "))


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
    if is_own(label_space):
        own = {target.wnid: target.name for target in read_targets(label_space) if target.wnid}
        return ClassNames(own, others)
    return ClassNames(named.get(label_space, {}), others)


@dataclass(frozen=True)
class LabelSpace:
    """The label space of a dataset."""

    name: str
    wnids: Sequence[str | None]
    """Of its classes, by index; None for a class without."""
    names: Mapping[str, str]
    """Of the classes that have a wnid, each another."""

    @cached_property
    def indices(self) -> Mapping[str, int]:
        """Index of each class by wnid."""
        return {wnid: index for index, wnid in enumerate(self.wnids) if wnid}

    @property
    def listed(self) -> list[str]:
        """The name of each class by index."""
        return [self.names[wnid] if wnid else NONE for wnid in self.wnids]

    @property
    def title(self) -> str:
        """What people call it."""
        return "ImageNet-1K" if self.name == "in1k" else space_name(self.name)


def read_label_space(manifest: Path, classes: Path) -> LabelSpace:
    """Read the label space that a dataset was made with.

    Args:
        manifest: Manifest of the dataset.
        classes: Table of classes.

    Raises:
        UserError: A file is absent or something else.
    """
    chosen = json.loads(read_facts(manifest, MANIFEST)["config"])
    space = chosen.get("label_space") or chosen["targets"]
    if space in SPACES:
        rows = read_classes(classes, space)
        return LabelSpace(space, [row["wnid"] for row in rows], read_class_names(classes, space))
    targets = read_targets(space)
    names = {target.wnid: target.name for target in targets if target.wnid}
    return LabelSpace(space, [target.wnid for target in targets], names)
