from itertools import combinations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.stats import binomtest

from wildframe.core.statistics import clopper_pearson, compact_letters, holm, mcnemar


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


def test_mcnemar_by_hand():
    # 5 against 1: 2 * (C(6, 0) + C(6, 1)) / 2^6.
    assert mcnemar(5, 1) == mcnemar(1, 5) == pytest.approx(14 / 64)
    assert mcnemar(10, 0) == pytest.approx(2 / 1024)
    assert mcnemar(3, 3) == 1
    assert mcnemar(0, 0) == 1
    assert mcnemar([5, 3], [1, 3]).tolist() == [pytest.approx(14 / 64), 1]


@given(st.integers(0, 300), st.integers(0, 300))
def test_mcnemar_is_a_binomial_test(only_a, only_b):
    assume(only_a + only_b > 0)
    assert mcnemar(only_a, only_b) == pytest.approx(binomtest(only_a, only_a + only_b).pvalue)


def test_holm_by_hand():
    # Smallest first: 3 * 0.01, then 2 * 0.02, and 0.03 is raised to that.
    assert holm([0.03, 0.01, 0.02]).tolist() == pytest.approx([0.04, 0.03, 0.04])
    assert holm([0.6, 0.9]).tolist() == [1, 1]
    assert holm([]).tolist() == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=5))
def test_holm_is_the_closed_test_of_bonferroni(p_values):
    """A hypothesis falls when Bonferroni rejects every intersection that it is in."""
    every = range(len(p_values))
    sets = [chosen for size in every for chosen in combinations(every, size + 1)]
    closed = [max(len(s) * min(p_values[i] for i in s) for s in sets if at in s) for at in every]
    assert holm(p_values) == pytest.approx([min(1, p_value) for p_value in closed])


def test_letters_by_hand():
    """The textbook case: a chain in which only neighbours are alike."""
    letters = compact_letters("xyz", [("x", "z")])
    assert letters == {"x": "a", "y": "ab", "z": "b"}
    assert compact_letters("xyz", [("y", "z")]) == {"x": "ab", "y": "a", "z": "b"}
    # The y that is left of x and y is absorbed by y and z: no third letter.
    assert compact_letters("xyz", [("x", "z"), ("x", "y")]) == {"x": "a", "y": "b", "z": "b"}
    assert compact_letters("xyz", []) == {"x": "a", "y": "a", "z": "a"}
    every = [("x", "y"), ("x", "z"), ("y", "z")]
    assert compact_letters("xyz", every) == {"x": "a", "y": "b", "z": "c"}


@given(st.sets(st.sampled_from(list(combinations(range(5), 2)))))
def test_two_share_a_letter_if_and_only_if_they_are_not_different(different):
    letters = compact_letters(range(5), different)
    for pair in combinations(range(5), 2):
        shared = set(letters[pair[0]]) & set(letters[pair[1]])
        assert bool(shared) == (pair not in different)


def test_there_are_letters_for_any_number_of_groups():
    names = range(60)
    letters = compact_letters(names, combinations(names, 2))
    assert [letters[at] for at in (0, 25, 26, 52)] == ["a", "z", "aa", "aaa"]
