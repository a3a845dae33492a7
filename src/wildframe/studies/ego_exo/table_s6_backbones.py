"""Table S6: other backbones."""

from wildframe.exhibits.comparisons import VIDEOS, paired
from wildframe.exhibits.registry import exhibit
from wildframe.exhibits.table import Table
from wildframe.studies.ego_exo.cells import TOP5, Ablations, Line, ablation_table
from wildframe.studies.ego_exo.inputs import has_ablations
from wildframe.studies.ego_exo.prior_work import BACKBONES

LINES = (
    Line("third_only I3D", {"method": "Third-only I3D"}),
    Line("ego_exo I3D", {"method": "Ego-Exo I3D"}),
    Line("third_only TSM", {"method": "Third-only TSM"}),
    Line("ego_exo TSM", {"method": "Ego-Exo TSM"}),
)


@exhibit(
    "Table S6",
    "other backbones",
    "Third-only and Ego-Exo with other networks (paper: Table S6).",
    printed="ablations",
    when=lambda run: has_ablations(run) and run.study.other_backbones,
    compares=[paired("Ego-Exo against Third-only of the same backbone", VIDEOS), BACKBONES, TOP5],
)
def table_s6_backbones(data: Ablations) -> Table:
    """Return one row a method."""
    return ablation_table("Table S6: other backbones", {"method": "Backbones"}, LINES, data)
