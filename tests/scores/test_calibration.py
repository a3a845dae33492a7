import pytest
from hypothesis import given
from hypothesis import strategies as st

from wildframe.core.schemas import CALIBRATION
from wildframe.scores.calibration import calibration, expected_calibration_error


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
        ("m", 0.0, 0.1, 2, 1, pytest.approx(0.05)),
        ("m", 0.1, 0.2, 1, 0, 0.11),
        ("m", 0.2, 0.3, 1, 1, 0.3),
        ("m", 0.9, 1.0, 2, 1, pytest.approx(0.975)),
    ]
    assert list(rows[0]) == CALIBRATION.schema.names
    # (|1 - 0.1| + |0 - 0.11| + |1 - 0.3| + |1 - 1.95|) / 6
    assert expected_calibration_error(rows) == pytest.approx(2.66 / 6)


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
