"""Table S5: whether pairs of viewpoints teach the teacher."""

from wildframe.exhibits.comparisons import VIDEOS, paired
from wildframe.exhibits.registry import exhibit
from wildframe.exhibits.table import Table
from wildframe.studies.ego_exo.cells import TOP5, Ablations, Line, ablation_table
from wildframe.studies.ego_exo.inputs import has_ablations

LINES = (
    Line("third_only", {"method": "Third-only"}),
    Line("ego_no_pair", {"method": "Ego-Score (no-pair)"}),
    Line("ego", {"method": "Ego-Score"}),
    Line("ego_exo_no_pair", {"method": "Ego-Exo (no-pair)"}),
    Line("ego_exo", {"method": "Ego-Exo"}),
)


@exhibit(
    "Table S5",
    "implicit pairs",
    "Networks whose teacher of egocentricity has seen one viewpoint of each pair, or both"
    " (paper: Table S5).",
    printed="ablations",
    when=has_ablations,
    compares=[
        paired("without pairs against with", VIDEOS),
        paired("methods with pairs against Third-only", VIDEOS),
        TOP5,
    ],
)
def table_s5_no_pair(data: Ablations) -> Table:
    """Return one row a method."""
    return ablation_table(
        "Table S5: implicit pairs of viewpoints", {"method": "Methods"}, LINES, data
    )
