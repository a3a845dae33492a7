"""Table 3: auxiliary losses in fine-tuning."""

from wildframe.exhibits.comparisons import VIDEOS, paired
from wildframe.exhibits.registry import exhibit
from wildframe.exhibits.table import Table
from wildframe.studies.ego_exo.cells import TOP5, Ablations, Line, ablation_table
from wildframe.studies.ego_exo.inputs import has_ablations

LINES = (
    Line("third_only", {"method": "Third-only"}),
    Line("third_only+aux", {"method": "Third-only + aux"}),
    Line("third_only delta", {"method": "Δ"}, "third_only+aux", minus="third_only"),
    Line("ego_exo", {"method": "Ego-Exo"}),
    Line("ego_exo+aux", {"method": "Ego-Exo + aux"}),
    Line("ego_exo delta", {"method": "Δ"}, "ego_exo+aux", minus="ego_exo"),
)


@exhibit(
    "Table 3",
    "auxiliary losses in fine-tuning",
    "Networks that learn interaction maps in fine-tuning, too, and what that changes "
    "(paper: Table 3).",
    printed="ablations",
    when=has_ablations,
    compares=[
        paired("with auxiliary losses against without", VIDEOS),
        paired("Ego-Exo against Third-only", VIDEOS),
        TOP5,
    ],
)
def table3_auxiliary(data: Ablations) -> Table:
    """Return one row a method."""
    return ablation_table(
        "Table 3: auxiliary losses in fine-tuning", {"method": "Methods"}, LINES, data
    )
