import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wildframe.core.errors import UserError
from wildframe.scores.effective import Published, clipped, effective, fit, read_published

HEADER = "model,model_type,imagenet-vid-robust_pm0,imagenet-vid-robust_pm10,ytbb-robust_pm0,x\n"


def inverse_logit(x):
    return 1 / (1 + np.exp(-x))


def published(points, **values):
    """Make models out of logits before and after."""
    named = {"model": "m", "model_type": "STANDARD", "n": 1000, "is_standard": True} | values
    return [
        Published(**named, pm_0=float(inverse_logit(x)), pm_k=float(inverse_logit(y)))
        for x, y in points
    ]


# Least squares through these logits: means 1 and 0, slope (-1 * -1 + 1 * 1) / 2 = 1.
POINTS = [(0.0, -1.0), (1.0, 0.0), (2.0, 1.0)]
BENT = [(0.0, -1.0), (1.0, 0.5), (2.0, 0.5)]  # slope 1.5 / 2, intercept 0 - 0.75


def test_a_line_by_hand():
    line = fit(published(POINTS))
    assert (line.slope, line.intercept, line.n) == (pytest.approx(1), pytest.approx(-1), 3)
    assert line.r == pytest.approx(1)
    # At even odds before the line expects odds of 1 to e after.
    assert effective(line, 0.5, 0.5) == pytest.approx(100 * (0.5 - 1 / (1 + np.e)))
    bent = fit(published(BENT))
    assert (bent.slope, bent.intercept) == (pytest.approx(0.75), pytest.approx(-0.75))
    # Covariance 1.5 of deviations of squares 2 and 1.5.
    assert bent.r == pytest.approx(1.5 / np.sqrt(2 * 1.5))


def test_models_of_other_training_are_not_on_the_line():
    others = published([(0.5, 3.0)], model_type="MORE_DATA", is_standard=False)
    assert fit(published(BENT) + others).slope == pytest.approx(0.75)


def test_accuracies_without_a_logit_are_clipped():
    assert clipped(np.array([0, 0.5, 1]), 100).tolist() == [0.005, 0.5, 0.995]
    line = fit(published(POINTS))
    for pm_0, pm_k in ((1.0, 1.0), (0.5, 0.0), (0.0, 0.0), (1.0, 0.5)):
        assert effective(line, pm_0, pm_k) is None
    nothing = Published("m", "STANDARD", 0.0, 0.0, 10, True)
    assert np.isfinite(fit([*published(BENT), nothing]).slope)


def test_the_band_holds_the_line_and_is_seeded():
    spread = [*BENT, (0.5, -1.0), (1.5, 1.0), (2.5, 1.0), (3.0, 2.5)]
    line = fit(published(spread), resamples=200, seed=1)
    at = np.linspace(0.5, 0.9, 5)
    low, high = line.band(at)
    assert low.shape == high.shape == (5,)
    assert (low < line.expected(at)).all()
    assert (line.expected(at) < high).all()
    assert [float(end) for end in line.band(0.7)] == [
        pytest.approx(float(end[2])) for end in (low, high)
    ]
    again = fit(published(spread), resamples=200, seed=1)
    assert (again.resampled == line.resampled).all()
    assert (fit(published(spread), resamples=200).resampled != line.resampled).any()


def test_points_on_a_line_have_no_band():
    low, high = fit(published(POINTS), resamples=50).band(0.6)
    assert low == pytest.approx(high)


# Steeper lines would reach accuracies that are clipped at half an anchor.
@given(st.floats(-2, 2), st.floats(0.1, 2), st.floats(-2, 2))
def test_a_model_on_the_line_has_no_effective_robustness(x, slope, intercept):
    line = fit(published([(at, slope * at + intercept) for at in (-1, 0, 2)]), resamples=1)
    before, after = inverse_logit(x), inverse_logit(slope * x + intercept)
    assert effective(line, before, after) == pytest.approx(0, abs=1e-6)
    assert effective(line, before, after + 0.001) > 0


@pytest.mark.parametrize("points", [[], POINTS[:2], [(1.0, 0.0)] * 5])
def test_a_line_needs_three_models(points):
    with pytest.raises(UserError, match=f"three different models .* {len(points)} are published"):
        fit(published(points))


def test_published_accuracies_are_read(tmp_path):
    path = tmp_path / "published.csv"
    rows = [
        "a,STANDARD,50.0,25,1,",
        "b,MORE_DATA,70,60,1,",
        "c_aws,STANDARD,70,60,1,",
        "d-batch64,STANDARD,70,60,1,",
        "e_subsample,STANDARD,70,60,1,",
        "f,STANDARD,48.9,60,1,",
        "g,STANDARD,,,1,",
        "h,STANDARD,49,40,1,",
    ]
    path.write_text(HEADER + "\n".join(rows) + "\n")
    found = read_published(path, "vid30")
    assert [(model.model, model.is_standard) for model in found] == [
        ("a", True),
        ("b", False),
        ("c_aws", False),
        ("d-batch64", False),
        ("e_subsample", False),
        ("f", False),
        ("h", True),
    ]
    assert (found[0].pm_0, found[0].pm_k, found[0].n) == (0.5, 0.25, 1109)


def test_published_percentages_are_counts_again(tmp_path):
    path = tmp_path / "published.csv"
    # 749 and 582 of 1,109 anchors, to two and to five decimals.
    path.write_text(HEADER + "a,STANDARD,67.54,52.48,1,\nb,STANDARD,67.53832,52.47971,1,\n")
    for model in read_published(path, "vid30"):
        assert (model.pm_0, model.pm_k) == (749 / 1109, 582 / 1109)


@pytest.mark.parametrize(
    ("text", "targets", "message"),
    [
        (HEADER, "ytbb24", "column 'ytbb-robust_pm10' is missing"),
        ("", "vid30", "column 'model' is missing"),
        (HEADER + "a,STANDARD,50,x,1,\n", "vid30", "line 2: 50 and x are not two percentages"),
        (HEADER + "a,STANDARD,101,5,1,\n", "vid30", "line 2: 101 and 5 are not two percentages"),
        (HEADER + "a,STANDARD,nan,5,1,\n", "vid30", "line 2: nan and 5 are not two percentages"),
        (HEADER, "coco80", "nothing is published for coco80"),
    ],
)
def test_files_that_publish_nothing_are_refused(tmp_path, text, targets, message):
    path = tmp_path / "published.csv"
    path.write_text(text)
    with pytest.raises(UserError, match=message):
        read_published(path, targets)


def test_a_file_that_is_absent_is_named(tmp_path):
    with pytest.raises(UserError, match=r"no\.csv: no such file; correct its path"):
        read_published(tmp_path / "no.csv", "vid30")
