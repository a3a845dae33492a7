"""Intervals for counts, and the test of two models on the same images."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

CLOPPER_PEARSON_95 = "clopper-pearson-95"

_BLOCK = 2**22
"""Resampled clusters held in memory at a time."""

Floats = npt.NDArray[np.float64]


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
        successes: 0 to ``n``.
        n: Trials, at least 1.
        confidence: Coverage of the two-sided interval.

    Raises:
        ValueError: The counts are not a proportion.
    """
    # scipy.stats.binomtest gives the same ends by root finding, 400 times slower.
    from scipy.special import betaincinv

    if not 0 <= successes <= n or n < 1:
        raise ValueError(f"not a proportion: {successes} successes of {n}")
    tail = (1 - confidence) / 2
    low = float(betaincinv(successes, n - successes + 1, tail)) if successes else 0.0
    high = float(betaincinv(successes + 1, n - successes, 1 - tail)) if successes < n else 1.0
    return Proportion(successes, n, successes / n, low, high)


def bootstrap_clusters(
    successes: npt.NDArray[np.int64],
    trials: npt.NDArray[np.int64],
    resamples: int,
    seed: int,
    confidence: float = 0.95,
) -> tuple[Floats, Floats]:
    """Return percentile intervals of proportions whose trials come in clusters.

    Whole clusters are drawn with replacement, as many as there are, and a proportion is the sum of
    the drawn successes over the sum of the drawn trials (a ratio of sums; Davison and Hinkley 1997,
    3.8). The same draws serve every proportion. A draw without any trial of a proportion says
    nothing about it and is left out; with a single cluster the interval is the proportion itself.

    Args:
        successes: Successes of each cluster, shape (clusters, proportions).
        trials: Trials of each cluster, same shape; each proportion has at least one.
        resamples: Number of bootstrap resamples.
        seed: Seed of the bootstrap.
        confidence: Coverage of the two-sided intervals.

    Returns:
        Lower and upper ends, each of shape (proportions,).
    """
    clusters, proportions = trials.shape
    counts = np.hstack([successes, trials]).astype(np.float64)
    rng = np.random.default_rng(seed)
    block = max(1, _BLOCK // clusters)
    ratios = np.empty((resamples, proportions))
    for start in range(0, resamples, block):
        size = min(block, resamples - start)
        drawn = rng.integers(0, clusters, (size, clusters))
        drawn += clusters * np.arange(size)[:, None]
        times = np.bincount(drawn.ravel(), minlength=size * clusters).reshape(size, clusters)
        # Sums of whole numbers are exact: neither block size nor BLAS shows in the result.
        sums = times.astype(np.float64) @ counts
        with np.errstate(invalid="ignore"):
            ratios[start : start + size] = sums[:, :proportions] / sums[:, proportions:]
    tail = 50 * (1 - confidence)
    ends = [np.percentile(column[~np.isnan(column)], [tail, 100 - tail]) for column in ratios.T]
    low, high = np.array(ends).T
    return low, high


def mcnemar(only_a: int, only_b: int) -> float:
    """Return the two-sided p-value of McNemar's exact test; 1 if nothing differs.

    Under the null hypothesis either model is as likely to be the correct one on a discordant
    image, so that ``only_a`` is binomial with probability 1/2.

    Args:
        only_a: Images on which only the first model is correct.
        only_b: Images on which only the second model is correct.
    """
    # Half a second less to import than scipy.stats, whose binomtest gives the same.
    from scipy.special import bdtr

    tail = float(bdtr(min(only_a, only_b), only_a + only_b, 0.5))
    return min(1.0, 2 * tail)


def holm(p_values: Sequence[float]) -> list[float]:
    """Return p values corrected for their number by Holm's method, in their order.

    Source: Holm, *A Simple Sequentially Rejective Multiple Test Procedure*, 1979.
    """
    corrected = [1.0] * len(p_values)
    largest = 0.0
    for rank, at in enumerate(sorted(range(len(p_values)), key=p_values.__getitem__)):
        largest = max(largest, min(1.0, (len(p_values) - rank) * p_values[at]))
        corrected[at] = largest
    return corrected
