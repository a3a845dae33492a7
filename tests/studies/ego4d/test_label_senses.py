import pytest
from making import shown
from score_data import score, score_table

from wildframe.studies.ego4d.label_senses import label_senses

A, B = "tf_efficientnet_lite0", "resnet50.a1_in1k"


def test_label_noise_shows_the_same_images_before_and_after(tmp_path):
    table = score_table(
        [
            score(A, k, correct + (k == 5), n, subset)
            for k in (1, 5)
            for subset, correct, n in (("all", 2, 8), ("senses_before", 2, 5), ("senses", 1, 5))
        ]
    )
    exhibit = label_senses(table, [A], [], [], "data")
    assert [
        (row["k"], row["all"], row["all_n"], row["before"], row["after"], row["kept_n"])
        for row in exhibit.rows
    ] == [(1, "25.00", 80, "40.00", "20.00", 50), (5, "37.50", 80, "60.00", "40.00", 50)]
    assert shown(exhibit, tmp_path)[0] == (
        f"| IN-1K | {A} | 1 | 25.00 [12.50, 50.00] | [6.25, 100.00] | 80 | 40.00 [20.00, 80.00] "
        "| [10.00, 100.00] | 20.00 [10.00, 40.00] | [5.00, 80.00] | 50 |"
    )


@pytest.mark.parametrize("few", ["all", "senses_before", "senses"])
def test_few_clips_are_said(few):
    rows = [
        score(A, k, 1, 4, subset) | ({"clusters": 3} if subset == few else {})
        for k in (1, 5)
        for subset in ("all", "senses_before", "senses")
    ]
    assert "units (3)" in label_senses(score_table(rows), [A], [], [], "data").notes[-1]


def test_label_noise_of_a_set_that_keeps_no_label(tmp_path):
    exhibit = label_senses(score_table([score(A, k) for k in (1, 5)]), [A], [], [], "data")
    assert shown(exhibit, tmp_path)[0].endswith("| 40 | N/A | N/A | N/A | N/A | 0 |")


def test_label_noise_under_imagenet_21k_follows():
    in1k, in21k = (
        score_table([score(model, k, successes) for k in (1, 5)])
        for model, successes in ((A, 1), (B, 2))
    )
    exhibit = label_senses(in1k, [A], [in21k], [B], "data")
    assert [(row["label_space"], row["model"], row["all"]) for row in exhibit.rows] == [
        ("IN-1K", A, "25.00"),
        ("IN-1K", A, "25.00"),
        ("IN-21K", B, "50.00"),
        ("IN-21K", B, "50.00"),
    ]
