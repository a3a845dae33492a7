"""The ways to come by features that the paper compares, each before fine-tuning."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

Part = Literal["multi_label", "verb_noun", "verb_noun_100"]
"""A data set that networks are fine-tuned on, by what it has in the paper's tables."""

Term = Literal["action", "ego", "object", "hand", "hand_object"]
"""A term of the loss."""

MAPS: tuple[Term, ...] = ("hand", "hand_object")
"""Terms of the interaction map."""

ALL_SIGNALS: tuple[Term, ...] = ("ego", "object", *MAPS)

Teacher = Literal["ego", "object"]


@dataclass(frozen=True, slots=True)
class Method:
    """What a network has learnt, and of what, before it is fine-tuned."""

    learns_from: Literal[
        "nothing", "third_person", "first_person", "viewpoints", "object_initial"
    ] = "third_person"
    """Setting of what it has learnt from; of ``object_initial``, a model of images."""
    distils: tuple[Term, ...] = ()
    """Terms of pseudo-labels in the loss of pre-training."""
    one_view_per_pair: bool = False
    """Whether the teacher of egocentricity has seen one viewpoint of each pair only."""
    adapts: bool = False
    """Whether it is adapted to unlabelled clips of the data that it is fine-tuned on."""
    embeds_pairs: bool = False
    """Whether pairs of viewpoints are embedded jointly after it has learnt actions."""
    appends: tuple[Teacher, ...] = ()
    """Teachers whose features are appended in fine-tuning."""
    parts: tuple[Part, ...] = ("multi_label", "verb_noun")
    """Data sets of the ablations that it is fine-tuned on."""
    against: str = "third_only"
    """Method that it is compared with."""


METHODS: Mapping[str, Method] = {
    "scratch": Method("nothing"),
    "first_only": Method("first_person", parts=("multi_label",)),
    "third_only": Method(),
    "domain_adapt": Method(adapts=True),
    "joint_embed": Method(embeds_pairs=True, parts=("verb_noun",)),
    "ego": Method(distils=("ego",)),
    "object": Method(distils=("object",)),
    "interaction": Method(distils=MAPS),
    "hand_map": Method(distils=("hand",)),
    "object_map": Method(distils=("hand_object",)),
    "ego_exo": Method(distils=ALL_SIGNALS),
    "ego_no_pair": Method(distils=("ego",), one_view_per_pair=True, against="ego"),
    "ego_exo_no_pair": Method(distils=ALL_SIGNALS, one_view_per_pair=True, against="ego_exo"),
    "pretrained_ego": Method("viewpoints", against="ego"),
    "pretrained_object": Method("object_initial", against="object"),
    "append_ego": Method(appends=("ego",), against="ego"),
    "append_object": Method(appends=("object",), against="object"),
}
"""By the name that they have in the config and in ``printed``.

First-only and Joint-embed are not evaluated on the data that they have learnt from.
"""

TITLES: Mapping[str, str] = {
    "third_only": "Third-only",
    "ego": "Ego-Score",
    "object": "Object-Score",
    "ego_exo": "Ego-Exo",
}
"""The paper's names of methods that others are compared with."""

BASELINE, OURS = "third_only", "ego_exo"
"""The two methods that the paper compares under every circumstance."""


@dataclass(frozen=True, slots=True)
class FineTuning:
    """A network of a method, fine-tuned on a data set: what a cell of a table is about."""

    method: str
    part: Part
    network: str
    auxiliary: bool = False
    """Whether interaction maps are learnt in fine-tuning, too."""
    percent: int = 100
    """Share of the training videos."""

    @property
    def compared_with(self) -> "FineTuning | None":
        """What it is compared with: without auxiliary losses, or the other method."""
        if self.auxiliary:
            return replace(self, auxiliary=False)
        if self.method == BASELINE:
            return None
        return replace(self, method=METHODS[self.method].against)


def split_row(row: str) -> tuple[str, str, str]:
    """Return the parts of a row of ``printed``: method, ``+aux``, and the backbone behind a space.

    The second is empty without auxiliary losses, the third of the backbone of the ablations.
    """
    name, space, backbone = row.partition(" ")
    method, plus, auxiliary = name.partition("+")
    return method, plus + auxiliary, space + backbone


def row_compared_with(row: str) -> str | None:
    """Return the row of ``printed`` that a row is compared with: see `FineTuning.compared_with`."""
    method, auxiliary, backbone = split_row(row)
    if row == "ensemble":
        return f"{OURS}+aux R101"
    if auxiliary:
        return method + backbone
    if method == BASELINE or method not in METHODS:
        return None
    return METHODS[method].against + backbone


def row_title(row: str) -> str:
    """Return what people call a row that others are compared with."""
    method, auxiliary, backbone = split_row(row)
    return TITLES[method] + (" + aux" if auxiliary else "") + backbone
