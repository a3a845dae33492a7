"""Intervals and tests over clusters: by hand, against scipy, and simulated."""

import numpy as np
import pytest
from scipy.stats import bootstrap, permutation_test, t

from wildframe.core import clusters
from wildframe.core.clusters import (
    Counts,
    bca_ends,
    compare,
    half_width,
    or_none,
    share_ends,
    sign_flip,
)
from wildframe.core.statistics import mcnemar

FIRST, SECOND = np.array([0]), np.array([1])


def counts(successes, trials):
    return Counts(np.array(successes, float), np.array(trials, float))


def test_trials_are_summed_within_clusters():
    found = Counts.of(np.array([0, 1, 0]), [[1, 0], [1, 0], [1, 1]], [[1, 1], [1, 0], [1, 1]])
    assert found.successes.tolist() == [[2, 1], [1, 0]]
    assert found.trials.tolist() == [[2, 2], [1, 0]]
    assert found.shares.tolist() == [1, 0.5]
    assert found.clusters.tolist() == [2, 1]


def test_the_interval_of_equal_clusters_is_students_t_of_their_shares():
    """Shares of clusters of one size are like single measurements, here on the logit scale."""
    shares = np.array([0.2, 0.5, 0.6, 0.9])
    (half,) = half_width(
        counts(shares[:, None] * 10, np.full((4, 1), 10)).left_out, np.ones((4, 1))
    )
    assert half == pytest.approx(t.ppf(0.975, 3) * shares.std(ddof=1) / 2)
    low, high = share_ends(counts(shares[:, None] * 10, np.full((4, 1), 10)))
    mean = shares.mean()
    logits = np.log(mean / (1 - mean)) + np.array([-1, 1]) * half / (mean * (1 - mean))
    assert [low[0], high[0]] == pytest.approx(list(1 / (1 + np.exp(-logits))))


def test_few_large_clusters_say_less_than_many_of_one_size():
    left_out = np.array([[0.4], [0.5], [0.6], [0.5]])
    equal, unequal = (half_width(left_out, np.array(n)[:, None]) for n in ([9] * 4, [9, 9, 1, 1]))
    assert unequal > 1.2 * equal


@pytest.mark.parametrize(
    ("successes", "trials"),
    [
        ([3], [4]),
        # The mean of three floats 0.1 is not 0.1.
        ([1, 1, 1], [10, 10, 10]),
        ([0, 0, 0], [4, 2, 1]),
        ([4, 2], [4, 2]),
        ([3, 0], [4, 0]),
    ],
    ids=["one cluster", "all agree", "none", "every", "one with trials"],
)
def test_there_is_no_interval_where_clusters_do_not_differ(successes, trials):
    low, high = share_ends(counts(np.array([successes]).T, np.array([trials]).T))
    assert or_none(low[0]) is None
    assert or_none(high[0]) is None


def test_clusters_without_trials_change_nothing():
    full = counts([[1, 1], [3, 3], [2, 2]], [[4, 4], [4, 4], [4, 4]])
    rest = counts([[1, 0], [3, 3], [2, 2], [5, 0]], [[4, 0], [4, 4], [4, 4], [9, 0]])
    alone = counts([[3], [2]], [[4], [4]])
    assert share_ends(rest)[0][1] == pytest.approx(share_ends(alone)[0][0])
    assert share_ends(full)[0][0] == pytest.approx(share_ends(full)[0][1])


def test_clusters_without_trials_change_nothing_where_others_are_of_several_sizes():
    rest, alone = counts([[3], [2], [0]], [[4], [8], [0]]), counts([[3], [2]], [[4], [8]])
    ends = [np.concatenate(share_ends(one)) for one in (rest, alone)]
    assert ends[0].tolist() == pytest.approx(ends[1].tolist())


def test_a_cluster_of_either_condition_is_one_of_the_comparison():
    found = compare(counts([[1, 0], [0, 1], [2, 1]], [[4, 0], [0, 4], [4, 4]]), [0, 1], [1, 0], 0)
    assert found.clusters.tolist() == [3, 3]
    assert found.low[0] == pytest.approx(-found.high[1])


def test_a_difference_by_hand():
    # Differences of clusters: 1, 1, 2 and -1 of 4 images each.
    found = compare(counts([[3, 2], [2, 1], [4, 2], [1, 2]], np.full((4, 2), 4)), FIRST, SECOND, 0)
    assert found.value[0] == pytest.approx(3 / 16)
    error = np.std([1, 1, 2, -1], ddof=1) / 4 / 2
    ends = 3 / 16 + np.array([-1, 1]) * t.ppf(0.975, 3) * error
    assert [found.low[0], found.high[0]] == pytest.approx(list(ends))
    # |sum of +-1, +-1, +-2, +-1| is 3 or more in 3 of 8 flips, of one sign each.
    assert found.p_value[0] == pytest.approx(4 / 8)
    assert found.clusters.tolist() == [4]


def test_a_difference_is_nowhere_further_than_1():
    # Of three clusters two differ wholly: 2/3, and t of two degrees of freedom is 4.3.
    found = compare(counts([[4, 0], [4, 0], [0, 0]], np.full((3, 2), 4)), [0, 1], [1, 0], 0)
    end = 2 / 3 - t.ppf(0.975, 2) / 3
    assert found.low.tolist() == pytest.approx([end, -1])
    assert found.high.tolist() == pytest.approx([1, -end])


@pytest.fixture
def paired():
    """Correct images of two models in 10 clips of several sizes."""
    rng = np.random.default_rng(5)
    sizes = rng.integers(3, 9, (10, 1))
    return counts(rng.binomial(sizes, [0.5, 0.7], (10, 2)), np.broadcast_to(sizes, (10, 2)))


def test_listed_flips_are_scipys_exact_permutation_test(paired):
    scipys = permutation_test(
        tuple(paired.successes.T),
        lambda a, b, axis: (a - b).sum(axis),
        permutation_type="samples",
        vectorized=True,
    )
    assert sign_flip(paired, FIRST, SECOND, 0)[0] == pytest.approx(scipys.pvalue)


def test_drawn_flips_agree_with_listed_ones(paired, monkeypatch):
    listed = sign_flip(paired, FIRST, SECOND, 0)
    monkeypatch.setattr(clusters, "_LISTED", 0)
    drawn = sign_flip(paired, FIRST, SECOND, 0)
    assert drawn == pytest.approx(listed, abs=0.015)
    # No room for the signs of ten clusters: one flip at a time.
    monkeypatch.setattr(clusters, "_BLOCK", 5)
    assert sign_flip(paired, FIRST, SECOND, 0) == pytest.approx(drawn, abs=0.015)
    assert sign_flip(paired, SECOND, FIRST, 0) == pytest.approx(drawn, abs=0.015)


def test_conditions_of_other_trials_are_exchanged_in_whole_clusters():
    """Moments: a clip has images of one, or of both. By hand: 4 flips of 2 clips that differ."""
    moments = counts([[2, 0], [1, 1], [0, 3]], [[2, 1], [2, 2], [1, 3]])
    # a: 3 of 5, b: 4 of 6. Exchanged: first clip (1/4, 6/7), last (6/7, 1/4), both as before.
    assert compare(moments, FIRST, SECOND, 0).value[0] == pytest.approx(3 / 5 - 4 / 6)
    assert sign_flip(moments, FIRST, SECOND, 0)[0] == 1
    apart = counts([[2, 0], [1, 1], [3, 0]], [[2, 1], [2, 2], [3, 1]])
    assert sign_flip(apart, FIRST, SECOND, 0)[0] == pytest.approx(2 / 4)


def test_exchanged_clusters_take_their_trials_along():
    # a: 2 of 3, b: 1 of 5. With either cluster exchanged: 0 of 2 and 3 of 6, which is more.
    sizes = counts([[2, 0], [0, 1]], [[2, 1], [1, 4]])
    assert sign_flip(sizes, FIRST, SECOND, 0)[0] == 1
    # 1 of 2 and 1 of 6, then 0 of 2 and 2 of 6: as much, of which floats know one digit less.
    sizes = counts([[1, 0], [0, 1]], [[1, 1], [1, 5]])
    assert sign_flip(sizes, FIRST, SECOND, 0)[0] == 1


def test_a_cluster_of_equal_successes_is_exchanged_with_its_trials():
    # 1 of 1 and 1 of 4: exchanged, it differs as much.
    one = counts([[1, 1]], [[1, 4]])
    assert sign_flip(one, FIRST, SECOND, 0)[0] == 1


def test_a_flip_that_leaves_a_condition_no_trial_counts_against_a_difference():
    # Of two clusters each has one condition: with one exchanged, one condition has all trials.
    apart = counts([[2, 0], [0, 0]], [[2, 0], [0, 2]])
    assert sign_flip(apart, FIRST, SECOND, 0)[0] == 1


def test_drawn_flips_are_never_out_of_the_question():
    # One of 2^29 flips of 30 clusters differs as much; what was observed counts as one of 10,000.
    every = counts([[1, 0]] * 30, [[1, 1]] * 30)
    assert sign_flip(every, FIRST, SECOND, 0)[0] == 1 / 10_000
    # Those of 13 clusters are listed, those of 14 drawn.
    thirteen, fourteen = (counts([[1, 0]] * n, [[1, 1]] * n) for n in (13, 14))
    assert sign_flip(thirteen, FIRST, SECOND, 0)[0] == 2 / 2**13
    assert sign_flip(fourteen, FIRST, SECOND, 0)[0] in [n / 10_000 for n in range(1, 9)]


def test_conditions_that_are_the_same_do_not_differ():
    same = counts([[1, 1], [2, 2]], [[2, 2], [2, 2]])
    found = compare(same, FIRST, SECOND, 0)
    assert (found.value[0], found.p_value[0]) == (0, 1)
    assert np.isnan(found.low[0])


@pytest.mark.parametrize("digits", [9, 0], ids=["no draw like the value", "many like it"])
def test_bca_is_scipys(digits):
    values = np.random.default_rng(2).exponential(size=40).round(digits)
    scipys = bootstrap((values,), np.mean, n_resamples=2000, rng=np.random.default_rng(3))
    left_out = np.array([np.delete(values, at).mean() for at in range(40)])
    ends = bca_ends(values.mean(), scipys.bootstrap_distribution, left_out)
    assert list(ends) == pytest.approx(list(scipys.confidence_interval), rel=1e-6)


def test_bca_of_a_value_below_all_draws():
    # Half of one of two draws is below: the bias is z = -0.674 of 1/4. Without acceleration, ends
    # are the quantiles at 2 z -+ 1.96 of the normal distribution, 0.0005 and 0.7294.
    ends = bca_ends(0, np.array([1.0, 2.0]), np.array([-1.0, 1.0]))
    assert list(ends) == pytest.approx([1.0005, 1.7294], abs=1e-4)


# Simulations with fixed seeds. Clips of one size and of several; the true share is 0.7.

EXPERIMENTS = 1000
SHARE = 0.7
A, B = np.arange(EXPERIMENTS), np.arange(EXPERIMENTS, 2 * EXPERIMENTS)


def simulate(clips, images, icc, seed):
    """Return the counts of two equal models in so many experiments, images of a clip correlated.

    A clip's share is beta-distributed, so that two images of it have the correlation ``icc``.
    """
    rng = np.random.default_rng(seed)
    sizes = rng.integers(1, 2 * images, clips) if seed % 2 else np.full(clips, images)
    shape = (clips, 2 * EXPERIMENTS)
    strength = 1 / icc - 1 if icc else None
    shares = rng.beta(SHARE * strength, (1 - SHARE) * strength, shape) if strength else SHARE
    trials = np.broadcast_to(sizes[:, None], shape)
    return counts(rng.binomial(trials, shares), trials)


@pytest.mark.parametrize("icc", [0, 0.1, 0.3])
@pytest.mark.parametrize("seed", [0, 1], ids=["equal clips", "unequal clips"])
def test_a_sign_flip_rejects_one_true_null_hypothesis_in_twenty(icc, seed):
    p_values = sign_flip(simulate(50, 10, icc, seed), A, B, 0)
    assert 0.03 <= np.mean(p_values <= 0.05) <= 0.07


def test_mcnemar_over_images_of_clips_rejects_too_many():
    """What the permutation of clips is for: at 40 images a clip the images are not independent."""
    rng = np.random.default_rng(0)
    shares = rng.beta(0.7 * 9, 0.3 * 9, (2, 60, EXPERIMENTS))
    flags = rng.random((40, 2, 60, EXPERIMENTS), np.float32) < shares
    first, second = flags[:, 0], flags[:, 1]
    only = ((one & ~other).sum(axis=(0, 1)) for one, other in ((first, second), (second, first)))
    assert np.mean(mcnemar(*only) <= 0.05) > 0.15
    successes = np.concatenate(flags.sum(axis=0), axis=1)
    over_clips = sign_flip(counts(successes, np.full(successes.shape, 40)), A, B, 0)
    assert 0.03 <= np.mean(over_clips <= 0.05) <= 0.07


@pytest.mark.parametrize("icc", [0, 0.1, 0.3])
@pytest.mark.parametrize("clips", [8, 12, 25, 100])
@pytest.mark.parametrize("seed", [0, 1], ids=["equal clips", "unequal clips"])
def test_intervals_hold_the_truth_as_often_as_they_say(clips, icc, seed):
    models = simulate(clips, 10, icc, seed)
    low, high = share_ends(models)
    found = compare(models, A, B, 0)
    held = {
        "shares": np.mean((low <= SHARE) & (high >= SHARE)),
        "differences": np.mean((found.low <= 0) & (found.high >= 0)),
    }
    assert all(0.93 <= share <= 0.97 for share in held.values()), held
