"""The map from annotated nouns to classes: parts of a noun are matched exactly with lemmas.

The rule ``words`` is that of *Egocentric Data as Natural Adversarial Examples*, recovered from its
Appendix H: a noun such as ``napkin_(handkerchief,_napkin,_serviette)`` is split on everything that
is not a letter; each word that equals a lemma of a class, letter case aside, names that class.
Lemmas of several words never match, and nothing is stemmed.

A prediction of any label is correct, but an image is learnt, and listed, under the first. So the
labels of a noun have an order that means something, which `LabelMap.label` decides for every
training, table and page: those that the sense table does not doubt go before those that it does;
then the noun's parts in reading order; then WordNet's senses of a part, the most frequent first.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from operator import attrgetter, itemgetter
from typing import Any

from wildframe.core.choices import Pick, Rule, Synsets
from wildframe.core.class_names import plain
from wildframe.labels.senses import SenseTable, head

_WORD = re.compile(r"[^\W\d_]+")
_GROUP = re.compile(r"\(([^)]*)\)")

# Appendix H names exactly one word of each of these nouns, and not the first in reading order.
PAPER_PICKS = {
    "ball": "basketball",
    "computer": "screen",
    "container": "packet",
    "napkin": "napkin",
    "shirt": "cardigan",
    "string": "wool",
    "screw": "screw",
}


@dataclass(frozen=True, slots=True)
class Match:
    """A part of a noun that matches a class."""

    word: str
    wnid: str
    class_index: int
    class_name: str
    doubtful: bool = False
    """Whether the sense table excludes this sense of the noun."""


class LabelMap:
    """The map from parts of nouns to the classes of one label space."""

    def __init__(
        self,
        classes: Iterable[Mapping[str, Any]],
        rule: Rule = "words",
        senses: SenseTable | None = None,
    ) -> None:
        """Index the lemmas of the rows of one label space.

        Args:
            classes: Rows of the ``classes`` table.
            rule: Parts of a noun that are matched; see `split_noun`.
            senses: Marks doubtful matches.
        """
        self._rule = rule
        self._senses = senses or SenseTable({})
        ranked: dict[str, list[tuple[int, Match]]] = {}
        for row in classes:
            # A class may have two lemmas that differ in letter case only.
            words = dict(zip(map(plain, row["lemmas"]), row["senses"], strict=True))
            for word, sense in words.items():
                match = Match(word, row["wnid"], row["class_index"], row["name"])
                ranked.setdefault(word, []).append((sense, match))
        self._matches = {
            word: [match for _, match in sorted(found, key=itemgetter(0))]
            for word, found in ranked.items()
        }

    def matches(self, noun: str) -> list[Match]:
        """Return every class that a part of the noun matches, in reading and then sense order."""
        return [
            replace(match, doubtful=self._senses.drops(noun, match.word, match.wnid))
            for part in split_noun(noun, self._rule)
            for match in self._matches.get(part, ())
        ]

    def label(
        self, noun: str, pick: Pick = "reading_order", synsets: Synsets = "all"
    ) -> list[Match]:
        """Return the labels of an annotation with this noun, the one to learn first.

        A class that several words name is one label, with the first word not doubted for it.

        Args:
            noun: As annotated, for example ``cup_(cup,_mug,_tumbler)``.
            pick: Which parts count if several match classes.
            synsets: Which classes count if a part matches several: all, or the first.
        """
        matches = self.matches(noun)
        words = list(dict.fromkeys(match.word for match in matches))
        if pick != "all" and words:
            word = PAPER_PICKS.get(head(noun)) if pick == "paper" else None
            words = [word if word in words else words[0]]
        labels = sorted((m for m in matches if m.word in words), key=attrgetter("doubtful"))
        if synsets == "first":
            labels = _firsts(labels, attrgetter("word"))
        return _firsts(labels, attrgetter("wnid"))


def _firsts(matches: Iterable[Match], key: Callable[[Match], str]) -> list[Match]:
    found: dict[str, Match] = {}
    for match in matches:
        found.setdefault(key(match), match)
    return list(found.values())


def split_noun(noun: str, rule: Rule) -> list[str]:
    """Return the distinct parts of a noun to match, in reading order, case-folded.

    Args:
        noun: As annotated, for example ``bucket_(pail,_wash_tub)``.
        rule: ``words``: every run of letters (bucket, pail, wash, tub); ``head_synonyms``: the head
            and each synonym as a whole (bucket, pail, wash tub); ``head``: the head (bucket).
    """
    if rule == "words":
        parts = _WORD.findall(noun)
    else:
        parts = [head(noun)]
        if rule == "head_synonyms":
            parts += [part for group in _GROUP.findall(noun) for part in group.split(",")]
    return list(dict.fromkeys(filter(None, map(plain, parts))))
