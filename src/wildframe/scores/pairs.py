"""Comparison of models on the same images."""

from collections.abc import Mapping, Sequence
from itertools import combinations, permutations
from typing import Any

import numpy as np
import numpy.typing as npt

from wildframe.core.errors import UserError
from wildframe.core.statistics import mcnemar
from wildframe.core.tables import Row
from wildframe.scores.predicted import KS

Bools = npt.NDArray[np.bool_]


def compare(results: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[Row]:
    """Return the rows of the ``model_pairs`` table: every pair of models, in the order given.

    Args:
        results: Rows of each model's ``image_results`` table.

    Raises:
        UserError: Two models have results of different images.
    """
    correct = {
        model: {
            (row["image_id"], row["view_key"]): [row[f"correct_top{k}"] for k in KS] for row in rows
        }
        for model, rows in results.items()
    }
    for (a, of_a), (b, of_b) in permutations(correct.items(), 2):
        if missing := of_a.keys() - of_b.keys():
            image_id, view_key = min(missing)
            view = f" of view {view_key}" if view_key else ""
            raise UserError(
                f"{b}: image {image_id}{view} has no result ({len(missing)} such), but {a} has; "
                "make both from the same manifest"
            )
    flags = {
        model: np.array([of[key] for key in sorted(of)], bool).reshape(-1, len(KS))
        for model, of in correct.items()
    }
    return [
        {"model_a": a, "model_b": b, "k": k} | contingency(flags[a][:, at], flags[b][:, at])
        for a, b in combinations(flags, 2)
        for at, k in enumerate(KS)
    ]


def contingency(correct_a: Bools, correct_b: Bools) -> Row:
    """Return the counts of two models on the same trials, and McNemar's exact p-value."""
    only_a, only_b = int((correct_a & ~correct_b).sum()), int((correct_b & ~correct_a).sum())
    return {
        "both": int((correct_a & correct_b).sum()),
        "only_a": only_a,
        "only_b": only_b,
        "neither": int((~correct_a & ~correct_b).sum()),
        "p_value": mcnemar(only_a, only_b),
    }
