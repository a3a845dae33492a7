"""The classes that sets of frames are judged by, and the classes of other spaces below each.

Frames of ImageNet-Vid-Robust have labels among 30 synsets, those of YTBB-Robust among 24 names. A
classifier's own classes count for the target that they are a kind of in WordNet (*A systematic
framework for natural perturbations from videos*, section 4.1). A class below several targets
belongs to the closest: under YTBB's names a minivan is a car, which WordNet says of it directly,
and not the truck that it is by way of the vans; for these two lists it is the only class of
ImageNet-1K where that matters. A name of COCO may mean more than one synset and its kinds: a mug is
a cup there, a warplane an airplane. Such a target has further roots.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from wildframe.core.choices import Targets
from wildframe.labels.spaces import class_wnids, iter_classes, list_bytes, named_classes
from wildframe.labels.wordnet import archive_sha256, hypernyms, synset


@dataclass(frozen=True, slots=True)
class Target:
    """One of the classes to judge by; its index is its place in the list."""

    name: str
    """As the data set spells it."""
    wnid: str | None
    """What labels say, and a root of the walk; None for YTBB's name for nothing."""
    also: tuple[str, ...] = ()
    """Further roots."""

    @property
    def roots(self) -> tuple[str, ...]:
        """Synsets that are the target, as their kinds are."""
        return (self.wnid, *self.also) if self.wnid else ()


def read_targets(targets: Targets) -> list[Target]:
    """Return the classes to judge by, in the order of their indices.

    Args:
        targets: ``vid30``, ``ytbb24``, ``coco80``, or ``in1k``: the 1,000 classes themselves.
    """
    return list(_targets(targets))


@cache
def _targets(targets: Targets) -> tuple[Target, ...]:
    if targets == "in1k":
        return tuple(Target(row["name"], row["wnid"]) for row in iter_classes(targets))
    return tuple(
        Target(row["name"], row["wnid"] or None, tuple(row["also"].split()))
        for row in named_classes(targets)
    )


def targets_sha256(targets: Targets) -> str:
    """Return a hash of everything that targets depend on: their list and WordNet."""
    digest = hashlib.sha256(archive_sha256().encode())
    digest.update(list_bytes(targets))
    return digest.hexdigest()


def members(targets: Targets, label_space: str = "in1k") -> list[list[int]]:
    """Return, for each target, the indices of the classes that are it or a kind of it, ascending.

    No class is in two lists; a target may have none. Where the classes are the targets, each has
    itself.

    Args:
        targets: Which targets.
        label_space: Classes to sort, as in `class_wnids`.

    Raises:
        UserError: No such label space.
    """
    place = {target.wnid: index for index, target in enumerate(_targets(targets))}
    found: list[list[int]] = [[] for _ in place]
    for class_index, wnid in enumerate(target_of_classes(targets, label_space)):
        if wnid:
            found[place[wnid]].append(class_index)
    return found


def target_of_classes(targets: Targets, label_space: str) -> list[str | None]:
    """Return the wnid of the target of each class, None where it has none; errors as `members`."""
    wnids = class_wnids(label_space)
    return list(wnids) if label_space == targets else [target_of(wnid, targets) for wnid in wnids]


def targets_of(wnids: Iterable[str], targets: Targets) -> list[str]:
    """Return the targets of some classes, each once, in the order in which they are met.

    Args:
        wnids: Classes; those of no target are passed over.
        targets: Which targets.

    Raises:
        UserError: A wnid is none of WordNet 3.0.
    """
    found = (target_of(wnid, targets) for wnid in wnids)
    return list(dict.fromkeys(wnid for wnid in found if wnid))


@cache
def target_of(wnid: str, targets: Targets) -> str | None:
    """Return the wnid of the target that a class is, or is a kind of; errors as `targets_of`."""
    owners = _owners(targets)
    root = _closest(wnid, frozenset(owners))
    return owners[root] if root else None


@cache
def _owners(targets: Targets) -> dict[str, str]:
    """Return the wnid of the target that each root belongs to."""
    return {root: str(target.wnid) for target in _targets(targets) for root in target.roots}


def _closest(wnid: str, roots: frozenset[str]) -> str | None:
    """Return the root that the fewest steps lead up to; the lower wnid where two are as close."""
    if wnid not in roots and not roots & hypernyms(wnid):
        return None
    level = {wnid}
    while not (reached := roots & level):
        level = {parent for below in level for parent in _parents(below)}
    return min(reached)


@cache
def _parents(wnid: str) -> tuple[str, ...]:
    found = synset(wnid)
    above = (*found.hypernyms(), *found.instance_hypernyms())
    return tuple(f"n{parent.offset():08d}" for parent in above)
