"""Table 2: which egocentric signals are distilled."""

from wildframe.exhibits.comparisons import VIDEOS, paired
from wildframe.exhibits.registry import exhibit
from wildframe.exhibits.table import Table
from wildframe.studies.ego_exo.cells import TOP5, Ablations, Line, ablation_table
from wildframe.studies.ego_exo.inputs import has_ablations
from wildframe.studies.ego_exo.methods import METHODS

SIGNALS = {"ego": "τ ego", "object": "τ obj", "hand": "τ h+o"}
"""Titles by a term of the loss; of maps, those of hands stand for both."""


def _line(method: str, title: str) -> Line:
    distilled = METHODS[method].distils
    ticks = {term: "✓" if term in distilled else "-" for term in SIGNALS}
    return Line(method, {"method": title} | ticks)


LINES = (
    _line("third_only", "Third-only"),
    _line("ego", "Ego-Exo"),
    _line("object", "Ego-Exo"),
    _line("interaction", "Ego-Exo"),
    _line("ego_exo", "Ego-Exo"),
)


@exhibit(
    "Table 2",
    "egocentric signals",
    "Networks that distil each egocentric signal, or all of them, in pre-training (paper:"
    " Table 2).",
    printed="ablations",
    when=has_ablations,
    compares=[paired("each signal, and all, against Third-only", VIDEOS), TOP5],
)
def table2_signals(data: Ablations) -> Table:
    """Return one row a method."""
    return ablation_table(
        "Table 2: signals that are distilled", {"method": "Methods", **SIGNALS}, LINES, data
    )
