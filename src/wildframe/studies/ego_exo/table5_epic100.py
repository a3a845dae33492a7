"""Table 5: prior work on EPIC-Kitchens-100."""

from typing import Annotated

from wildframe.exhibits.registry import exhibit
from wildframe.exhibits.table import Table
from wildframe.studies.ego_exo.cells import TOP5, Data
from wildframe.studies.ego_exo.prior_work import EPIC_100, FINAL_COMPARED, FINAL_ROWS

LINES = EPIC_100.lines("epic_fusion", "tsn_fusion", "trn", "tsm", *FINAL_ROWS)


@exhibit(
    "Table 5",
    "EPIC-Kitchens-100 and prior work",
    "Networks of the final backbones on verbs, nouns and actions, also of unseen "
    "participants and rare classes (paper: Table 5, on the test set of the challenge).",
    printed=EPIC_100.printed,
    when=EPIC_100.has_networks,
    compares=(*FINAL_COMPARED, TOP5),
)
def table5_epic100(data: Annotated[Data, EPIC_100.data(LINES)]) -> Table:
    """Return one row a method."""
    return EPIC_100.table("Table 5: prior work on EPIC-Kitchens-100", LINES, data)
