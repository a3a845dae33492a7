"""Which differences between models are more than chance: each pair on the same pictures."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

from wildframe.core.errors import UserError
from wildframe.exhibits.ego4d.accuracy_table import KS
from wildframe.exhibits.table import Column, Exhibit


def model_pairs(
    path: Path, pairs: Iterable[Mapping[str, Any]], models: Sequence[str], about: str
) -> Exhibit:
    """Return one row a pair of models with its McNemar tests.

    Args:
        path: File of the pairs, for messages.
        pairs: Rows of the ``model_pairs`` table, in either order of two models.
        models: In the order of the rows.
        about: What the data is.

    Raises:
        UserError: Two of the models were not compared.
    """
    compared = {}
    for row in pairs:
        key = row["model_a"], row["model_b"], row["k"]
        compared[key] = row
        compared[key[1], key[0], key[2]] = _turned(row)
    rows = []
    for a, b in combinations(models, 2):
        cells: dict[str, Any] = {"model_a": a, "model_b": b}
        for k in KS:
            if (a, b, k) not in compared:
                raise UserError(
                    f"{path}: {a} and {b} are not compared at {k}; name models that this table "
                    "has, or make it anew with their outcomes"
                )
            cells |= {f"{key}_top{k}": compared[a, b, k][key] for key in _SHOWN}
        rows.append(cells)
    columns = [Column("model_a", "Model A", align="l"), Column("model_b", "Model B", align="l")]
    for k in KS:
        columns += [
            Column(f"both_top{k}", ""),
            Column(f"only_a_top{k}", f"Only A right, top-{k}"),
            Column(f"only_b_top{k}", f"Only B right, top-{k}"),
            Column(f"neither_top{k}", ""),
            _p_column(f"p_value_top{k}", f"p, top-{k}"),
        ]
    notes = [
        f"Data: {about}",
        "McNemar's test, exact and two-sided, on the pictures that one of two models alone gets "
        f"right. The p values are not corrected for the {len(rows)} pairs. They take pictures of "
        "one clip as independent, and are too small where these resemble each other.",
    ]
    return Exhibit("Pairs of models on the same pictures", columns, rows, notes)


_SHOWN = ("both", "only_a", "only_b", "neither", "p_value")


def _turned(row: Mapping[str, Any]) -> dict[str, Any]:
    return {**row, "only_a": row["only_b"], "only_b": row["only_a"]}


def _p_column(key: str, title: str) -> Column:
    def text(row: Mapping[str, Any]) -> str:
        return "< 0.0001" if row[key] < 0.0001 else f"{row[key]:.4f}"

    return Column(key, title, text)
