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
from functools import cache
from pathlib import Path

from wildframe.core.own_csv import is_wnid
from wildframe.core.targets import Target, is_own, list_targets
from wildframe.labels.spaces import class_wnids, list_bytes, require_synsets
from wildframe.labels.wordnet import archive_sha256, first_lemma, hypernyms, parents


@cache
def read_targets(targets: str) -> tuple[Target, ...]:
    """Return the classes of a label space that sets are scored in, in the order of indices."""
    if targets == "in1k":
        return tuple(
            Target(first_lemma(wnid).replace("_", " "), wnid) for wnid in class_wnids(targets)
        )
    listed = list_targets(targets)
    if is_own(targets):
        roots = (root for target in listed for root in target.roots)
        require_synsets(Path(targets), filter(is_wnid, roots))
    return listed


def targets_sha256(targets: str) -> str:
    """Return a hash of the files that targets depend on: their list and WordNet.

    Raises:
        UserError: The file of a label space of one's own is absent.
    """
    digest = hashlib.sha256(archive_sha256().encode())
    digest.update(list_bytes(targets))
    return digest.hexdigest()


def members(targets: str, label_space: str = "in1k") -> list[list[int]]:
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


def members_among(targets: str, wnids: Iterable[str]) -> list[list[int]]:
    """Return `members` of a label space that is not known by name, by the wnids of its classes."""
    return _by_target(targets, (target_of(wnid, targets) for wnid in wnids))


def _by_target(targets: str, found_targets: Iterable[str | None]) -> list[list[int]]:
    place = {target.wnid: index for index, target in enumerate(read_targets(targets))}
    found: list[list[int]] = [[] for _ in place]
    for class_index, wnid in enumerate(found_targets):
        if wnid:
            found[place[wnid]].append(class_index)
    return found


def target_of_classes(targets: str, label_space: str) -> list[str | None]:
    """Return the wnid of the target of each class, None where it has none; errors as `members`."""
    wnids = class_wnids(label_space)
    return list(wnids) if label_space == targets else [target_of(wnid, targets) for wnid in wnids]


def targets_of(wnids: Iterable[str], targets: str) -> list[str]:
    """Return the distinct targets of some classes, in their order; classes without are skipped.

    Raises:
        UnknownSynsetError: A wnid is not in WordNet 3.0.
    """
    found = (target_of(wnid, targets) for wnid in wnids)
    return list(dict.fromkeys(wnid for wnid in found if wnid))


@cache
def target_of(wnid: str, targets: str) -> str | None:
    """Return the wnid of the target that a class belongs to; errors as `targets_of`."""
    owners = _owners(targets)
    root = _closest(wnid, frozenset(owners))
    return owners[root] if root else None


@cache
def _owners(targets: str) -> dict[str, str]:
    """Return the wnid of the target of each root."""
    return {root: str(target.wnid) for target in read_targets(targets) for root in target.roots}


def _closest(wnid: str, roots: frozenset[str]) -> str | None:
    """Return the closest root; the lower wnid if two are equally close."""
    if wnid not in roots and not (is_wnid(wnid) and roots & hypernyms(wnid)):
        return None
    level = {wnid}
    while not (reached := roots & level):
        level = {parent for below in level for parent in parents(below)}
    return min(reached)
