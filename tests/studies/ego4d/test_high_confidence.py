import pytest
from pair_data import ALIKE
from score_data import score, score_table

from wildframe.core.errors import UserError
from wildframe.exhibits.inputs import ExternalModel
from wildframe.models import zoo_entry
from wildframe.studies.ego4d.high_confidence import high_confidence

A, B = "tf_efficientnet_lite0", "resnet50.a1_in1k"


def sure(threshold):
    metric = f"incorrect_above_{threshold}"
    return score_table([score(name, 1, 1, 8, metric=metric) for name in (A, B)])


def test_high_confidence_errors_stand_beside_the_papers_one():
    exhibit = high_confidence(sure("0.90"), ALIKE, [zoo_entry(A), zoo_entry(B)], 0.9, "data", True)
    assert [(row["wrong"], row["wrong_successes"], row["n"]) for row in exhibit.rows] == [
        ("12.50", 10, 80)
    ] * 2
    assert [row["paper_incorrect"] for row in exhibit.rows] == [None, "3.6"]
    assert "above 0.90" in exhibit.title
    unlicensed = high_confidence(sure("0.90"), ALIKE, [zoo_entry(B)], 0.9, "data", False)
    assert unlicensed.rows[0]["paper_incorrect"] is None


def test_external_predictions_without_probabilities_have_no_share():
    known = sure("0.90")
    table = high_confidence(known, ALIKE, [zoo_entry(A), ExternalModel("ours")], 0.9, "data", False)
    assert [(row["model"], row["wrong"], row["n"]) for row in table.rows] == [
        (A, "12.50", 80),
        ("ours", None, None),
    ]
    assert any("N/A: these have none" in note for note in table.notes)


def test_few_clips_of_one_model_are_said():
    rows = [score(A, 1, 1, 8, metric="incorrect_above_0.90") | {"clusters": 3}]
    table = high_confidence(score_table(rows), ALIKE, [zoo_entry(A)], 0.9, "data", False)
    assert "units (3)" in table.notes[-1]


def test_another_threshold_does_not_compare():
    exhibit = high_confidence(sure("0.80"), ALIKE, [zoo_entry(B)], 0.8, "data", True)
    assert (exhibit.rows[0]["paper_row"], exhibit.rows[0]["paper_incorrect"]) == (None, None)


def test_scores_of_another_threshold_are_refused():
    with pytest.raises(
        UserError, match=rf"demo\.parquet: no incorrect_above_0\.90 of {A} at 1 on 'all'"
    ):
        high_confidence(sure("0.80"), ALIKE, [zoo_entry(A)], 0.9, "data", False)


def test_a_run_of_external_predictions_without_probabilities_has_no_share():
    table = high_confidence(score_table([]), ALIKE, [ExternalModel("ours")], 0.9, "data", False)
    assert [(row["model"], row["wrong"]) for row in table.rows] == [("ours", None)]
