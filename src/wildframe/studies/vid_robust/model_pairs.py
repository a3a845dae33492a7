"""Which differences between models are more than chance: each pair on the same sets."""

from collections.abc import Mapping
from typing import Annotated, Any

from wildframe.core.errors import UserError
from wildframe.core.schemas import SET_PAIRS
from wildframe.core.tables import Row
from wildframe.exhibits.inputs import TableFile, table_of
from wildframe.exhibits.pairs import compared, p_column, turned
from wildframe.exhibits.registry import File, exhibit
from wildframe.exhibits.robustness_table import reviewed
from wildframe.exhibits.table import Column, Table
from wildframe.studies.vid_robust.cells import interval_cells, interval_columns
from wildframe.studies.vid_robust.inputs import DataNote, Models, datasets, scored

_SHOWN = ("both", "only_a", "only_b", "neither", "p_value")

_COUNTS = ("both", "only_a", "only_b", "neither")


@exhibit(
    "Beyond: model pairs",
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
    # Of one model alone there is no pair, and nothing tells how far its sets reach.
    ks = sorted({0, max((row["k"] for row in pairs.rows), default=0)})
    rows: list[Row] = []
    for by_k in compared(pairs.path, pairs.rows, models, ks, _turned):
        farthest = by_k[ks[-1]]
        cells: Row = {key: farthest[key] for key in ("model_a", "model_b")}
        for k, found in by_k.items():
            cells |= {f"{key}_k{k}": found[key] for key in _SHOWN}
        cells["sets"] = sum(farthest[key] for key in _COUNTS)
        cells["difference"] = 100 * farthest["delta_difference"]
        cells |= interval_cells("difference", 100 * farthest["low"], 100 * farthest["high"])
        rows.append(cells)
    columns = [Column("model_a", "Model A", align="l"), Column("model_b", "Model B", align="l")]
    for k in ks:
        columns += [
            Column(f"both_k{k}", ""),
            Column(f"only_a_k{k}", f"Only A right, pm-{k}"),
            Column(f"only_b_k{k}", f"Only B right, pm-{k}"),
            Column(f"neither_k{k}", ""),
            p_column(f"p_value_k{k}", f"p, pm-{k}"),
        ]
    columns += interval_columns("difference", "Delta of A less that of B [95 % CI]")
    columns.append(Column("sets", "Sets"))
    notes = [
        f"Data: {data_note}",
        reviewed(pairs.facts["review"]),
        "McNemar's test, exact and two-sided, on the sets that one of two models alone gets right: "
        f"anchors at pm-0, all frames at pm-{ks[-1]}. The p values are not corrected for the "
        f"{len(rows)} pairs, and take sets as independent.",
        "Delta is what a model loses from anchors to sets, in points; intervals of differences are "
        "percentiles of a paired bootstrap over videos, 95 %; one that holds 0 does not tell which "
        "model loses more. [N/A]: the draws do not differ, and tell nothing.",
    ]
    return Table("Pairs of models on the same sets", columns, rows, notes)


def _turned(row: Mapping[str, Any]) -> Row:
    ends = {"low": -row["high"], "high": -row["low"]}
    return turned(row) | ends | {"delta_difference": -row["delta_difference"]}
