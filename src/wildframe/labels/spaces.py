"""Label spaces: the ordered wnids of a model's classes.

Those of ImageNet are the lists of timm. Its two orders of ImageNet-21K only agree up to index
9,204, so an index means nothing without its label space (timm ``data/imagenet_info.py``). The
classes of ImageNet VID and of COCO, which models are fine-tuned on, are in this package.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from wildframe.core.errors import UserError, located
from wildframe.core.files import require_file
from wildframe.core.own_csv import class_index, iter_records
from wildframe.core.tables import Row
from wildframe.core.targets import is_own, label_reader, list_targets, lists_names, target_list
from wildframe.core.timm_lists import FILES, timm_list
from wildframe.labels.wordnet import (
    archive_sha256,
    first_lemma,
    hypernyms,
    lemmas,
    parents,
    sense_number,
    synset,
)

SUBSETS = {"imagenet_a": "imagenet_a_synsets.txt", "imagenet_r": "imagenet_r_synsets.txt"}
"""Classes of ImageNet-1K that a test set shows, 200 each."""

NAMED = ("vid30", "coco80")
"""Label spaces of datasets with their own names for classes."""

SPACES = (*FILES, *NAMED)


def class_wnids(label_space: str) -> list[str]:
    """Return the wnids of a label space in the order of its indices.

    Args:
        label_space: ``in1k`` (1,000), ``in21k`` (Google's order, 21,843), ``in22k`` (21,841),
            ``vid30`` or ``coco80``.

    Raises:
        UserError: No such label space.
    """
    if label_space not in SPACES:
        raise UserError(f"{label_space}: no such label space; choose from {', '.join(SPACES)}")
    if label_space in NAMED:
        return [str(target.wnid) for target in list_targets(label_space)]
    return list_bytes(label_space).decode().split()


def class_ids(label_space: str) -> list[str | None]:
    """Return the wnids of a label space of a model or of a dataset, by class index.

    Returns:
        None for a class without.

    Raises:
        UserError: No such label space; or of a CSV file of one's own, as of `list_targets`.
    """
    if label_space in SPACES:
        return [*class_wnids(label_space)]
    return [target.wnid for target in list_targets(label_space)]


def class_keys(label_space: str) -> list[str]:
    """Return what files call each class, by class index: its id, or its name if it has none.

    Raises:
        UserError: As `class_ids`.
    """
    if label_space in SPACES:
        return class_wnids(label_space)
    return [target.wnid or target.name for target in list_targets(label_space)]


def subset_wnids(name: str) -> list[str]:
    """Return the wnids of one of the `SUBSETS`, in the order of its file."""
    return timm_list(SUBSETS[name]).decode().split()


def list_bytes(name: str) -> bytes:
    """Return the content of the file that lists the classes of a label space."""
    if name in FILES:
        return timm_list(FILES[name])
    return target_list(name)


def lists_sha256() -> str:
    """Return a hash of the files that label spaces depend on: the lists and WordNet."""
    digest = hashlib.sha256(archive_sha256().encode())
    for name in SPACES:
        digest.update(list_bytes(name))
    return digest.hexdigest()


def read_class_list(path: Path) -> list[str]:
    """Return the wnids of a label space of the user's own, by class index.

    Args:
        path: CSV file with the columns ``index`` and ``wnid``, in any order of rows; a name that
            only one class of ImageNet-21K has may stand for its wnid. Or one with the columns
            ``name`` and ``wnids``, as of `list_targets`, in the order of indices: a class has its
            first wnid, or its name.

    Raises:
        UserError: The file is absent or something else, indices are not 0 to n - 1, or a class is
            unknown or listed twice; names the line.
    """
    read_label = label_reader("in21k")
    require_file(
        path, f"write it with the columns index,wnid, or name a label space: {', '.join(SPACES)}"
    )
    if path.stem in SPACES:
        raise UserError(f"{path}: {path.stem} is a label space of wildframe; rename the file")
    if _is_named(str(path)):
        return [str(target.wnid) for target in list_targets(str(path))]
    wnids: dict[int, str] = {}
    listed: set[str] = set()
    for line, row in iter_records(path, ("index", "wnid"), others=True):
        place = f"{path}: line {line}"
        index = class_index(row["index"])
        if index is None:
            raise UserError(f"{place}: the index {row['index'][:40]!r} is not a number; correct it")
        with located(place):
            wnid = read_label(row["wnid"])
        if index in wnids or wnid in listed:
            twice = f"index {index}" if index in wnids else wnid
            raise UserError(f"{place}: {twice} is listed twice; a class has one row")
        wnids[index] = wnid
        listed.add(wnid)
    missing = set(range(len(wnids))) - wnids.keys()
    if missing or not wnids:
        raise UserError(
            f"{path}: index {min(missing, default=0)} of {max(wnids, default=0) + 1} classes is "
            "missing; list each once, from 0"
        )
    return [wnids[index] for index in range(len(wnids))]


def require_synsets(path: Path, wnids: Iterable[str]) -> None:
    """Raise a `UserError` that names a wnid of a class list that is not in WordNet 3.0."""
    for wnid in wnids:
        try:
            first_lemma(wnid)
        except UserError as error:
            raise UserError(f"{path}: {error}; correct it") from error


def class_names(label_space: str, known: Mapping[str, str]) -> list[str]:
    """Return what each class of a model's label space is called, as text; no two the same.

    That is its name where the list has names, and otherwise the known one or the first lemma.
    Classes that share it have what tells them apart after it: a further lemma, or a direct
    hypernym, or the definition.

    Args:
        label_space: As of `class_wnids`, or a file as of `read_class_list`.
        known: Names by wnid.

    Raises:
        UserError: As in `read_class_list`, or a wnid is not in WordNet 3.0.
    """
    if _is_named(label_space):
        return [target.name.replace("_", " ") for target in list_targets(label_space)]
    is_known = label_space in SPACES
    wnids = class_wnids(label_space) if is_known else read_class_list(Path(label_space))
    further = [_iter_names(wnid, known) for wnid in wnids]
    names = [next(one) for one in further]
    while shared := {name for name, n in Counter(map(str.casefold, names)).items() if n > 1}:
        pairs = zip(names, further, strict=True)
        names = [next(one) if name.casefold() in shared else name for name, one in pairs]
    return names


def _is_named(label_space: str) -> bool:
    """Tell whether the list of a label space has names of its classes."""
    return label_space in NAMED or (is_own(label_space) and lists_names(Path(label_space)))


def _iter_names(wnid: str, known: Mapping[str, str]) -> Iterator[str]:
    """Yield the name of a class, then longer ones."""
    words = [lemma.replace("_", " ") for lemma in lemmas(wnid)]
    name = known.get(wnid, words[0])
    yield name
    words += [first_lemma(parent).replace("_", " ") for parent in sorted(parents(wnid))]
    yield from (f"{name}, {word}" for word in words if word != name)
    yield f"{name}, {_definition(wnid)}"


def _definition(wnid: str) -> str:
    # NLTK cuts the examples off, and leaves what stood between them.
    return str(synset(wnid).definition()).strip("; :")


def iter_classes(label_space: str) -> Iterator[Row]:
    """Yield the rows of the ``classes`` table of a label space."""
    wnids = class_wnids(label_space)
    names = [target.name for target in list_targets(label_space)] if label_space in NAMED else []
    known = frozenset(wnids)
    for index, wnid in enumerate(wnids):
        own = lemmas(wnid)
        yield {
            "label_space": label_space,
            "class_index": index,
            "wnid": wnid,
            # WordNet's first lemma of a suitcase is bag, and so it is of a handbag.
            "name": (names[index] if names else own[0]).replace("_", " "),
            "lemmas": own,
            "senses": [sense_number(lemma, wnid) for lemma in own],
            "definition": _definition(wnid),
            "ancestors": sorted(known & hypernyms(wnid)),
        }
