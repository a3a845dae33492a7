"""Intervals for counts."""

from dataclasses import dataclass

CLOPPER_PEARSON_95 = "clopper-pearson-95"


@dataclass(frozen=True, slots=True)
class Proportion:
    """``successes`` out of ``n`` with an interval ``[low, high]``, all in [0, 1]."""

    successes: int
    n: int
    value: float
    low: float
    high: float


def clopper_pearson(successes: int, n: int, confidence: float = 0.95) -> Proportion:
    """Return a proportion with its exact (Clopper-Pearson) binomial interval.

    Args:
        successes: Number of successes, 0 to ``n``.
        n: Number of trials, at least 1.
        confidence: Coverage of the two-sided interval.

    Raises:
        ValueError: The counts are not a proportion.
    """
    from scipy.stats import binomtest

    if not 0 <= successes <= n or n < 1:
        raise ValueError(f"not a proportion: {successes} successes of {n}")
    interval = binomtest(successes, n).proportion_ci(confidence, method="exact")
    return Proportion(successes, n, successes / n, float(interval.low), float(interval.high))
