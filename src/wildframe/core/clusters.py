"""Intervals and tests of trials that come in clusters: images of one video are not independent.

The cluster is the unit: each is left out in turn (jackknife), drawn (bootstrap) or exchanged
(permutation) as a whole, so that correlation within it does not matter. Tests simulate the coverage
and the type-I error at intra-cluster correlations of 0 to 0.3.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from wildframe.core.arrays import Bools, Floats, Integers
from wildframe.core.statistics import CONFIDENCE

FEW_CLUSTERS = 30
"""Below so many, a bootstrap draws too few different samples."""

FLIPS = 9_999
"""Random flips of signs where there are too many to list all."""

_LISTED = 13
"""Clusters of which all flips are listed: 8,192."""

_BLOCK = 2**20
"""Numbers of an array in memory: signs of clusters, or differences of flips."""

_ROUNDING = 1e-9
"""Shares that are no further apart are the same: sums of floats."""


@dataclass(frozen=True)
class Counts:
    """Successes and trials of each cluster, by proportion; shape (clusters, proportions).

    Each proportion has at least one trial.
    """

    successes: Floats
    trials: Floats

    @classmethod
    def of(cls, cluster: Integers, successes: npt.ArrayLike, trials: npt.ArrayLike) -> "Counts":
        """Sum over the trials of each cluster.

        Args:
            cluster: Number of each trial's cluster, from 0, shape (n,).
            successes: Of each trial, shape (n, proportions).
            trials: 1 where it is a trial of the proportion, otherwise 0; same shape.
        """

        def sums(values: npt.ArrayLike) -> Floats:
            columns = np.asarray(values).T
            return np.stack([np.bincount(cluster, column) for column in columns], axis=1)

        return cls(sums(successes), sums(trials))

    @cached_property
    def shares(self) -> Floats:
        """All successes over all trials, shape (proportions,)."""
        return _shares(self.successes.sum(axis=0), self.trials.sum(axis=0))

    @cached_property
    def clusters(self) -> Integers:
        """Number of clusters with a trial, shape (proportions,)."""
        clusters: Integers = np.count_nonzero(self.trials > 0, axis=0)
        return clusters

    @cached_property
    def left_out(self) -> Floats:
        """Shares without each of the clusters, same shape; NaN where it has all trials."""
        return _shares(*(sums.sum(axis=0) - sums for sums in (self.successes, self.trials)))


@dataclass(frozen=True, slots=True)
class Differences:
    """Proportions of one condition minus those of another; arrays of shape (comparisons,)."""

    value: Floats
    low: Floats
    high: Floats
    """Ends of the interval; NaN where there is none."""
    p_value: Floats
    """Two-sided, of `sign_flip`."""
    clusters: Integers
    """Clusters with a trial of either."""


def share_ends(counts: Counts) -> tuple[Floats, Floats]:
    """Return the ends of intervals of proportions, each of shape (proportions,).

    Student's t on the logit scale, where ends stay within 0 and 1. NaN where there is none: of a
    single cluster, of 0 and 1, or where all clusters agree.
    """
    return logit_ends(counts.shares, half_width(counts.left_out, counts.trials))


def logit_ends(values: Floats, half: Floats) -> tuple[Floats, Floats]:
    """Return the ends of intervals that are symmetric on the logit scale; NaN where there is none.

    Args:
        values: From 0 to 1, of any shape.
        half: Half the width of an interval around each by `half_width`, same shape.
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        odds = values / (1 - values)
        factor = np.exp(half / (values * (1 - values)))
        return 1 / (1 + factor / odds), 1 / (1 + 1 / (factor * odds))


def compare(counts: Counts, a: Integers, b: Integers, seed: int) -> Differences:
    """Compare pairs of proportions of the same clusters: ``a`` minus ``b``, with Student's t.

    Args:
        counts: Of each proportion.
        a: Columns of the first proportions, shape (comparisons,).
        b: Columns of the second, same shape.
        seed: Seed of the flips.
    """
    trials = counts.trials[:, a] + counts.trials[:, b]
    half = half_width(counts.left_out[:, a] - counts.left_out[:, b], trials)
    value = counts.shares[a] - counts.shares[b]
    return Differences(
        value,
        np.maximum(value - half, -1),
        np.minimum(value + half, 1),
        sign_flip(counts, a, b, seed),
        (trials > 0).sum(axis=0),
    )


def half_width(left_out: Floats, trials: Floats | Integers) -> Floats:
    """Return half the width of intervals of statistics, shape (statistics,); NaN without one.

    The standard error is the jackknife's; the degrees of freedom are those of as many clusters of
    one size as would weigh the same (Kish): few large clusters say less than many. Source: Efron
    and Stein, *The Jackknife Estimate of Variance*, 1981.

    Args:
        left_out: The statistics without each of the clusters, shape (clusters, statistics).
        trials: Trials of each cluster; those without any are no clusters of the statistic.
    """
    from scipy.special import stdtrit

    is_one = trials > 0
    clusters = is_one.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(is_one, left_out, 0).sum(axis=0) / clusters
        squares = np.where(is_one, (left_out - mean) ** 2, 0).sum(axis=0)
        error = np.sqrt((1 - 1 / clusters) * squares)
        freedom = trials.sum(axis=0) ** 2 / (trials**2).sum(axis=0) - 1
        half: Floats = stdtrit(freedom, (1 + CONFIDENCE) / 2) * error
    return np.where(error > _ROUNDING, half, np.nan)


def bca_ends(value: float, draws: Floats, left_out: Floats) -> Floats:
    """Return the ends of a bias-corrected and accelerated interval of a bootstrap, shape (2,).

    Source: Davison and Hinkley, *Bootstrap Methods and their Application*, 1997, 5.3.2.

    Args:
        value: The statistic.
        draws: The same of resamples of the clusters, shape (resamples,).
        left_out: The same without each of the clusters, shape (clusters,).
    """
    from scipy.special import ndtr, ndtri

    below = (np.mean(draws < value - _ROUNDING) + np.mean(draws <= value + _ROUNDING)) / 2
    bias = ndtri(np.clip(below, 0.5 / len(draws), 1 - 0.5 / len(draws)))
    centred = left_out.mean() - left_out
    acceleration = (centred**3).sum() / (6 * (centred**2).sum() ** 1.5)
    tail = (1 - CONFIDENCE) / 2
    shifted = bias + ndtri([tail, 1 - tail])
    ends: Floats = np.quantile(draws, ndtr(bias + shifted / (1 - acceleration * shifted)))
    return ends


def sign_flip(counts: Counts, a: Integers, b: Integers, seed: int) -> Floats:
    """Return two-sided p-values that pairs of proportions are the same, shape (comparisons,).

    Under the null hypothesis the two conditions can be exchanged in any cluster as a whole: the
    sign of its difference is as likely either way. Where up to 13 clusters differ, all flips are
    listed, and the test is exact; otherwise 9,999 are drawn.

    Args:
        counts: Of each proportion.
        a: Columns of the first proportions, shape (comparisons,).
        b: Columns of the second, same shape.
        seed: Seed of the draws.
    """
    sides = np.stack([counts.successes, counts.trials])
    gaps = sides[..., a] - sides[..., b]
    totals = (sides[..., a] + sides[..., b]).sum(axis=1, keepdims=True)
    observed = np.abs(counts.shares[a] - counts.shares[b])

    def is_extreme(signs: Floats, clusters: Bools | slice, at: Integers) -> Bools:
        """Tell whether flips differ at least as much as observed, shape (flips, len(at))."""
        # Both conditions mostly have the same trials, which a flip does not move.
        swapped, moved = (
            signs @ gap[clusters][:, at] if gap.any() else np.zeros((1, 1)) for gap in gaps
        )
        correct, trials = totals[..., at]
        flipped = _shares(correct + swapped, trials + moved)
        flipped -= _shares(correct - swapped, trials - moved)
        # One that leaves a side without trials says nothing, and counts against a difference.
        extreme: Bools = ~(np.abs(flipped) < observed[at] - _ROUNDING)
        return extreme

    differ = (gaps != 0).any(axis=0)
    moving = differ.sum(axis=0)
    p_values = np.zeros(len(a))
    for at in np.flatnonzero(moving <= _LISTED):
        bits = np.arange(2 ** moving[at])[:, None] >> np.arange(moving[at]) & 1
        signs = (2 * bits - 1).astype(np.float64)
        p_values[at] = is_extreme(signs, differ[:, at], np.array([at])).mean()
    if (many := np.flatnonzero(moving > _LISTED)).size:
        found = np.ones(len(many))
        block = max(1, _BLOCK // max(differ.shape))
        for signs in _draw_signs(len(differ), block, seed):
            found += is_extreme(signs, slice(None), many).sum(axis=0)
        p_values[many] = found / (1 + FLIPS)
    return p_values


def _draw_signs(clusters: int, block: int, seed: int) -> Iterator[Floats]:
    """Yield `FLIPS` rows of random signs, so many at a time."""
    rng = np.random.default_rng(seed)
    for start in range(0, FLIPS, block):
        drawn = rng.integers(0, 2, (min(block, FLIPS - start), clusters))
        yield (2 * drawn - 1).astype(np.float64)


def or_none(end: float) -> float | None:
    """Return an end of an interval for a table: None where there is no interval."""
    return None if np.isnan(end) else float(end)


def _shares(successes: Floats, trials: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return successes / trials
