"""Table S2: the ensemble on EPIC-Kitchens-100."""

from typing import Annotated

from wildframe.exhibits.comparisons import VIDEOS, paired
from wildframe.exhibits.registry import exhibit
from wildframe.exhibits.table import Table
from wildframe.studies.ego_exo.cells import (
    BACKBONES,
    EPIC_100,
    OTHERS,
    TOP5,
    Data,
    Line,
    comparison_table,
    data_of,
)
from wildframe.studies.ego_exo.inputs import has_backbones

LINES = (
    Line("leaderboard1", {"method": "Leaderboard1"}, "-"),
    Line("leaderboard2", {"method": "Leaderboard2"}, "-"),
    Line("third_only R50", {"method": "SlowFast"}),
    Line("ego_exo+aux R101", {"method": "Ego-Exo (Single)"}),
    Line("ensemble", {"method": "Ego-Exo (Ensemble)"}),
)


@exhibit(
    "Table S2",
    "EPIC-Kitchens-100, ensemble",
    "The ensemble of four networks on verbs, nouns and actions (paper: Table S2, on the "
    "test set of the challenge).",
    printed="epic_100",
    when=has_backbones("verb_noun_100"),
    compares=[
        paired("the ensemble against the best single network", VIDEOS),
        OTHERS,
        BACKBONES,
        TOP5,
    ],
)
def table_s2_ensemble(
    data: Annotated[Data, data_of(LINES, "verb_noun_100")],
) -> Table:
    """Return one row a method."""
    return comparison_table(
        "Table S2: ensemble on EPIC-Kitchens-100",
        "epic_100",
        {"method": "Methods"},
        LINES,
        EPIC_100,
        data,
    )
