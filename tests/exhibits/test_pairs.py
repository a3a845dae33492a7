"""A comparison of two models, seen from either."""

from wildframe.exhibits.pairs import swapped

ROW = {"model_a": "a", "model_b": "b", "only_a": 1, "only_b": 2, "both": 3, "k": 5}


def test_a_swapped_comparison_is_that_of_the_other_model():
    assert swapped(ROW) == ROW | {"model_a": "b", "model_b": "a", "only_a": 2, "only_b": 1}


def test_a_difference_changes_its_sign_and_its_interval_its_ends():
    difference = {"delta_difference": 0.1, "low": -0.2, "high": 0.3}
    turned = swapped(ROW | difference)
    assert {key: turned[key] for key in difference} == {
        "delta_difference": -0.1,
        "low": -0.3,
        "high": 0.2,
    }
