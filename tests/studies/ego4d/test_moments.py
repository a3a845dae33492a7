from pair_data import ALIKE, pair, pairs_of
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


def roles(one, other):
    return {"subset_a": f"role={one}", "subset_b": f"role={other}"}


def test_p_values_are_corrected_as_letters_are_for_the_moments_of_a_model():
    rows = [score(model, 1, 2, subset=f"role={role}") for model in "mn" for role in ("pre", "post")]
    compared = [
        pair("m", "m", 1, 0.5, 0.03, **roles("post", "pre")),
        pair("n", "n", 1, 0.0, 1.0, **roles("pre", "post")),
        *(pair("m", "n", 1, 0.0, 1.0, **roles(role, role)) for role in ("pre", "post")),
    ]
    table = moments(score_table(rows), pairs_of(*compared), ["m", "n"], "data")
    # A model has two moments, so one pair: another model's does not count. At 5 none is known.
    assert [row["difference_top1_p"] for row in table.rows] == [None, 0.03, None, 1.0]
    assert [row["difference_top5_p"] for row in table.rows] == [None] * 4
    assert [row["top5_group"] for row in table.rows] == [None] * 4
    assert any(note.startswith("Top-5 is N/A") for note in table.notes)
    assert any("the pairs of a model's moments" in note for note in table.notes)
