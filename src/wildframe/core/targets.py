"""The coarse label spaces: of video test sets, as the datasets list them, and of one's own."""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from importlib import resources
from pathlib import Path

from wildframe.core.choices import TARGETS
from wildframe.core.class_names import ClassFinder, NamedClass, reader, synset_finder
from wildframe.core.errors import UserError, located
from wildframe.core.files import require_file
from wildframe.core.own_csv import classes_command, is_wnid, iter_records
from wildframe.core.timm_lists import FILES

LISTED = ("vid30", "ytbb24", "coco80")
"""Those that this package lists."""

NONE = "none"
"""What YTBB's class without a wnid is called, and known by where a class needs an id."""

_LONGEST = 100
"""Letters of the name of a class."""

REMEDY = "write it with the columns name,wnids, or correct label_space"


def is_own(label_space: str) -> bool:
    """Tell whether a label space is a CSV file of one's own."""
    return label_space.endswith(".csv")


def space_name(label_space: str) -> str:
    """Return what a label space is called: a CSV file by its name, without the suffix."""
    return Path(label_space).stem if is_own(label_space) else label_space


@dataclass(frozen=True, slots=True)
class Target:
    """A class of the label space that sets are scored in; its index is its position."""

    name: str
    """As in the dataset."""
    wnid: str | None
    """The id that labels have, and a root; None for YTBB's class ``none``.

    In a label space of the user's own, the id of a class without a wnid is its name, with ``_`` for
    spaces.
    """
    also: tuple[str, ...] = ()
    """Further roots."""

    @property
    def roots(self) -> tuple[str, ...]:
        """Synsets that are the target, with their hyponyms."""
        return (self.wnid, *self.also) if self.wnid else ()


@cache
def list_targets(targets: str) -> tuple[Target, ...]:
    """Return the classes of a coarse label space, in the order of their indices.

    Args:
        targets: ``vid30``, ``ytbb24``, ``coco80``, or a CSV file with the columns ``name`` and
            ``wnids`` (WordNet ids, or names that only one class of ImageNet-21K has, separated by
            spaces; none for a class that WordNet has no word for).

    Raises:
        UserError: No such label space; or of a file, that it is absent or something else, or two
            classes share a name or a wnid; names the line.
    """
    if is_own(targets):
        return tuple(_own_targets(Path(targets)))
    if targets not in LISTED:
        raise UserError(
            f"{targets}: no such label space; choose from {', '.join(TARGETS)}, or write a CSV "
            "file of your own with the columns name,wnids"
        )
    lines = target_list(targets).decode().splitlines()
    return tuple(
        Target(row["name"], row["wnid"] or None, tuple(row.get("also", "").split()))
        for row in csv.DictReader(lines)
    )


def lists_names(path: Path) -> bool:
    """Tell whether a CSV file has the columns of a label space of one's own, not of a model's."""
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        return "wnids" in next(csv.reader([file.readline().strip()]), [])


def target_list(targets: str) -> bytes:
    """Return the content of the file that lists the classes of a coarse label space."""
    if is_own(targets):
        return require_file(Path(targets), REMEDY).read_bytes()
    return (resources.files("wildframe") / "data" / f"{targets}.csv").read_bytes()


def _own_targets(path: Path) -> Iterator[Target]:
    require_file(path, REMEDY)
    read_root = reader(partial(synset_finder, "in21k"))
    lines: dict[str, int] = {}
    for line, row in iter_records(path, ("name", "wnids")):
        place = f"{path}: line {line}"
        name = " ".join(row["name"].replace("_", " ").split())
        if not _is_name(name):
            raise UserError(
                f"{place}: {row['name'][:40]!r} is no name of a class; write a word for it"
            )
        with located(place):
            roots = tuple(dict.fromkeys(map(read_root, row["wnids"].split())))
        for taken in (name.casefold(), *roots):
            if taken in lines:
                raise UserError(f"{place}: {taken} is in line {lines[taken]}, too; leave one")
            lines[taken] = line
        first, *also = roots or (name.replace(" ", "_"),)
        yield Target(name, first, tuple(also))
    if not lines:
        raise UserError(f"{path}: lists no class; write a row for each")


def _is_name(text: str) -> bool:
    """Tell whether a text may be the name of a class, and of a folder of its images."""
    is_word = text[:1].isalnum() and text.isprintable() and len(text) <= _LONGEST
    return is_word and not {"/", "\\"} & {*text} and not is_wnid(text)


def target_wnids(targets: str) -> dict[str, str | None]:
    """Return the wnid of each class by its name, in the order of class indices.

    Args:
        targets: As of `list_targets`, which also says the errors.

    Returns:
        None for YTBB's class ``none``.
    """
    return {target.name: target.wnid for target in list_targets(targets)}


def own_space_files(label_space: str | None) -> dict[str, list[str]]:
    """Return the file of a label space of one's own by its option, for inputs of a rule.

    Raises:
        UserError: As in `list_targets`.
    """
    if label_space is None or not is_own(label_space):
        return {}
    list_targets(label_space)
    return {"label_space": [label_space]}


def space_options(label_space: str | None) -> list[str]:
    """Return a label space that is no file as an option of commands."""
    return [f"--label-space={label_space}"] if label_space and not is_own(label_space) else []


def label_reader(label_space: str | None) -> Callable[[str], str]:
    """Return the function from a label that a person wrote to its wnid.

    Args:
        label_space: Whose classes may be named: by the data set's own names, or for ImageNet by any
            lemma. A wnid is always a label, of whichever space. None for wnids alone.

    The function raises a `UserError` for a text that is no label.

    Raises:
        UserError: The file of the label space is absent or invalid.
    """
    if label_space is None:
        return _require_wnid
    if is_own(label_space):
        list_targets(label_space)
    return reader(partial(synset_finder if label_space in FILES else _finder, label_space))


def _require_wnid(text: str) -> str:
    if not is_wnid(text):
        raise UserError(
            f"{text!r} is not a wnid, n and eight digits as in n02084071; {classes_command()} "
            "lists those of ImageNet-1K, or set label_space of the source to write names"
        )
    return text


@cache
def _finder(targets: str) -> ClassFinder:
    classes = (target for target in list_targets(targets) if target.wnid)
    return ClassFinder(
        (NamedClass(str(target.wnid), [target.name], "") for target in classes), targets
    )
