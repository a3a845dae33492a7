from making import shown
from score_data import confusion

from wildframe.studies.ego4d.confusions import PAIRS, confusions

A, B = "tf_efficientnet_lite0", "resnet50.a1_in1k"

NAMES = {"n0": "cup", "n1": "mop", "n2": "pot"}


def test_confusions_are_summed_over_the_models():
    counted = [
        confusion(A, "n0", "n1", 3, 0.25),
        confusion("other", "n0", "n2", 90, 0.9),
        confusion(A, "n1", "n2", 4, 0.5),
        confusion(B, "n0", "n1", 2, 0.75),
    ]
    exhibit = confusions(counted, [A, B], NAMES, "data")
    assert [(row["label_name"], row["predicted_name"], row["times"]) for row in exhibit.rows] == [
        ("cup", "mop", 5),
        ("mop", "pot", 4),
    ]
    # (3 x 0.25 + 2 x 0.75) / 5
    assert exhibit.rows[0]["mean_probability"] == "0.45"
    assert exhibit.rows[0]["by_model"] == f"{A} 3, {B} 2"
    assert "Times, all models" in [column.title for column in exhibit.columns]
    assert "summed over 2 models" in exhibit.notes[1]
    assert "the 2 most frequent" in exhibit.title


def test_of_many_models_the_first_are_read_and_the_csv_has_all(tmp_path):
    models = [f"m{i}" for i in range(6)]
    counted = [confusion(model, "n0", "n1", 9 - i, 0.5) for i, model in enumerate(models)]
    exhibit = confusions(counted, models, NAMES, "data")
    assert shown(exhibit, tmp_path)[0].endswith("| m0 9, m1 8, m2 7, m3 6 and 2 more |")
    assert exhibit.rows[0]["by_model"] == "m0 9, m1 8, m2 7, m3 6, m4 5, m5 4"


def test_the_model_that_errs_most_is_named_first_and_the_rest_is_cut():
    counted = [confusion(A, f"n{i}", "x", i, 0.5) for i in range(1, PAIRS + 6)]
    counted.append(confusion(B, "n25", "x", 26, 0.5))
    names = {"x": "x"} | {f"n{i}": f"class {i}" for i in range(1, PAIRS + 6)}
    rows = confusions(counted, [A, B], names, "data").rows
    assert [row["times"] for row in rows] == [25 + 26, *range(24, 5, -1)]
    assert rows[0]["by_model"] == f"{B} 26, {A} 25"
