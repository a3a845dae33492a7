"""Table 1: Ego-Exo against alternatives of pre-training."""

from wildframe.exhibits.comparisons import VIDEOS, paired
from wildframe.exhibits.registry import exhibit
from wildframe.exhibits.table import Table
from wildframe.studies.ego_exo.cells import TOP5, Ablations, Line, ablation_table
from wildframe.studies.ego_exo.inputs import has_ablations

LINES = (
    Line("scratch", {"method": "Scratch"}),
    Line("first_only", {"method": "First-only"}),
    Line("third_only", {"method": "Third-only"}),
    Line("domain_adapt", {"method": "Domain-adapt"}),
    Line("joint_embed", {"method": "Joint-embed"}),
    Line("ego_exo", {"method": "Ego-Exo"}),
)


@exhibit(
    "Table 1",
    "methods of pre-training",
    "Networks that are pre-trained in six ways and fine-tuned on first-person clips "
    "(paper: Table 1).",
    printed="ablations",
    when=has_ablations,
    compares=[paired("each method against Third-only", VIDEOS), TOP5],
)
def table1_pretraining(data: Ablations) -> Table:
    """Return one row a method."""
    return ablation_table(
        "Table 1: Ego-Exo and alternatives of pre-training", {"method": "Methods"}, LINES, data
    )
