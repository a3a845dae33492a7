"""Table 6: prior work on EPIC-Kitchens."""

from typing import Annotated

from wildframe.exhibits.registry import exhibit
from wildframe.exhibits.table import Table
from wildframe.studies.ego_exo.cells import TOP5, Data
from wildframe.studies.ego_exo.prior_work import EPIC_55, FINAL_COMPARED, FINAL_ROWS

LINES = EPIC_55.lines("epic_fusion", "avsf_r101", "tsn_fusion", "ru_lstm", *FINAL_ROWS)


@exhibit(
    "Table 6",
    "EPIC-Kitchens and prior work",
    "Networks of the final backbones on verbs, nouns and actions, of seen and unseen "
    "participants (paper: Table 6, on the test set of the challenge).",
    printed=EPIC_55.printed,
    when=EPIC_55.has_networks,
    compares=(*FINAL_COMPARED, TOP5),
)
def table6_epic55(data: Annotated[Data, EPIC_55.data(LINES)]) -> Table:
    """Return one row a method."""
    return EPIC_55.table("Table 6: prior work on EPIC-Kitchens", LINES, data)
