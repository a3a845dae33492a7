"""From an annotated noun to classes: single words, matched exactly with the classes' lemmas.

The rule of *Egocentric Data as Natural Adversarial Examples*, recovered from its Appendix H: a noun
such as ``napkin_(handkerchief,_napkin,_serviette)`` is split on everything that is not a letter;
each word that equals a lemma of a class, letter case aside, names that class. Lemmas of several
words never match, and nothing is stemmed.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wildframe.core.choices import Pick, Synsets

_WORD = re.compile(r"[^\W\d_]+")

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
    """A word of a noun that names a class."""

    word: str
    wnid: str
    class_index: int
    class_name: str


class LabelMap:
    """Words to classes of one class space."""

    def __init__(self, classes: Iterable[Mapping[str, Any]]) -> None:
        """Index the single-word lemmas of a ``classes`` table, in the order of class indices."""
        self._matches: dict[str, list[Match]] = {}
        for row in classes:
            # A class may have two lemmas that differ in letter case only.
            for word in dict.fromkeys(lemma.casefold() for lemma in row["lemmas"]):
                match = Match(word, row["wnid"], row["class_index"], row["name"])
                self._matches.setdefault(word, []).append(match)

    def matches(self, noun: str) -> list[Match]:
        """Return every class that a word of the noun names, in reading and then index order."""
        return [match for word in split_words(noun) for match in self._matches.get(word, ())]

    def label(self, noun: str, words: Pick = "first", synsets: Synsets = "all") -> list[Match]:
        """Return the classes that an annotation with this noun stands for; any of them is right.

        Args:
            noun: As annotated, for example ``cup_(cup,_mug,_tumbler)``.
            words: Which of several words that name classes count.
            synsets: Which of several classes that one word names count.
        """
        by_word: dict[str, list[Match]] = {}
        for match in self.matches(noun):
            by_word.setdefault(match.word, []).append(match)
        chosen: Sequence[str] = list(by_word)
        if words != "all" and chosen:
            pick = PAPER_PICKS.get(head(noun)) if words == "paper" else None
            chosen = [pick if pick in by_word else chosen[0]]
        return [
            match
            for word in chosen
            for match in (by_word[word] if synsets == "all" else by_word[word][:1])
        ]


def split_words(noun: str) -> list[str]:
    """Return the distinct words of a noun in reading order, case-folded."""
    return list(dict.fromkeys(word.casefold() for word in _WORD.findall(noun)))


def head(noun: str) -> str:
    """Return the head noun, before the list of synonyms: ``cup`` of ``cup_(cup,_mug)``."""
    return noun.partition("_(")[0].casefold()
