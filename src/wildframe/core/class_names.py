"""Classes by name, as people write them where a table has wnids."""

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache

from wildframe.core.errors import UserError
from wildframe.core.own_csv import is_wnid
from wildframe.core.timm_lists import FILES, timm_list


@dataclass(frozen=True, slots=True)
class NamedClass:
    """A class that a person may name."""

    wnid: str
    names: Sequence[str]
    gloss: str


class ClassFinder:
    """Finds classes by wnid or by name, which are compared `plain`."""

    def __init__(self, classes: Iterable[NamedClass], among: str, remedy: str = "") -> None:
        """Index classes by their names.

        Args:
            classes: A class may be in several of them.
            among: What they are, for messages.
            remedy: What to do where no name is like the one that is looked for.
        """
        self._among = among
        self._remedy = remedy
        self._glosses: dict[str, str] = {}
        self._of_name: dict[str, set[str]] = {}
        for named in classes:
            self._glosses[named.wnid] = named.gloss
            for name in named.names:
                self._of_name.setdefault(plain(name), set()).add(named.wnid)

    def find(self, text: str) -> str:
        """Return the wnid of the class that a text names.

        Raises:
            UserError: It names no class, or several; lists them.
        """
        wanted = plain(text)
        if wanted in self._glosses:
            return wanted
        found = sorted(self._of_name.get(wanted, ()))
        if not found:
            near = sorted(name for name in self._of_name if wanted in name.split())[:3]
            near = near or get_close_matches(wanted, self._of_name)
            # As labels are written, which spaces part.
            meant = " or ".join(name.replace(" ", "_") for name in near)
            hint = f"it may be {meant}" if meant else self._remedy
            raise UserError(f"{text!r} is no class of {self._among}{hint and f'; {hint}'}")
        if len(found) > 1:
            told = "; ".join(f"{wnid} ({self._glosses[wnid]})" for wnid in found)
            raise UserError(
                f"{text!r} is several classes of {self._among}: {told}; write one of these wnids"
            )
        return found[0]


def plain(text: str) -> str:
    """Return a name as it is compared with others: letter case does not count, ``_`` is a space.

    Nor does whether an accented letter is one character or two.
    """
    return " ".join(composed(text).replace("_", " ").casefold().split())


def composed(text: str) -> str:
    """Return a text with each accented letter as one character (Unicode NFC)."""
    return unicodedata.normalize("NFC", text)


def reader(finder: Callable[[], ClassFinder]) -> Callable[[str], str]:
    """Return the function from a label that a person wrote, a wnid or a name, to its wnid.

    Args:
        finder: Knows the names; asked for at the first name.

    The function raises a `UserError` for a text that is no label.
    """

    # What is wrong with a label is looked for once, however many images have it.
    @cache
    def look(text: str) -> str | UserError:
        try:
            return text if is_wnid(text) else finder().find(text)
        except UserError as error:
            return error

    def read(text: str) -> str:
        found = look(text)
        if isinstance(found, UserError):
            raise UserError(str(found))
        return found

    return read


@cache
def synset_finder(label_space: str) -> ClassFinder:
    """Return what finds the classes of a label space of ImageNet by any lemma."""
    lemmas, glosses = map(_of_synset, ("lemma", "definition"))
    wnids = timm_list(FILES[label_space]).decode().split()
    classes = (NamedClass(wnid, lemmas[wnid].split(", "), glosses[wnid]) for wnid in wnids)
    return ClassFinder(classes, label_space)


def _of_synset(what: str) -> dict[str, str]:
    """Return what timm's list says of each synset."""
    lines = timm_list(f"imagenet_synset_to_{what}.txt").decode().splitlines()
    return dict(line.split("\t", 1) for line in lines)
