"""McNemar's tests between all pairs of models on the benchmark."""

from typing import Annotated

from wildframe.core.schemas import MODEL_PAIRS
from wildframe.exhibits.inputs import TableFile, table_of
from wildframe.exhibits.pairs import pairs_table
from wildframe.exhibits.registry import File, exhibit
from wildframe.exhibits.table import Table
from wildframe.studies.imagenet_hard.inputs import DataNote, Models, of_benchmark


@exhibit(
    "Supplement: model pairs",
    "McNemar's tests",
    "McNemar's tests between all pairs of models on the benchmark (not in the paper).",
)
def model_pairs(
    pairs: Annotated[TableFile, File("scores_model_pairs", table_of(MODEL_PAIRS), of_benchmark)],
    models: Models,
    data_note: DataNote,
) -> Table:
    """Return one row a pair of models with its test at top-1."""
    return pairs_table(pairs.path, pairs.rows, models, (1,), data_note)
