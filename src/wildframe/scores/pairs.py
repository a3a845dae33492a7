"""Models against each other on the same images."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any

from wildframe.core.errors import UserError
from wildframe.core.statistics import mcnemar
from wildframe.core.tables import Row
from wildframe.scores.image_results import KS

Key = tuple[str, str]


def compare(results: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[Row]:
    """Return the rows of the ``model_pairs`` table: every pair of models, in the order given.

    Args:
        results: Rows of each model's ``image_results`` table.

    Raises:
        UserError: Two models were not shown the same images.
    """
    right = {
        model: {
            (row["image_id"], row["view_key"]): [row[f"correct_top{k}"] for k in KS] for row in rows
        }
        for model, rows in results.items()
    }
    return [
        {"model_a": a, "model_b": b, "k": k} | _contingency(both)
        for a, b in combinations(right, 2)
        for k, both in zip(KS, _matched(a, right[a], b, right[b]), strict=True)
    ]


def _matched(
    a: str, correct_a: Mapping[Key, Sequence[bool]], b: str, correct_b: Mapping[Key, Sequence[bool]]
) -> list[list[tuple[bool, bool]]]:
    """Return, for each k, which of two models is right about each image."""
    for here, there, lacking in ((correct_a, correct_b, b), (correct_b, correct_a, a)):
        if missing := here.keys() - there.keys():
            image_id, view_key = min(missing)
            view = f" of view {view_key}" if view_key else ""
            raise UserError(
                f"{lacking}: image {image_id}{view} has no result ({len(missing)} such), but "
                f"{a if lacking == b else b} has; make both from the same manifest"
            )
    return [
        [(correct_a[key][position], correct_b[key][position]) for key in correct_a]
        for position in range(len(KS))
    ]


def _contingency(pairs: Sequence[tuple[bool, bool]]) -> Row:
    only_a, only_b = pairs.count((True, False)), pairs.count((False, True))
    return {
        "both": pairs.count((True, True)),
        "only_a": only_a,
        "only_b": only_b,
        "neither": pairs.count((False, False)),
        "p_value": mcnemar(only_a, only_b),
    }
