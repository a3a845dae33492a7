"""Table S4: teachers as initial weights, as appended features, and distilled."""

from wildframe.exhibits.comparisons import VIDEOS, paired
from wildframe.exhibits.registry import exhibit
from wildframe.exhibits.table import Table
from wildframe.studies.ego_exo.cells import TOP5, Ablations, Line, ablation_table
from wildframe.studies.ego_exo.inputs import has_ablations

LABELS = {"scheme": "Scheme", "method": "Methods"}

LINES = (
    Line("third_only", {"scheme": "-", "method": "Third-only"}),
    Line("pretrained_ego", {"scheme": "pre-trained", "method": "M ego"}),
    Line("pretrained_object", {"scheme": "pre-trained", "method": "M obj"}),
    Line("append_ego", {"scheme": "append", "method": "M ego"}),
    Line("append_object", {"scheme": "append", "method": "M obj"}),
    Line("append_interaction", {"scheme": "append", "method": "M int"}),
    Line("append_all", {"scheme": "append", "method": "3 aux"}),
    Line("ego", {"scheme": "distilled", "method": "M ego"}),
    Line("object", {"scheme": "distilled", "method": "M obj"}),
    Line("interaction", {"scheme": "distilled", "method": "M int"}),
    Line("ego_exo", {"scheme": "distilled", "method": "Ego-Exo"}),
)


@exhibit(
    "Table S4",
    "other uses of the teachers",
    "Networks that start from a teacher, or have its features appended in fine-tuning, "
    "and networks that distil it (paper: Table S4).",
    printed="ablations",
    when=has_ablations,
    compares=[
        paired("distilled signals against Third-only", VIDEOS),
        paired("other uses of a teacher against its distillation", VIDEOS),
        TOP5,
    ],
)
def table_s4_alternatives(data: Ablations) -> Table:
    """Return one row a method."""
    return ablation_table("Table S4: other uses of the teachers", LABELS, LINES, data)
