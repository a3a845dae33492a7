import pytest

from wildframe.core.schemas import CONFUSIONS
from wildframe.scores.confusions import confusions


def test_incorrect_predictions_are_counted_under_the_first_label(result):
    def predicted(wnid, probability, correct="", labels=("cup",)):
        top = [{"wnid": wnid, "probability": probability}, {"wnid": "cup", "probability": 0.1}]
        return result("i", correct, labels=list(labels), top=top)

    rows = confusions(
        "m",
        [
            predicted("mug", 0.2, "correct_top5"),
            predicted("cup", 0.9, "correct_top1 correct_top5"),
            predicted("dog", 0.3, labels=["rose", "cup"]),
            predicted("cat", 0.5, "correct_top5"),
            predicted("mug", 0.4, "correct_top5"),
        ],
    )
    # The most frequent first; ties by wnid.
    assert [tuple(row.values()) for row in rows] == [
        ("m", "cup", "mug", 2, pytest.approx(0.3)),
        ("m", "cup", "cat", 1, 0.5),
        ("m", "rose", "dog", 1, 0.3),
    ]
    assert list(rows[0]) == CONFUSIONS.schema.names


def test_the_mean_of_what_is_not_known_is_not_known(result):
    def predicted(probability):
        return result("i", labels=["cup"], top=[{"wnid": "mug", "probability": probability}])

    (row,) = confusions("m", [predicted(None), predicted(0.5)])
    assert (row["images"], row["mean_probability"]) == (2, None)


def test_a_class_without_a_wnid_is_none(result):
    tops = [[{"wnid": wnid, "probability": 0.5}] for wnid in (None, "mug", None)]
    rows = confusions("m", [result("i", labels=["cup"], top=top) for top in tops])
    assert [(row["predicted"], row["images"]) for row in rows] == [("none", 2), ("mug", 1)]


def test_a_model_that_is_always_correct_confuses_nothing(result):
    assert confusions("m", [result("i", "correct_top1")]) == []
