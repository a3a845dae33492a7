"""Table S2: the ensemble on EPIC-Kitchens-100."""

from typing import Annotated

from wildframe.exhibits.registry import exhibit
from wildframe.exhibits.table import Table
from wildframe.studies.ego_exo.cells import Data
from wildframe.studies.ego_exo.prior_work import ENSEMBLE_COMPARED, ENSEMBLE_ROWS, EPIC_100

LINES = EPIC_100.lines("leaderboard1", "leaderboard2", *ENSEMBLE_ROWS)


@exhibit(
    "Table S2",
    "EPIC-Kitchens-100, ensemble",
    "The ensemble of four networks on verbs, nouns and actions (paper: Table S2, on the "
    "test set of the challenge).",
    printed=EPIC_100.printed,
    when=EPIC_100.has_networks,
    compares=ENSEMBLE_COMPARED,
)
def table_s2_ensemble(data: Annotated[Data, EPIC_100.data(LINES)]) -> Table:
    """Return one row a method."""
    return EPIC_100.table("Table S2: ensemble on EPIC-Kitchens-100", LINES, data)
