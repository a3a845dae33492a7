"""What tables of pairs of models share: finding a pair in either order, and p values."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

from wildframe.core.errors import UserError
from wildframe.core.tables import Row
from wildframe.exhibits.table import Column


def turned(row: Mapping[str, Any]) -> Row:
    """Return a comparison with its two models the other way round."""
    return {
        **row,
        "model_a": row["model_b"],
        "model_b": row["model_a"],
        "only_a": row["only_b"],
        "only_b": row["only_a"],
    }


def compared(
    path: Path,
    pairs: Iterable[Mapping[str, Any]],
    models: Sequence[str],
    ks: Sequence[int],
    turn: Callable[[Mapping[str, Any]], Row] = turned,
) -> Iterator[dict[int, Row]]:
    """Yield the comparisons of each pair of models by k, pairs in the order of the models.

    Raises:
        UserError: Two of the models were not compared.
    """
    found = {}
    for row in pairs:
        for way in (dict(row), turn(row)):
            found[way["model_a"], way["model_b"], way["k"]] = way
    for a, b in combinations(models, 2):
        for k in ks:
            if (a, b, k) not in found:
                raise UserError(
                    f"{path}: {a} and {b} are not compared at {k}; name models that this table "
                    "has, or make it anew with their results"
                )
        yield {k: found[a, b, k] for k in ks}


def p_column(key: str, title: str) -> Column:
    """Return a column of p values."""

    def text(row: Mapping[str, Any]) -> str:
        return "< 0.0001" if row[key] < 0.0001 else f"{row[key]:.4f}"

    return Column(key, title, text)
