"""Paired comparisons of models, moments and views on the same clips or videos."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import chain, combinations, permutations
from typing import Any

import numpy as np

from wildframe.core import clusters
from wildframe.core.clusters import or_none
from wildframe.core.errors import UserError
from wildframe.core.statistics import mcnemar
from wildframe.core.tables import Row
from wildframe.scores import unit_of
from wildframe.scores.accuracy import by_role, overall, require_one_crop, share_columns
from wildframe.scores.conditions import Condition, counts_of

Results = Sequence[Mapping[str, Any]]


def compare(
    conditions: Sequence[Condition],
    pairs: Sequence[tuple[int, int]],
    units: Sequence[str],
    seed: int,
) -> list[Row]:
    """Return the rows of ``PAIRS`` of pairs of conditions: the only comparison there is.

    The interval leaves out, and the test exchanges, whole units. McNemar's test stands beside it
    where these are single results.

    Args:
        conditions: Results of models, all in one order.
        pairs: Positions of two conditions of one metric.
        units: Clip or video of each result.
        seed: Seed of the test.
    """
    if not pairs:
        return []
    counts = counts_of(conditions, units)
    a, b = np.array(pairs, np.int64).T
    found = clusters.compare(counts, a, b, seed)
    n = counts.trials.sum(axis=0).astype(int).tolist()
    return [
        {
            "model_a": conditions[i].model,
            "subset_a": conditions[i].subset,
            "model_b": conditions[j].model,
            "subset_b": conditions[j].subset,
            "metric": conditions[i].metric,
            "k": conditions[i].k,
            "value_a": float(counts.shares[i]),
            "value_b": float(counts.shares[j]),
            "n_a": n[i],
            "n_b": n[j],
            **contingency(conditions[i], conditions[j], int(found.clusters[at])),
            "difference": float(found.value[at]),
            "low": or_none(found.low[at]),
            "high": or_none(found.high[at]),
            "p_value": float(found.p_value[at]),
            "clusters": int(found.clusters[at]),
        }
        for at, (i, j) in enumerate(pairs)
    ]


def compare_each(
    pairs: Iterable[tuple[Condition, Condition]], units: Sequence[str], seed: int
) -> list[Row]:
    """Return the rows of `compare` of pairs of conditions that no other pair shares."""
    conditions = [*chain.from_iterable(pairs)]
    positions = [(at, at + 1) for at in range(0, len(conditions), 2)]
    return compare(conditions, positions, units, seed)


_DIFFERENCE = {
    "gained": "only_a",
    "lost": "only_b",
    "difference": "difference",
    "difference_low": "low",
    "difference_high": "high",
    "p_value": "p_value",
}
"""What a table of shares calls the columns of a comparison."""


def shares_with_differences(
    conditions: Sequence[Condition],
    references: Mapping[int, int],
    units: Sequence[str],
    seed: int,
) -> list[Row]:
    """Return of each condition its share, and how it differs from its reference, if it has one.

    Args:
        conditions: Flags of images, each condition of at least one.
        references: Position of the condition that one is compared with, by its own position.
        units: Clip or video of each image.
        seed: Seed of the tests.
    """
    found = compare(conditions, [*references.items()], units, seed)
    differences = {
        at: {name: row[key] for name, key in _DIFFERENCE.items()}
        for at, row in zip(references, found, strict=True)
    }
    return [
        {**columns, **differences.get(at, dict.fromkeys(_DIFFERENCE))}
        for at, columns in enumerate(share_columns(counts_of(conditions, units)))
    ]


NO_CONTINGENCY: Row = dict.fromkeys(("both", "only_a", "only_b", "neither", "mcnemar"))


def contingency(a: Condition, b: Condition, units: int) -> Row:
    """Return the counts of two conditions on the same results, and McNemar's p if they are units.

    None where the results are not the same ones, or neither correct nor incorrect.
    """
    are_flags = a.successes.dtype == b.successes.dtype == bool
    if not are_flags or (a.trials != b.trials).any():
        return NO_CONTINGENCY
    first, second = a.successes[a.trials], b.successes[a.trials]
    only_a, only_b = int((first & ~second).sum()), int((second & ~first).sum())
    return {
        "both": int((first & second).sum()),
        "only_a": only_a,
        "only_b": only_b,
        "neither": int((~first & ~second).sum()),
        "mcnemar": float(mcnemar(only_a, only_b)) if units == len(first) else None,
    }


def compare_models(results: Mapping[str, Results], high_confidence: float, seed: int) -> list[Row]:
    """Compare every pair of models on the same images, and at each moment, and each two moments.

    Args:
        results: Rows of each model's ``image_results`` table.
        high_confidence: Probability above which an incorrect top-1 prediction is counted.
        seed: Seed of the tests.

    Raises:
        UserError: Two models have results of different images, or one several of an image.
    """
    aligned = _aligned(results)
    conditions = [
        one
        for model, rows in aligned.items()
        for one in (*overall(model, rows, high_confidence), *by_role(model, rows))
    ]
    return compare_all(conditions, _units(aligned), seed)


def compare_views(
    views: Mapping[str, Mapping[str, Results]], high_confidence: float, seed: int
) -> list[Row]:
    """Compare each model in every pair of views, and every pair of models in each view.

    Args:
        views: Rows of each model's ``image_results`` table, by view; a model may lack some.
        high_confidence: Probability above which an incorrect top-1 prediction is counted.
        seed: Seed of the tests.

    Raises:
        UserError: Two have results of different images, or one several of an image.
    """
    cases = [(model, view) for view, of_view in views.items() for model in of_view]
    aligned = _aligned({f"{model}, view {view}": views[view][model] for model, view in cases})
    conditions = [
        replace(one, subset=f"view={view}")
        for (model, view), rows in zip(cases, aligned.values(), strict=True)
        for one in overall(model, rows, high_confidence)
    ]
    return compare_all(conditions, _units(aligned), seed)


def compare_all(conditions: Sequence[Condition], units: Sequence[str], seed: int) -> list[Row]:
    """Return the rows of `compare` of all pairs that differ in one way.

    That is of two models, or of two moments or views of one.
    """

    def is_pair(a: Condition, b: Condition) -> bool:
        if (a.metric, a.k) != (b.metric, b.k):
            return False
        if a.model != b.model:
            return a.subset == b.subset
        return a.subset != b.subset and "all" not in (a.subset, b.subset)

    positions = combinations(range(len(conditions)), 2)
    pairs = [(i, j) for i, j in positions if is_pair(conditions[i], conditions[j])]
    return compare(conditions, pairs, units, seed)


def _units(aligned: Mapping[str, Results]) -> list[str]:
    return [unit_of(row) for row in next(iter(aligned.values()), ())]


def _aligned(results: Mapping[str, Results]) -> dict[str, Results]:
    """Return the results by name, each in the order of their images."""
    for name, rows in results.items():
        require_one_crop(name, rows)
    by_image = {name: {row["image_id"]: row for row in rows} for name, rows in results.items()}
    for (a, of_a), (b, of_b) in permutations(by_image.items(), 2):
        if missing := of_a.keys() - of_b.keys():
            raise UserError(
                f"{b}: image {min(missing)} has no result ({len(missing)} such), but {a} has; make "
                "both from the same manifest"
            )
    return {name: [of[image_id] for image_id in sorted(of)] for name, of in by_image.items()}
