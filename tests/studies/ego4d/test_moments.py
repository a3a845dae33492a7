from pair_data import ALIKE
from score_data import score, score_table

from wildframe.studies.ego4d.moments import moments

A, B = "tf_efficientnet_lite0", "resnet50.a1_in1k"


def test_moments_come_in_the_order_of_the_action(tmp_path):
    rows = [
        score(A, k, correct, subset=f"role={role}")
        for role, correct in (("pnr", 1), ("post", 2), ("pre", 3))
        for k in (1, 5)
    ]
    exhibit = moments(score_table([*rows, score(A, 1, 0), score(A, 5, 0)]), ALIKE, [A], "data")
    assert [(row["moment"], row["top1"], row["top5"]) for row in exhibit.rows] == [
        ("Pre", "75.00", "75.00"),
        ("PNR", "25.00", "25.00"),
        ("Post", "50.00", "50.00"),
    ]


def test_a_set_of_one_moment_has_one_row():
    exhibit = moments(score_table([score(A, 1, 2), score(A, 5, 3)]), ALIKE, [A], "data")
    assert [(row["moment"], row["top1"]) for row in exhibit.rows] == [("all", "50.00")]
