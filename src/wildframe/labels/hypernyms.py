"""The coarse classes of video test sets, and the classes of ImageNet below each in WordNet.

Frames of ImageNet-Vid-Robust have labels among 30 synsets, those of YTBB-Robust among 24 names.
A classifier's own classes count for the target that they are a kind of (*A systematic framework
for natural perturbations from videos*, section 4.1). A class below several targets belongs to the
closest: under YTBB's names a minivan is a car, which WordNet says of it directly, and not the truck
that it is by way of the vans; it is the only class of ImageNet-1K where that matters.
"""

import csv
from dataclasses import dataclass
from importlib import resources

from wildframe.core.choices import Targets
from wildframe.labels.spaces import class_wnids
from wildframe.labels.wordnet import hypernyms, synset


@dataclass(frozen=True, slots=True)
class Target:
    """One of the coarse classes; its index is its place in the list."""

    name: str
    """As the data set spells it."""
    wnid: str | None
    """Root of the walk; None for YTBB's name for nothing."""


def read_targets(targets: Targets) -> list[Target]:
    """Return the coarse classes of a data set, in the order of their indices."""
    file = resources.files("wildframe") / "data" / f"{targets}.csv"
    rows = csv.DictReader(file.read_text(encoding="utf-8").splitlines())
    return [Target(row["name"], row["wnid"] or None) for row in rows]


def members(targets: Targets, class_space: str = "in1k") -> list[list[int]]:
    """Return, for each target, the indices of the classes that are it or a kind of it, ascending.

    No class is in two lists; a target may have none.

    Args:
        targets: Which coarse classes.
        class_space: Classes to sort, as in `class_wnids`.

    Raises:
        UserError: No such class space.
    """
    place = {target.wnid: index for index, target in enumerate(read_targets(targets))}
    roots = frozenset(wnid for wnid in place if wnid)
    found: list[list[int]] = [[] for _ in place]
    for class_index, wnid in enumerate(class_wnids(class_space)):
        if root := _closest(wnid, roots):
            found[place[root]].append(class_index)
    return found


def _closest(wnid: str, roots: frozenset[str]) -> str | None:
    """Return the root that the fewest steps lead up to; the lower wnid where two are as close."""
    if wnid not in roots and not roots & hypernyms(wnid):
        return None
    level = {wnid}
    while not (reached := roots & level):
        level = {parent for below in level for parent in _parents(below)}
    return min(reached)


def _parents(wnid: str) -> list[str]:
    found = synset(wnid)
    above = (*found.hypernyms(), *found.instance_hypernyms())
    return [f"n{parent.offset():08d}" for parent in above]
