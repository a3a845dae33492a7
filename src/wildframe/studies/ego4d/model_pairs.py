"""McNemar's tests between all pairs of models on the same images."""

from typing import Annotated

from wildframe.core.schemas import MODEL_PAIRS
from wildframe.exhibits.inputs import TableFile, table_of
from wildframe.exhibits.pairs import pairs_table
from wildframe.exhibits.registry import File, exhibit
from wildframe.exhibits.table import Table
from wildframe.studies.ego4d.accuracy_table import KS
from wildframe.studies.ego4d.inputs import DataNote, Models, viewed


@exhibit(
    "Supplement: model pairs",
    "McNemar's tests",
    "McNemar's tests between all pairs of models on the same images (not in the paper).",
)
def model_pairs(
    pairs: Annotated[TableFile, File("scores_model_pairs", table_of(MODEL_PAIRS), viewed("in1k"))],
    models: Models,
    data_note: DataNote,
) -> Table:
    """Return one row a pair of models with its McNemar's tests."""
    return pairs_table(pairs.path, pairs.rows, models, KS, data_note)
