"""Table 4: prior work on Charades-Ego."""

from typing import Annotated

from wildframe.exhibits.registry import exhibit
from wildframe.exhibits.table import Table
from wildframe.studies.ego_exo.cells import Data
from wildframe.studies.ego_exo.prior_work import CHARADES, FINAL_COMPARED, FINAL_ROWS

LINES = CHARADES.lines("actor_observer", "ssda", "i3d", *FINAL_ROWS)


@exhibit(
    "Table 4",
    "Charades-Ego and prior work",
    "Networks of the final backbones on clips of several labels, beside the work of "
    "others (paper: Table 4).",
    printed=CHARADES.printed,
    when=CHARADES.has_networks,
    compares=FINAL_COMPARED,
)
def table4_charades(data: Annotated[Data, CHARADES.data(LINES)]) -> Table:
    """Return one row a method."""
    return CHARADES.table("Table 4: prior work on Charades-Ego", LINES, data)
