import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wildframe.core.errors import UserError
from wildframe.core.schemas import CALIBRATION, CALIBRATION_ERRORS, IMAGE_RESULTS
from wildframe.core.tables import read_table, write_rows
from wildframe.scores.calibration import (
    aurra,
    calibration,
    calibration_noise_floor,
    expected_calibration_error,
    rms_calibration_error,
)

# Without one of two images, all others are correct, or none is: the half width is t(1) 0.5, on the
# logit scale 4 times that.
OF_TWO = pytest.approx(1 / (1 + math.exp(2 * 12.706)), rel=1e-2), pytest.approx(1)


@pytest.fixture(scope="session")
def bins(result):
    """Return the bins of pairs of probability and rightness."""

    def make(predicted):
        return calibration(
            "m",
            [
                result(f"i{n}", "correct_top1" if correct else "")
                | {"top": [{"wnid": "n", "probability": probability}]}
                for n, (probability, correct) in enumerate(predicted)
            ],
        )

    return make


def test_a_model_without_probabilities_has_no_bins(bins):
    assert bins([(None, True), (None, False)]) == []


def test_bins_by_hand(bins):
    rows = bins([(0.95, True), (0.0, False), (0.1, True), (0.11, False), (1.0, False), (0.3, True)])
    assert [tuple(row.values()) for row in rows] == [
        # 0 and an upper edge belong to the bin.
        ("m", 0.0, 0.1, 2, 1, pytest.approx(0.05), *OF_TWO, 2),
        ("m", 0.1, 0.2, 1, 0, 0.11, None, None, 1),
        ("m", 0.2, 0.3, 1, 1, 0.3, None, None, 1),
        ("m", 0.9, 1.0, 2, 1, pytest.approx(0.975), *OF_TWO, 2),
    ]
    assert list(rows[0]) == CALIBRATION.schema.names
    # (|1 - 0.1| + |0 - 0.11| + |1 - 0.3| + |1 - 1.95|) / 6
    assert expected_calibration_error(rows) == pytest.approx(2.66 / 6)


def test_a_bin_whose_clips_agree_has_no_interval_over_them(result):
    right, wrong = (
        {"top": [{"wnid": "n", "probability": 0.95}], "correct_top1": is_correct}
        for is_correct in (True, False)
    )
    clips = {"a": (right, wrong), "b": (right, wrong), "c": (right,)}
    images = [
        result(f"{clip}{at}") | one | {"group_id": clip, "video_id": None}
        for clip, several in clips.items()
        for at, one in enumerate(several)
    ]
    (row,) = calibration("m", images[:4])
    assert (row["n"], row["clusters"], row["cluster_low"]) == (4, 2, None)
    (row,) = calibration("m", images)
    assert (row["n"], row["clusters"]) == (5, 3)
    assert 0 < row["cluster_low"] < 3 / 5 < row["cluster_high"] < 1


def test_a_probability_that_rounding_took_above_1_is_in_the_last_bin(bins):
    (row,) = bins([(1.0000001, True)])
    assert (row["low"], row["high"]) == (0.9, 1.0)


def test_calibrated_and_not(bins):
    assert expected_calibration_error(bins([(1.0, True)] * 3)) == 0
    assert expected_calibration_error(bins([(1.0, False)] * 3)) == 1
    assert expected_calibration_error(bins([(0.75, n < 3) for n in range(4)])) == 0


@given(predicted=st.lists(st.tuples(st.floats(0, 1, width=32), st.booleans()), min_size=1))
def test_bins_share_out_all_images(bins, predicted):
    rows = bins(predicted)
    assert sum(row["n"] for row in rows) == len(predicted)
    assert sum(row["successes"] for row in rows) == sum(correct for _, correct in predicted)
    for row in rows:
        inside = [p for p, _ in predicted if row["low"] < p <= row["high"] or p == row["low"] == 0]
        assert row["n"] == len(inside) > 0
    # Bins average errors out, never add any.
    error = expected_calibration_error(rows)
    assert 0 <= error <= sum(abs(correct - p) for p, correct in predicted) / len(predicted) + 1e-9


def test_the_noise_floor_is_what_chance_alone_gives(bins):
    """By hand: of one image of probability p the mean error is p (1 - p) + (1 - p) p."""
    assert calibration_noise_floor(bins([(0.25, True)])) == pytest.approx(2 * 0.25 * 0.75)
    assert calibration_noise_floor(bins([(1.0, True)] * 3)) == 0
    assert calibration_noise_floor(bins([(1.0000001, True)])) == 0
    # Two images of 0.5: 0 or 2 are correct half of the time, an error of 1 of 2.
    assert calibration_noise_floor(bins([(0.5, True)] * 2)) == pytest.approx(1 / 4)


def test_calibrated_models_are_at_the_floor(bins):
    rng = np.random.default_rng(0)
    errors, floors = [], []
    for _ in range(300):
        probabilities = rng.choice([0.15, 0.35, 0.55, 0.95], 60)
        correct = (rng.random(60) < probabilities).tolist()
        rows = bins(list(zip(probabilities.tolist(), correct, strict=True)))
        errors.append(expected_calibration_error(rows))
        floors.append(calibration_noise_floor(rows))
    assert np.mean(errors) == pytest.approx(np.mean(floors), rel=0.04)


def test_rms_errors_of_the_published_code_and_without_its_fault():
    """Overconfident predictions; the published code leaves out the most confident bin."""
    rng = np.random.RandomState(0)
    found = {}
    for count in (150, 250, 1000, 7500):
        confidence = rng.uniform(size=count)
        correct = rng.uniform(size=count) < confidence**2
        found[count] = tuple(
            round(100 * rms_calibration_error(confidence, correct, legacy), 3)
            for legacy in (True, False)
        )
    assert found == {
        150: (0, 16.361),
        250: (9.465, 20.849),
        1000: (18.812, 18.871),
        7500: (17.002, 17.002),
    }


def test_the_published_code_fails_below_100_images():
    confidence, correct = np.full(99, 0.5), np.ones(99, bool)
    with pytest.raises(UserError, match="there are 99; leave --legacy out"):
        rms_calibration_error(confidence, correct, legacy=True)
    assert rms_calibration_error(confidence, correct) == 0.5


def test_the_last_bin_takes_what_is_left_over():
    confidence = np.repeat([0.2, 0.8], [100, 150])
    correct = np.repeat([False, True], [100, 150])
    # Both bins are 0.2 off; the published code has the first of 250 images alone.
    assert rms_calibration_error(confidence, correct) == pytest.approx(0.2)
    assert rms_calibration_error(confidence, correct, legacy=True) == pytest.approx(
        0.2 * math.sqrt(100 / 250)
    )


def test_aurra_by_hand():
    confidence, correct = np.array([0.2, 0.9, 0.5]), np.array([False, True, False])
    # Most confident first: 1/1, 1/2, 1/3.
    assert aurra(confidence, correct) == pytest.approx((1 + 1 / 2 + 1 / 3) / 3)
    assert aurra(confidence, ~correct) == pytest.approx((0 + 1 / 2 + 2 / 3) / 3)
    # Of equal confidence the first is more confident: 1/1, 1/2.
    assert aurra(np.array([0.5, 0.5]), np.array([True, False])) == pytest.approx((1 + 1 / 2) / 2)


def test_errors_of_a_model(result, tmp_path, wildframe):
    rows = [
        result("a", "correct_top1", top=[{"wnid": "n", "probability": 1.0}]),
        result("b", top=[{"wnid": "n", "probability": 0.5}]),
    ]
    write_rows(tmp_path / "m.parquet", IMAGE_RESULTS, rows, facts={"model": "m"})
    bare = [row | {"top": [{"wnid": "n", "probability": None}]} for row in rows]
    write_rows(tmp_path / "bare.parquet", IMAGE_RESULTS, bare, facts={"model": "bare"})
    output = tmp_path / "errors.parquet"
    results = [tmp_path / "m.parquet", tmp_path / "bare.parquet"]
    wildframe("scores", "calibration-errors", *results, "--output", output)
    assert read_table(output, CALIBRATION_ERRORS).to_pylist() == [
        {"model": "m", "n": 2, "ece": 0.25, "rms": 0.25, "aurra": 0.75}
    ]
    with pytest.raises(UserError, match="m: the published code fails"):
        wildframe("scores", "calibration-errors", *results, "--output", output, "--legacy")
