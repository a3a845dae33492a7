"""Which differences between models are more than chance: each pair on the same images."""

from typing import Annotated

from wildframe.core.schemas import MODEL_PAIRS
from wildframe.exhibits.inputs import TableFile, table_of
from wildframe.exhibits.pairs import compared, p_column
from wildframe.exhibits.registry import File, exhibit
from wildframe.exhibits.table import Column, Table
from wildframe.studies.ego4d.accuracy_table import KS
from wildframe.studies.ego4d.inputs import DataNote, Models, viewed

_SHOWN = ("both", "only_a", "only_b", "neither", "p_value")


@exhibit(
    "Beyond: model pairs",
    "McNemar tests",
    "McNemar's tests between all pairs of models on the same images (not in the paper).",
)
def model_pairs(
    pairs: Annotated[TableFile, File("scores_model_pairs", table_of(MODEL_PAIRS), viewed("in1k"))],
    models: Models,
    data_note: DataNote,
) -> Table:
    """Return one row a pair of models with its McNemar tests."""
    rows = []
    for by_k in compared(pairs.path, pairs.rows, models, KS):
        cells = {key: by_k[KS[0]][key] for key in ("model_a", "model_b")}
        for k, found in by_k.items():
            cells |= {f"{key}_top{k}": found[key] for key in _SHOWN}
        rows.append(cells)
    columns = [Column("model_a", "Model A", align="l"), Column("model_b", "Model B", align="l")]
    for k in KS:
        columns += [
            Column(f"both_top{k}", ""),
            Column(f"only_a_top{k}", f"Only A right, top-{k}"),
            Column(f"only_b_top{k}", f"Only B right, top-{k}"),
            Column(f"neither_top{k}", ""),
            p_column(f"p_value_top{k}", f"p, top-{k}"),
        ]
    notes = [
        f"Data: {data_note}",
        "McNemar's test, exact and two-sided, on the images that one of two models alone gets "
        f"right. The p values are not corrected for the {len(rows)} pairs. They take images of "
        "one clip as independent, and are too small where these resemble each other.",
    ]
    return Table("Pairs of models on the same images", columns, rows, notes)
