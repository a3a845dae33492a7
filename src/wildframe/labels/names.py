"""Classes by name, as people write them where a table has wnids."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from wildframe.core.errors import UserError
from wildframe.labels.spaces import NAMED


def find_class(text: str, classes: Iterable[Mapping[str, Any]], among: str) -> str:
    """Return the wnid of the class that a text names: by its wnid, its name or one of its lemmas.

    Letter case does not count, and ``_`` is a space. A data set's own name goes before lemmas: the
    cup of COCO is a cup, whatever else WordNet calls so.

    Args:
        text: As a person wrote it.
        classes: Rows of the ``classes`` table that it may name; a class may be in several.
        among: What they are, for messages.

    Raises:
        UserError: It names no class, or several; lists them.
    """
    glosses: dict[str, str] = {}
    of_name: dict[str, set[str]] = {}
    of_lemma: dict[str, set[str]] = {}
    for row in classes:
        glosses[row["wnid"]] = row["definition"]
        if row["label_space"] in NAMED:
            of_name.setdefault(_plain(row["name"]), set()).add(row["wnid"])
        for lemma in (row["name"], *row["lemmas"]):
            of_lemma.setdefault(_plain(lemma), set()).add(row["wnid"])
    wanted = _plain(text)
    if wanted in glosses:
        return wanted
    found = of_name.get(wanted) or of_lemma.get(wanted, set())
    if not found:
        near = get_close_matches(wanted, of_lemma)
        hint = f"; it may be {' or '.join(near)}" if near else ""
        raise UserError(f"{text!r} is no class of {among}{hint}")
    if len(found) > 1:
        told = "; ".join(f"{wnid} ({glosses[wnid]})" for wnid in sorted(found))
        raise UserError(f"{text!r} is several classes of {among}: {told}; write one of these wnids")
    (wnid,) = found
    return wnid


def _plain(text: str) -> str:
    return " ".join(text.replace("_", " ").casefold().split())
