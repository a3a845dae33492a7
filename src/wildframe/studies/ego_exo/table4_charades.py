"""Table 4: prior work on Charades-Ego."""

from typing import Annotated

from wildframe.exhibits.comparisons import VIDEOS, paired
from wildframe.exhibits.registry import exhibit
from wildframe.exhibits.table import Table
from wildframe.studies.ego_exo.cells import (
    BACKBONES,
    OTHERS,
    Data,
    Line,
    Metric,
    comparison_table,
    data_of,
)
from wildframe.studies.ego_exo.inputs import has_backbones

METRICS = (Metric("map", "mAP", "multi_label", "map"),)

LINES = (
    Line("actor_observer", {"method": "ActorObserverNet"}, "-"),
    Line("ssda", {"method": "SSDA"}, "-"),
    Line("i3d", {"method": "I3D"}, "-"),
    Line("third_only R50", {"method": "SlowFast"}),
    Line("ego_exo R50", {"method": "Ego-Exo"}),
    Line("ego_exo+aux R50", {"method": "Ego-Exo*"}),
    Line("ego_exo+aux R101", {"method": "Ego-Exo*-R101"}),
)


@exhibit(
    "Table 4",
    "Charades-Ego and prior work",
    "Networks of the final backbones on clips of several labels, beside the work of "
    "others (paper: Table 4).",
    printed="charades_ego",
    when=has_backbones("multi_label"),
    compares=[
        paired("Ego-Exo against SlowFast, with auxiliary losses (*) against without", VIDEOS),
        OTHERS,
        BACKBONES,
    ],
)
def table4_charades(
    data: Annotated[Data, data_of(LINES, "multi_label")],
) -> Table:
    """Return one row a method."""
    return comparison_table(
        "Table 4: prior work on Charades-Ego",
        "charades_ego",
        {"method": "Method"},
        LINES,
        METRICS,
        data,
    )
