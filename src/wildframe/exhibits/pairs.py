"""McNemar's tests between all pairs of models: rows and columns of a table."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

from wildframe.core.errors import UserError
from wildframe.core.tables import Row
from wildframe.exhibits.table import Column, Table

_TEST = ("both", "only_a", "only_b", "neither", "p_value")

_SWAPPED = {"model_a": "model_b", "only_a": "only_b"}
_NEGATED = {"low": "high", "high": "low", "delta_difference": "delta_difference"}


def swapped(row: Mapping[str, Any]) -> Row:
    """Return a comparison with its two models the other way round, and its difference, if any."""
    others = _SWAPPED | {b: a for a, b in _SWAPPED.items()}
    negated = {key: -row[other] for key, other in _NEGATED.items() if other in row}
    return {**row, **{key: row[other] for key, other in others.items()}, **negated}


def compared(
    path: Path, pairs: Iterable[Mapping[str, Any]], models: Sequence[str], ks: Sequence[int]
) -> Iterator[dict[int, Row]]:
    """Yield the comparisons of each pair of models by k, pairs in the order of the models.

    Raises:
        UserError: Two of the models were not compared.
    """
    found = {}
    for row in pairs:
        for way in (dict(row), swapped(row)):
            found[way["model_a"], way["model_b"], way["k"]] = way
    for a, b in combinations(models, 2):
        for k in ks:
            if (a, b, k) not in found:
                raise UserError(
                    f"{path}: {a} and {b} are not compared at {k}; name models that this table "
                    "has, or make it anew with their results"
                )
        yield {k: found[a, b, k] for k in ks}


def mcnemar_cells(by_k: Mapping[int, Row], suffix: str) -> Row:
    """Return the cells of `mcnemar_columns` of one pair of models."""
    first = next(iter(by_k.values()))
    tests = {f"{key}{suffix}{k}": row[key] for k, row in by_k.items() for key in _TEST}
    return {"model_a": first["model_a"], "model_b": first["model_b"]} | tests


def mcnemar_columns(ks: Iterable[int], suffix: str, title: str) -> list[Column]:
    """Return the columns of two models and their test at each k, whose keys end in suffix and k."""
    columns = [Column("model_a", "Model A", align="l"), Column("model_b", "Model B", align="l")]
    for k in ks:
        columns += [
            Column(f"both{suffix}{k}", ""),
            Column(f"only_a{suffix}{k}", f"Only A correct, {title}-{k}"),
            Column(f"only_b{suffix}{k}", f"Only B correct, {title}-{k}"),
            Column(f"neither{suffix}{k}", ""),
            _p_column(f"p_value{suffix}{k}", f"p, {title}-{k}"),
        ]
    return columns


def pairs_table(
    path: Path,
    pairs: Iterable[Mapping[str, Any]],
    models: Sequence[str],
    ks: Sequence[int],
    data_note: str,
) -> Table:
    """Return the tests of all pairs of models on the same images; errors as in `compared`.

    Args:
        path: File of the comparisons, for messages.
        pairs: Its rows.
        models: Models in the order of the table.
        ks: Which accuracies are compared: 1 for top-1.
        data_note: The data note.
    """
    rows = [mcnemar_cells(by_k, "_top") for by_k in compared(path, pairs, models, ks)]
    notes = [
        f"Data: {data_note}",
        "McNemar's test, exact and two-sided, on the images that only one of two models predicts "
        f"correctly. The p values are not corrected for the {len(rows)} pairs. They take images of "
        "one clip as independent, and are too small where these resemble each other.",
    ]
    columns = mcnemar_columns(ks, "_top", "top")
    return Table("Pairs of models on the same images", columns, rows, notes)


def _p_column(key: str, title: str) -> Column:
    return Column(key, title, lambda row: "< 0.0001" if row[key] < 0.0001 else f"{row[key]:.4f}")
