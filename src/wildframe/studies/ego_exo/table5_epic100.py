"""Table 5: prior work on EPIC-Kitchens-100."""

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
    Line("epic_fusion", {"method": "Epic-Fusion (audio)"}, "-"),
    Line("tsn_fusion", {"method": "TSN fusion"}, "-"),
    Line("trn", {"method": "TRN"}, "-"),
    Line("tsm", {"method": "TSM"}, "-"),
    Line("third_only R50", {"method": "SlowFast"}),
    Line("ego_exo R50", {"method": "Ego-Exo"}),
    Line("ego_exo+aux R50", {"method": "Ego-Exo*"}),
    Line("ego_exo+aux R101", {"method": "Ego-Exo*-R101"}),
)


@exhibit(
    "Table 5",
    "EPIC-Kitchens-100 and prior work",
    "Networks of the final backbones on verbs, nouns and actions, also of unseen "
    "participants and rare classes (paper: Table 5, on the test set of the challenge).",
    printed="epic_100",
    when=has_backbones("verb_noun_100"),
    compares=[
        paired("Ego-Exo against SlowFast, with auxiliary losses (*) against without", VIDEOS),
        OTHERS,
        BACKBONES,
        TOP5,
    ],
)
def table5_epic100(
    data: Annotated[Data, data_of(LINES, "verb_noun_100")],
) -> Table:
    """Return one row a method."""
    return comparison_table(
        "Table 5: prior work on EPIC-Kitchens-100",
        "epic_100",
        {"method": "Methods"},
        LINES,
        EPIC_100,
        data,
    )
