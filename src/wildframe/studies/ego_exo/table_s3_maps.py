"""Table S3: which part of the interaction map is distilled."""

from wildframe.exhibits.comparisons import VIDEOS, paired
from wildframe.exhibits.registry import exhibit
from wildframe.exhibits.table import Table
from wildframe.studies.ego_exo.cells import TOP5, Ablations, Line, ablation_table
from wildframe.studies.ego_exo.inputs import has_ablations

LINES = (
    Line("third_only", {"method": "Third-only"}),
    Line("hand_map", {"method": "Hand-Map"}),
    Line("object_map", {"method": "Object-Map"}),
    Line("interaction", {"method": "Interaction-Map"}),
)


@exhibit(
    "Table S3",
    "parts of the interaction map",
    "Networks that distil maps of hands, of objects, or both (paper: Table S3).",
    printed="ablations",
    when=has_ablations,
    compares=[paired("each map, and both, against Third-only", VIDEOS), TOP5],
)
def table_s3_maps(data: Ablations) -> Table:
    """Return one row a method."""
    return ablation_table(
        "Table S3: parts of the interaction map", {"method": "Methods"}, LINES, data
    )
