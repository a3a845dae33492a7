"""The targets, classes of the label space that sets are scored in, and a model's classes of each.

Frames of ImageNet-Vid-Robust have labels among 30 synsets, those of YTBB-Robust among 24 names. A
model's class belongs to the target that is its hypernym in WordNet (*A systematic framework for
natural perturbations from videos*, section 4.1), and of several to the closest: in YTBB a minivan
is a car, its direct hypernym, and not the truck that it is by way of the vans; for these two lists
it is the only class of ImageNet-1K where that matters. A name of COCO may comprise several synsets:
a mug is a cup there, a warplane an airplane. Such a target has further roots.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from wildframe.core.choices import Targets
from wildframe.labels.spaces import class_wnids, list_bytes, named_classes
from wildframe.labels.wordnet import archive_sha256, hypernyms, lemmas, parents


@dataclass(frozen=True, slots=True)
class Target:
    """A class of the label space that sets are scored in; its index is its position."""

    name: str
    """As in the dataset."""
    wnid: str | None
    """The id that labels have, and a root; None for YTBB's class ``none``."""
    also: tuple[str, ...] = ()
    """Further roots."""

    @property
    def roots(self) -> tuple[str, ...]:
        """Synsets that are the target, with their hyponyms."""
        return (self.wnid, *self.also) if self.wnid else ()


def read_targets(targets: Targets) -> list[Target]:
    """Return the classes of a label space that sets are scored in, in the order of indices."""
    return list(_targets(targets))


@cache
def _targets(targets: Targets) -> tuple[Target, ...]:
    if targets == "in1k":
        return tuple(
            Target(lemmas(wnid)[0].replace("_", " "), wnid) for wnid in class_wnids(targets)
        )
    return tuple(
        Target(row["name"], row["wnid"] or None, tuple(row["also"].split()))
        for row in named_classes(targets)
    )


def targets_sha256(targets: Targets) -> str:
    """Return a hash of the files that targets depend on: their list and WordNet."""
    digest = hashlib.sha256(archive_sha256().encode())
    digest.update(list_bytes(targets))
    return digest.hexdigest()


def members(targets: Targets, label_space: str = "in1k") -> list[list[int]]:
    """Return, for each target, the ascending indices of the model's classes that belong to it.

    No class is in two lists; a target may have none. If both label spaces are the same, each target
    has itself.

    Args:
        targets: Label space of the targets.
        label_space: Label space of the model, as in `class_wnids`.

    Raises:
        UserError: No such label space.
    """
    return _by_target(targets, target_of_classes(targets, label_space))


def members_among(targets: Targets, wnids: Iterable[str]) -> list[list[int]]:
    """Return `members` of a label space that is not known by name, by the wnids of its classes."""
    return _by_target(targets, (target_of(wnid, targets) for wnid in wnids))


def _by_target(targets: Targets, found_targets: Iterable[str | None]) -> list[list[int]]:
    place = {target.wnid: index for index, target in enumerate(_targets(targets))}
    found: list[list[int]] = [[] for _ in place]
    for class_index, wnid in enumerate(found_targets):
        if wnid:
            found[place[wnid]].append(class_index)
    return found


def target_of_classes(targets: Targets, label_space: str) -> list[str | None]:
    """Return the wnid of the target of each class, None where it has none; errors as `members`."""
    wnids = class_wnids(label_space)
    return list(wnids) if label_space == targets else [target_of(wnid, targets) for wnid in wnids]


def targets_of(wnids: Iterable[str], targets: Targets) -> list[str]:
    """Return the distinct targets of some classes, in their order; classes without are skipped.

    Raises:
        UserError: A wnid is not in WordNet 3.0.
    """
    found = (target_of(wnid, targets) for wnid in wnids)
    return list(dict.fromkeys(wnid for wnid in found if wnid))


@cache
def target_of(wnid: str, targets: Targets) -> str | None:
    """Return the wnid of the target that a class belongs to; errors as `targets_of`."""
    owners = _owners(targets)
    root = _closest(wnid, frozenset(owners))
    return owners[root] if root else None


@cache
def _owners(targets: Targets) -> dict[str, str]:
    """Return the wnid of the target of each root."""
    return {root: str(target.wnid) for target in _targets(targets) for root in target.roots}


def _closest(wnid: str, roots: frozenset[str]) -> str | None:
    """Return the closest root; the lower wnid if two are equally close."""
    if wnid not in roots and not roots & hypernyms(wnid):
        return None
    level = {wnid}
    while not (reached := roots & level):
        level = {parent for below in level for parent in parents(below)}
    return min(reached)
