"""Table S1: the ensemble on EPIC-Kitchens."""

from typing import Annotated

from wildframe.exhibits.comparisons import VIDEOS, paired
from wildframe.exhibits.registry import exhibit
from wildframe.exhibits.table import Table
from wildframe.studies.ego_exo.cells import (
    BACKBONES,
    BLOCKS,
    EPIC_55,
    OTHERS,
    TOP5,
    Data,
    Line,
    comparison_table,
    data_of,
)
from wildframe.studies.ego_exo.inputs import has_backbones

LINES = tuple(
    Line(f"{subset} {key}", {"block": block, "method": method}, trained or key, subset)
    for subset, block in BLOCKS.items()
    for key, method, trained in (
        ("epic_fusion", "Epic-Fusion (audio)", "-"),
        ("epic_fusion_ensemble", "Epic-Fusion (audio, Ensemble)", "-"),
        ("third_only R50", "SlowFast", ""),
        ("ego_exo+aux R101", "Ego-Exo (Single)", ""),
        ("ensemble", "Ego-Exo (Ensemble)", ""),
    )
)


@exhibit(
    "Table S1",
    "EPIC-Kitchens, ensemble",
    "The ensemble of four networks on verbs, nouns and actions, of seen and unseen "
    "participants (paper: Table S1, on the test set of the challenge).",
    printed="epic_55",
    when=has_backbones("verb_noun"),
    compares=[
        paired("the ensemble against the best single network", VIDEOS),
        OTHERS,
        BACKBONES,
        TOP5,
    ],
)
def table_s1_ensemble(
    data: Annotated[Data, data_of(LINES, "verb_noun")],
) -> Table:
    """Return one row a method."""
    return comparison_table(
        "Table S1: ensemble on EPIC-Kitchens",
        "epic_55",
        {"block": "Participants", "method": "Methods"},
        LINES,
        EPIC_55,
        data,
    )
