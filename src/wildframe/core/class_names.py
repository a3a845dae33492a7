"""Classes by name, as people write them where a table has wnids."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from typing import cast

from wildframe.core.choices import ScoreSpace, Targets
from wildframe.core.errors import UserError
from wildframe.core.own_csv import is_wnid
from wildframe.core.targets import target_wnids
from wildframe.core.timm_lists import FILES, timm_list


@dataclass(frozen=True, slots=True)
class NamedClass:
    """A class that a person may name."""

    wnid: str
    names: Sequence[str]
    gloss: str


class ClassFinder:
    """Finds classes by wnid or by name; letter case does not count, and ``_`` is a space."""

    def __init__(self, classes: Iterable[NamedClass], among: str) -> None:
        """Index classes by their names.

        Args:
            classes: A class may be in several of them.
            among: What they are, for messages.
        """
        self._among = among
        self._glosses: dict[str, str] = {}
        self._of_name: dict[str, set[str]] = {}
        for named in classes:
            self._glosses[named.wnid] = named.gloss
            for name in named.names:
                self._of_name.setdefault(_plain(name), set()).add(named.wnid)

    def find(self, text: str) -> str:
        """Return the wnid of the class that a text names.

        Raises:
            UserError: It names no class, or several; lists them.
        """
        wanted = _plain(text)
        if wanted in self._glosses:
            return wanted
        found = sorted(self._of_name.get(wanted, ()))
        if not found:
            near = get_close_matches(wanted, self._of_name)
            hint = f"; it may be {' or '.join(near)}" if near else ""
            raise UserError(f"{text!r} is no class of {self._among}{hint}")
        if len(found) > 1:
            told = "; ".join(f"{wnid} ({self._glosses[wnid]})" for wnid in found)
            raise UserError(
                f"{text!r} is several classes of {self._among}: {told}; write one of these wnids"
            )
        return found[0]


def _plain(text: str) -> str:
    return " ".join(text.replace("_", " ").casefold().split())


def label_reader(label_space: ScoreSpace | None) -> Callable[[str], str]:
    """Return the function from a label that a person wrote to its wnid.

    Args:
        label_space: Whose classes may be named: by the data set's own names, or for ImageNet by any
            lemma. A wnid is always a label, of whichever space. None for wnids alone.

    The function raises a `UserError` for a text that is no label.
    """
    if label_space is None:
        return _require_wnid

    # What is wrong with a label is looked for once, however many images have it.
    @cache
    def look(text: str) -> str | UserError:
        try:
            return text if is_wnid(text) else _finder(label_space).find(text)
        except UserError as error:
            return error

    def read(text: str) -> str:
        found = look(text)
        if isinstance(found, UserError):
            raise UserError(str(found))
        return found

    return read


def _require_wnid(text: str) -> str:
    if not is_wnid(text):
        raise UserError(
            f"{text!r} is not a wnid, n and eight digits as in n02084071; `wildframe labels "
            "hypernyms` lists them, or set label_space of the source to write names"
        )
    return text


@cache
def _finder(label_space: ScoreSpace) -> ClassFinder:
    if label_space in FILES:
        lemmas, glosses = map(_of_synset, ("lemma", "definition"))
        classes = [
            NamedClass(wnid, lemmas[wnid].split(", "), glosses[wnid])
            for wnid in timm_list(FILES[label_space]).decode().split()
        ]
    else:
        targets = target_wnids(cast(Targets, label_space))
        classes = [NamedClass(wnid, [name], "") for name, wnid in targets.items() if wnid]
    return ClassFinder(classes, label_space)


def _of_synset(what: str) -> dict[str, str]:
    """Return what timm's list says of each synset."""
    lines = timm_list(f"imagenet_synset_to_{what}.txt").decode().splitlines()
    return dict(line.split("\t", 1) for line in lines)
