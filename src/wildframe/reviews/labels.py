"""The labels (tags) that a reviewer can give a pair, and which of them accept it.

Names, keys and meaning are those of the page that ImageNet-Vid-Robust and YTBB-Robust were reviewed
with, so that reviewers and decisions can move between the two.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

Kind = Literal["good", "bad", "doubt"]


@dataclass(frozen=True, slots=True)
class Label:
    """One of the labels that a reviewer can give."""

    name: str
    key: str
    """Key that toggles it."""
    group: str
    """Subject, by which labels are grouped on the page."""
    kind: Kind
    meaning: str


LABELS = (
    Label("correct", "q", "Label", "good", "Both images show what the label says"),
    Label(
        "problematic", "w", "Label", "bad", "The label is correct, but there is a problem with it"
    ),
    Label("incorrect", "e", "Label", "bad", "An image does not show what its label says"),
    Label("dont know", "r", "Label", "doubt", "Not decidable; round 2 decides"),
    Label("similar", "a", "Pair", "good", "No change that matters"),
    Label("dissimilar", "s", "Pair", "bad", "A feature that matters is visible in one image only"),
    Label("deformation", "z", "Change", "bad", "Object rotated or non-rigidly deformed"),
    Label("background-change", "x", "Change", "bad", "The background has changed"),
    Label("occlusion-increased", "c", "Change", "bad", "More of the object is hidden"),
    Label("blur-increase", "v", "Change", "bad", "The object is more blurred"),
    Label("bad-anchor", "b", "Anchor", "bad", "The anchor is unusable: its whole set is excluded"),
)
"""In the official order."""

NAMES = tuple(label.name for label in LABELS)

ACCEPTING = frozenset({"correct", "similar"})
"""The exact labels of an accepted pair."""

BAD_ANCHOR = "bad-anchor"

CONTRADICTIONS = (("similar", "dissimilar"), ("correct", "incorrect"))


def ordered(tags: Collection[str]) -> tuple[str, ...]:
    """Return tags in the official order, each once."""
    return tuple(name for name in NAMES if name in tags)


def accepts(tags: Collection[str]) -> bool:
    """Tell whether tags accept a pair: correct and similar, and no other."""
    return set(tags) == ACCEPTING


def objection(tags: Collection[str]) -> str:
    """Return what is wrong with a reviewer's tags in one sentence; empty if nothing is."""
    unknown = [tag for tag in tags if tag not in NAMES]
    if unknown:
        return f"{unknown[0]!r} is not a label; the labels are {', '.join(NAMES)}"
    if not tags:
        return "Nothing is ticked: tick at least one label."
    for one, other in CONTRADICTIONS:
        if one in tags and other in tags:
            return f"{one} and {other} contradict each other: tick one of them."
    return ""
