import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wildframe.scores.effective import (
    Line,
    clipped,
    draw_accuracies,
    effective,
    effective_interval,
    fit,
    inverse_logit,
    logit,
)

# Least squares through these points: means 1 and 0, slope (-1 * -1 + 1 * 1) / 2 = 1.
POINTS = [(0.0, -1.0), (1.0, 0.0), (2.0, 1.0)]
BENT = [(0.0, -1.0), (1.0, 0.5), (2.0, 0.5)]  # slope 1.5 / 2, intercept 0 - 0.75
SPREAD = [*BENT, (0.5, -1.0), (1.5, 1.0), (2.5, 1.0), (3.0, 2.5)]


def through(points, **choices):
    x, y = np.array(points).T
    return fit(x, y, **choices)


def test_a_line_by_hand():
    line = through(POINTS)
    assert (line.slope, line.intercept, line.n) == (pytest.approx(1), pytest.approx(-1), 3)
    assert line.r == pytest.approx(1)
    # At even odds before the line expects odds of 1 to e after.
    assert effective(line, 0.5, 0.5) == pytest.approx(100 * (0.5 - 1 / (1 + np.e)))
    bent = through(BENT)
    assert (bent.slope, bent.intercept) == (pytest.approx(0.75), pytest.approx(-0.75))
    # Covariance 1.5 of deviations of squares 2 and 1.5.
    assert bent.r == pytest.approx(1.5 / np.sqrt(2 * 1.5))


def test_accuracies_without_a_logit_are_clipped():
    assert clipped(np.array([0, 0.5, 1]), 100).tolist() == [0.005, 0.5, 0.995]
    line = through(POINTS)
    for before, after in ((1.0, 1.0), (0.5, 0.0), (0.0, 0.0), (1.0, 0.5)):
        assert effective(line, before, after) is None


def test_the_band_holds_the_line_and_is_seeded():
    line = through(SPREAD, resamples=200, seed=1)
    at = np.linspace(0.0, 2.0, 5)
    low, high = line.band(at)
    assert low.shape == high.shape == (5,)
    assert (low < line.at(at)).all()
    assert (line.at(at) < high).all()
    assert [float(end) for end in line.band(1.0)] == [
        pytest.approx(float(end[2])) for end in (low, high)
    ]
    again = through(SPREAD, resamples=200, seed=1)
    assert (again.resampled == line.resampled).all()
    assert (through(SPREAD, resamples=200).resampled != line.resampled).any()


def test_points_on_a_line_have_no_band():
    low, high = through(POINTS, resamples=50).band(0.6)
    assert low == pytest.approx(high)


# Steeper lines would reach accuracies that are clipped at half an image.
@given(st.floats(-2, 2), st.floats(0.1, 2), st.floats(-2, 2))
def test_a_model_on_the_line_has_no_effective_robustness(x, slope, intercept):
    line = through([(at, slope * at + intercept) for at in (-1, 0, 2)], resamples=1)
    before, after = inverse_logit(x), inverse_logit(slope * x + intercept)
    assert effective(line, float(before), float(after)) == pytest.approx(0, abs=1e-6)
    assert effective(line, float(before), float(after) + 0.001) > 0


@pytest.mark.parametrize("points", [POINTS[:2], [(1.0, 0.0)] * 5])
def test_a_line_needs_three_models(points):
    assert through(points) is None


def test_logits_and_back():
    assert inverse_logit(logit([0.1, 0.5, 0.99])) == pytest.approx([0.1, 0.5, 0.99])


def test_accuracies_are_drawn_video_by_video():
    # Two videos, one with all of its three sets correct, one with none of its two.
    drawn = draw_accuracies(np.array([[3, 2], [0, 0]]), np.array([3, 2]), 500, seed=0)
    assert drawn.shape == (500, 2)
    # Either video alone, or both.
    assert {tuple(one) for one in np.round(drawn, 6)} == {
        (1.0, round(2 / 3, 6)),
        (0.0, 0.0),
        (0.6, 0.4),
    }
    assert drawn[:, 0].mean() == pytest.approx(0.55, abs=0.05)
    assert (draw_accuracies(np.array([[3, 2]]), np.array([3]), 9, 0) == [1, 2 / 3]).all()


def test_draws_of_1_are_clipped_by_half_an_image_of_their_own():
    line = Line(1.0, 0.0, 1.0, 3, np.array([[1.0, 0.0]] * 2))
    every = np.ones(2)
    # Of 10 images before it is 0.95, which the line expects after, and of 50 after it is 0.99.
    assert effective_interval(line, every, every, (10, 50)) == pytest.approx((4, 4))


def test_an_interval_of_effective_robustness_covers_it():
    """Simulated: the models' truth is on a known line, ours two points above it."""
    rng = np.random.default_rng(20261129)
    anchors, models, covered = 600, 40, 0
    truth_x = inverse_logit(rng.normal(1.0, 0.4, models))
    for _ in range(200):
        x = rng.binomial(20_000, truth_x) / 20_000
        y = logit(inverse_logit(logit(truth_x) - 0.5)) + rng.normal(0, 0.1, models)
        line = fit(logit(x), y, resamples=200, seed=int(rng.integers(1 << 30)))
        before = 0.75
        after = float(inverse_logit(logit(before) - 0.5)) + 0.02
        # A set is correct only where its anchor is.
        counts = rng.multinomial(anchors, [after, before - after, 1 - before])
        correct = np.repeat([[1, 1], [1, 0], [0, 0]], counts, axis=0)
        sets = np.ones(anchors, np.int64)
        drawn = draw_accuracies(correct, sets, 200, int(rng.integers(1 << 30)))
        low, high = effective_interval(line, drawn[:, 0], drawn[:, 1], (anchors, anchors))
        covered += low <= 2 <= high
    assert 0.91 <= covered / 200 <= 0.99
