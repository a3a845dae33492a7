import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, bootstrap

from wildframe.core import statistics
from wildframe.core.statistics import bootstrap_clusters, clopper_pearson, holm, mcnemar


def test_edges_are_known_in_closed_form():
    # With no success the upper end solves (1 - p)^n = 0.025; all successes mirror it.
    none = clopper_pearson(0, 10)
    assert (none.value, none.low) == (0, 0)
    assert none.high == pytest.approx(1 - 0.025 ** (1 / 10))
    every = clopper_pearson(10, 10)
    assert (every.value, every.high) == (1, 1)
    assert every.low == pytest.approx(0.025 ** (1 / 10))


def test_published_interval():
    # Clopper and Pearson 1934 via Newcombe 1998, table I: 81 of 263, 95 %.
    interval = clopper_pearson(81, 263)
    assert round(interval.low, 4) == 0.2527
    assert round(interval.high, 4) == 0.3676


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_interval_holds_the_rate_and_is_scipys(counts):
    interval = clopper_pearson(*counts)
    assert 0 <= interval.low <= interval.value <= interval.high <= 1
    scipys = binomtest(*counts).proportion_ci(0.95, method="exact")
    assert (interval.low, interval.high) == pytest.approx(tuple(scipys), abs=1e-8)


@pytest.mark.parametrize(("successes", "n"), [(0, 0), (-1, 5), (6, 5)])
def test_counts_that_are_no_proportion(successes, n):
    with pytest.raises(ValueError, match="not a proportion"):
        clopper_pearson(successes, n)


@pytest.fixture
def clips():
    """Successes and trials of 40 clips, of two proportions; every clip has trials of both."""
    rng = np.random.default_rng(1)
    trials = rng.integers(1, 9, (40, 2))
    return rng.binomial(trials, [0.2, 0.6]), trials


def test_bootstrap_is_scipys(clips):
    """The same seed gives the same draws, so that ends agree to the last digits."""
    successes, trials = clips
    low, high = bootstrap_clusters(successes, trials, 500, seed=7)
    for column in range(2):
        scipys = bootstrap(
            (successes[:, column], trials[:, column]),
            lambda s, n, axis: s.sum(axis) / n.sum(axis),
            n_resamples=500,
            paired=True,
            vectorized=True,
            method="percentile",
            rng=np.random.default_rng(7),
        ).confidence_interval
        assert (low[column], high[column]) == pytest.approx(tuple(scipys), rel=1e-12)


def test_bootstrap_in_small_blocks_is_the_same(clips, monkeypatch):
    whole = bootstrap_clusters(*clips, 101, seed=3)
    monkeypatch.setattr(statistics, "_BLOCK", 40 * 7)
    np.testing.assert_array_equal(bootstrap_clusters(*clips, 101, seed=3), whole)


def test_draws_without_any_trial_are_left_out():
    # The second proportion has trials in one of three clips: 8 draws in 27 hold none of them.
    trials = np.array([[1, 4], [1, 0], [1, 0]])
    successes = np.array([[1, 3], [0, 0], [0, 0]])
    low, high = bootstrap_clusters(successes, trials, 300, seed=0)
    assert (low[1], high[1]) == (0.75, 0.75)
    assert (low[0], high[0]) == (0, 1)


def test_a_single_cluster_has_no_width():
    low, high = bootstrap_clusters(np.array([[3]]), np.array([[4]]), 100, seed=0)
    assert (low, high) == ([0.75], [0.75])


def test_mcnemar_by_hand():
    # 5 against 1: 2 * (C(6, 0) + C(6, 1)) / 2^6.
    assert mcnemar(5, 1) == mcnemar(1, 5) == pytest.approx(14 / 64)
    assert mcnemar(10, 0) == pytest.approx(2 / 1024)
    assert mcnemar(3, 3) == 1
    assert mcnemar(0, 0) == 1


def test_holm_by_hand():
    # Times 3, 2 and 1 in ascending order, never below an earlier one; at most 1.
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.9, 0.8]) == [1, 1]
    assert holm([0.5]) == [0.5]
    assert holm([]) == []
