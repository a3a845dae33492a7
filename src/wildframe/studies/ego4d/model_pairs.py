"""McNemar's tests between all pairs of models on the same images."""

from typing import Annotated

from wildframe.core.schemas import MODEL_PAIRS
from wildframe.exhibits.inputs import TableFile, table_of
from wildframe.exhibits.pairs import compared, mcnemar_cells, mcnemar_columns
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
    rows = [mcnemar_cells(by_k, "_top") for by_k in compared(pairs.path, pairs.rows, models, KS)]
    notes = [
        f"Data: {data_note}",
        "McNemar's test, exact and two-sided, on the images that only one of two models predicts "
        f"correctly. The p values are not corrected for the {len(rows)} pairs. They take images of "
        "one clip as independent, and are too small where these resemble each other.",
    ]
    columns = mcnemar_columns(KS, "_top", "top")
    return Table("Pairs of models on the same images", columns, rows, notes)
