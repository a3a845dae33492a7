"""McNemar's tests between all pairs of models on the same sets, and whose loss is larger."""

from typing import Annotated

from wildframe.core.errors import UserError
from wildframe.core.schemas import SET_PAIRS
from wildframe.core.tables import Row
from wildframe.exhibits.inputs import TableFile, table_of
from wildframe.exhibits.pairs import compared, mcnemar_cells, mcnemar_columns
from wildframe.exhibits.registry import File, exhibit
from wildframe.exhibits.robustness_table import reviewed
from wildframe.exhibits.shares import interval_columns
from wildframe.exhibits.table import Column, Table
from wildframe.studies.vid_robust.cells import interval_cells
from wildframe.studies.vid_robust.inputs import DataNote, Models, datasets, scored


@exhibit(
    "Supplement: model pairs",
    "McNemar's tests",
    "McNemar's tests between all pairs of models on anchors and on sets, and which model loses "
    "more (not in the paper).",
    datasets=datasets,
)
def model_pairs(
    pairs: Annotated[TableFile, File("scores_set_pairs", table_of(SET_PAIRS), scored)],
    models: Models,
    data_note: DataNote,
) -> Table:
    """Return one row a pair of models: tests on anchors and on sets, and whose loss is larger.

    Raises:
        UserError: Two of the models were not compared.
    """
    if not pairs.rows and len(models) > 1:
        raise UserError(
            f"{pairs.path}: the table has no pairs; make it anew with results of two models"
        )
    # Of one model alone there is no pair, and the distance of its sets is not known.
    ks = sorted({0, max((row["k"] for row in pairs.rows), default=0)})
    rows = [
        mcnemar_cells(by_k, "_k") | _difference(by_k[ks[-1]])
        for by_k in compared(pairs.path, pairs.rows, models, ks)
    ]
    title = "Delta of A minus that of B [95 % CI]"
    columns = [
        *mcnemar_columns(ks, "_k", "pm"),
        *interval_columns("difference", title, ".1f"),
        Column("sets", "Sets"),
    ]
    notes = [
        f"Data: {data_note}",
        reviewed(pairs.facts["review"]),
        "McNemar's test, exact and two-sided, on the sets that only one of two models predicts "
        f"correctly: anchors at pm-0, all frames at pm-{ks[-1]}. The p values are not corrected "
        f"for the {len(rows)} pairs, and take sets as independent.",
        "Delta is the loss of a model from anchors to sets, in points; intervals of differences "
        "are percentiles of a paired bootstrap over videos, 95 %; one that holds 0 does not tell "
        "which model loses more. [N/A]: all resamples agree, so that there is no interval.",
    ]
    return Table("Pairs of models on the same sets", columns, rows, notes)


def _difference(row: Row) -> Row:
    """Return the number of sets, and the difference of losses in points."""
    ends = interval_cells("difference", 100 * row["low"], 100 * row["high"])
    sets = sum(row[key] for key in ("both", "only_a", "only_b", "neither"))
    return {"difference": 100 * row["delta_difference"], "sets": sets} | ends
