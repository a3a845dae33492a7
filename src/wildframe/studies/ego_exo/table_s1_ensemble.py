"""Table S1: the ensemble on EPIC-Kitchens."""

from typing import Annotated

from wildframe.exhibits.registry import exhibit
from wildframe.exhibits.table import Table
from wildframe.studies.ego_exo.cells import Data
from wildframe.studies.ego_exo.prior_work import ENSEMBLE_COMPARED, ENSEMBLE_ROWS, EPIC_55

LINES = EPIC_55.lines("epic_fusion", "epic_fusion_ensemble", *ENSEMBLE_ROWS)


@exhibit(
    "Table S1",
    "EPIC-Kitchens, ensemble",
    "The ensemble of four networks on verbs, nouns and actions, of seen and unseen "
    "participants (paper: Table S1, on the test set of the challenge).",
    printed=EPIC_55.printed,
    when=EPIC_55.has_networks,
    compares=ENSEMBLE_COMPARED,
)
def table_s1_ensemble(data: Annotated[Data, EPIC_55.data(LINES)]) -> Table:
    """Return one row a method."""
    return EPIC_55.table("Table S1: ensemble on EPIC-Kitchens", LINES, data)
