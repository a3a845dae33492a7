"""The map from annotated nouns to classes: parts of a noun are matched exactly with lemmas.

The rule ``words`` is that of *Egocentric Data as Natural Adversarial Examples*, recovered from its
Appendix H: a noun such as ``napkin_(handkerchief,_napkin,_serviette)`` is split on everything that
is not a letter; each word that equals a lemma of a class, letter case aside, names that class.
Lemmas of several words never match, and nothing is stemmed.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from wildframe.core.choices import Pick, Rule, Synsets
from wildframe.labels.senses import SenseTable

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
        """Index the lemmas of the rows of one label space, in the order of class indices.

        Args:
            classes: Rows of the ``classes`` table.
            rule: Parts of a noun that are matched; see `split_noun`.
            senses: Marks doubtful matches.
        """
        self._rule = rule
        self._senses = senses or SenseTable({})
        self._matches: dict[str, list[Match]] = {}
        for row in classes:
            # A class may have two lemmas that differ in letter case only.
            for word in dict.fromkeys(_plain(lemma) for lemma in row["lemmas"]):
                match = Match(word, row["wnid"], row["class_index"], row["name"])
                self._matches.setdefault(word, []).append(match)

    def matches(self, noun: str) -> list[Match]:
        """Return every class that a part of the noun matches, in reading and then index order."""
        names = (noun.casefold(), head(noun))
        return [
            replace(match, doubtful=self._senses.drops(names, match.word, match.wnid))
            for part in split_noun(noun, self._rule)
            for match in self._matches.get(part, ())
        ]

    def label(
        self, noun: str, pick: Pick = "reading_order", synsets: Synsets = "all"
    ) -> list[Match]:
        """Return the labels of an annotation with this noun; a prediction of any is correct.

        Args:
            noun: As annotated, for example ``cup_(cup,_mug,_tumbler)``.
            pick: Which parts count if several match classes.
            synsets: Which classes count if a part matches several.
        """
        by_word: dict[str, list[Match]] = {}
        for match in self.matches(noun):
            by_word.setdefault(match.word, []).append(match)
        chosen: Sequence[str] = list(by_word)
        if pick != "all" and chosen:
            word = PAPER_PICKS.get(head(noun)) if pick == "paper" else None
            chosen = [word if word in by_word else chosen[0]]
        return [
            match
            for word in chosen
            for match in (by_word[word] if synsets == "all" else by_word[word][:1])
        ]


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
    return list(dict.fromkeys(plain for part in parts if (plain := _plain(part))))


def head(noun: str) -> str:
    """Return the head noun, before the list of synonyms: ``cup`` of ``cup_(cup,_mug)``."""
    return noun.partition("_(")[0].casefold()


def _plain(text: str) -> str:
    return " ".join(text.replace("_", " ").split()).casefold()
