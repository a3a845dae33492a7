"""Which differences between models are more than chance: each pair on the same pictures."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from wildframe.exhibits.pairs import compared, p_column
from wildframe.exhibits.table import Column, Table
from wildframe.studies.ego4d.accuracy_table import KS

_SHOWN = ("both", "only_a", "only_b", "neither", "p_value")


def model_pairs(
    path: Path, pairs: Iterable[Mapping[str, Any]], models: Sequence[str], about: str
) -> Table:
    """Return one row a pair of models with its McNemar tests.

    Args:
        path: File of the pairs, for messages.
        pairs: Rows of the ``model_pairs`` table, in either order of two models.
        models: In the order of the rows.
        about: What the data is.

    Raises:
        UserError: Two of the models were not compared.
    """
    rows = []
    for by_k in compared(path, pairs, models, KS):
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
        f"Data: {about}",
        "McNemar's test, exact and two-sided, on the pictures that one of two models alone gets "
        f"right. The p values are not corrected for the {len(rows)} pairs. They take pictures of "
        "one clip as independent, and are too small where these resemble each other.",
    ]
    return Table("Pairs of models on the same pictures", columns, rows, notes)
