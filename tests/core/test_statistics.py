import pytest
from hypothesis import given
from hypothesis import strategies as st

from wildframe.core.statistics import clopper_pearson


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
def test_interval_holds_the_rate(counts):
    interval = clopper_pearson(*counts)
    assert 0 <= interval.low <= interval.value <= interval.high <= 1


@pytest.mark.parametrize(("successes", "n"), [(0, 0), (-1, 5), (6, 5)])
def test_counts_that_are_no_proportion(successes, n):
    with pytest.raises(ValueError, match="not a proportion"):
        clopper_pearson(successes, n)
