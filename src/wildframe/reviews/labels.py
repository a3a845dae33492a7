"""The labels that a reviewer can tick for a pair, and which of them accept it.

Names, keys and meaning are those of the page with which ImageNet-Vid-Robust and YTBB-Robust were
reviewed, so that reviewers and decisions can move between the two.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

Kind = Literal["good", "bad", "doubt"]


@dataclass(frozen=True, slots=True)
class Label:
    """One of the labels that a reviewer can tick."""

    name: str
    key: str
    """Key that ticks it."""
    group: str
    """What it is about; labels of one group stand together on the page."""
    kind: Kind
    meaning: str


LABELS = (
    Label("correct", "q", "Label", "good", "Both images show what the label says"),
    Label("problematic", "w", "Label", "bad", "The label is right, but there is a problem with it"),
    Label("incorrect", "e", "Label", "bad", "A image does not show what its label says"),
    Label("dont know", "r", "Label", "doubt", "Cannot be told; the second round decides"),
    Label("similar", "a", "Pair", "good", "No change that matters"),
    Label("dissimilar", "s", "Pair", "bad", "A feature that matters is visible in one only"),
    Label("deformation", "z", "Change", "bad", "Object rotated or non-rigidly deformed"),
    Label("background-change", "x", "Change", "bad", "The background has changed"),
    Label("occlusion-increased", "c", "Change", "bad", "More of the object is hidden"),
    Label("blur-increase", "v", "Change", "bad", "The object is more blurred"),
    Label("bad-anchor", "b", "Anchor", "bad", "The anchor is no good: its whole set goes"),
)
"""In the official order."""

NAMES = tuple(label.name for label in LABELS)

ACCEPTING = frozenset({"correct", "similar"})
"""What an accepted pair has, and nothing else."""

BAD_ANCHOR = "bad-anchor"

CONTRADICTIONS = (("similar", "dissimilar"), ("correct", "incorrect"))


def ordered(tags: Collection[str]) -> tuple[str, ...]:
    """Return tags in the official order, each once."""
    return tuple(name for name in NAMES if name in tags)


def accepts(tags: Collection[str]) -> bool:
    """Tell whether ticks accept a pair: correct and similar, and none of the other nine."""
    return set(tags) == ACCEPTING


def objection(tags: Collection[str]) -> str:
    """Say in one sentence what is wrong with a reviewer's ticks; empty where nothing is."""
    unknown = [tag for tag in tags if tag not in NAMES]
    if unknown:
        return f"{unknown[0]!r} is no label; the labels are {', '.join(NAMES)}"
    if not tags:
        return "Nothing is ticked: tick at least one label."
    for one, other in CONTRADICTIONS:
        if one in tags and other in tags:
            return f"{one} and {other} contradict each other: tick one of them."
    return ""
