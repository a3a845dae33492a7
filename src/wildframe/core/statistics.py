"""Intervals for counts of independent trials, and what many tests need."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from string import ascii_lowercase
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from wildframe.core.arrays import Floats

CONFIDENCE = 0.95
"""Coverage of all intervals, which are two-sided."""
CLOPPER_PEARSON_95 = "clopper-pearson-95"

Named = TypeVar("Named", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Proportion:
    """``successes`` out of ``n`` with an interval ``[low, high]``, all in [0, 1]."""

    successes: int
    n: int
    value: float
    low: float
    high: float


def clopper_pearson(successes: int, n: int) -> Proportion:
    """Return a proportion with its exact (Clopper-Pearson) binomial interval.

    Args:
        successes: 0 to ``n``.
        n: Trials, at least 1.

    Raises:
        ValueError: The counts are not a proportion.
    """
    # scipy.stats.binomtest gives the same ends by root finding, 400 times slower.
    from scipy.special import betaincinv

    if not 0 <= successes <= n or n < 1:
        raise ValueError(f"not a proportion: {successes} successes of {n}")
    tail = (1 - CONFIDENCE) / 2
    low = float(betaincinv(successes, n - successes + 1, tail)) if successes else 0.0
    high = float(betaincinv(successes + 1, n - successes, 1 - tail)) if successes < n else 1.0
    return Proportion(successes, n, successes / n, low, high)


def mcnemar(only_a: npt.ArrayLike, only_b: npt.ArrayLike) -> Floats:
    """Return two-sided p-values of McNemar's exact test; 1 where nothing differs.

    Under the null hypothesis either model is as likely to be the correct one on a discordant
    image, so that ``only_a`` is binomial with probability 1/2.

    Args:
        only_a: Images on which only the first model is correct, of any shape.
        only_b: Images on which only the second model is correct, same shape.
    """
    from scipy.special import bdtr

    discordant = np.add(only_a, only_b)
    p_values: Floats = 2 * bdtr(np.minimum(only_a, only_b), discordant, 0.5)
    return np.minimum(p_values, 1)


def holm(p_values: npt.ArrayLike) -> Floats:
    """Return p-values corrected for their number by Holm's method, shape (tests,)."""
    # statsmodels' multipletests returns the same, and takes two seconds to import.
    found = np.asarray(p_values, np.float64)
    order = np.argsort(found)
    corrected = np.empty_like(found)
    corrected[order] = np.maximum.accumulate(found[order] * np.arange(len(found), 0, -1))
    return np.minimum(corrected, 1)


def compact_letters(
    names: Sequence[Named], different: Iterable[tuple[Named, Named]]
) -> dict[Named, str]:
    """Return letters by name: two that share a letter are not different.

    Source: Piepho, *An Algorithm for a Letter-Based Representation of All-Pairwise Comparisons*,
    2004 (insert and absorb).

    Args:
        names: In the order of letters: the first has an a.
        different: Pairs that are different.
    """
    groups = [frozenset(names)]
    for a, b in different:
        split = [
            part
            for group in groups
            for part in ([group - {a}, group - {b}] if {a, b} <= group else [group])
        ]
        groups = [one for one in split if not any(one < other for other in split)]
    ranked = sorted(groups, key=lambda group: sorted(map(names.index, group)))
    # After z come aa, bb and so on.
    letters = [ascii_lowercase[n % 26] * (1 + n // 26) for n in range(len(ranked))]
    return {
        name: "".join(
            letter for letter, group in zip(letters, ranked, strict=True) if name in group
        )
        for name in names
    }
