import pytest
from making import shown
from pair_data import pair, pairs_of

from wildframe.core.errors import UserError
from wildframe.studies.ego4d.model_pairs import model_pairs

A, B = "tf_efficientnet_lite0", "resnet50.a1_in1k"


def test_pairs_are_found_whichever_model_comes_first(tmp_path):
    pairs = pairs_of(
        pair(A, B, 1, 0.125, 0.453125, only_a=2, only_b=5),
        pair(A, B, 5, -0.25, 1.9e-06),
        pair("other", A),
    )
    table = model_pairs(pairs, [B, A], "data")
    (row,) = table.rows
    assert (row["model_a"], row["top1_only_a"], row["top1_only_b"], row["top1_p_value"]) == (
        *(B, 5, 2, 0.453125),
    )
    assert shown(table, tmp_path) == [
        f"| {B} | {A} | -12.50 [-17.50, -7.50] | 0.4531 | +25.00 [+20.00, +30.00] | &lt; 0.0001 |",
    ]


def test_p_values_are_corrected_for_the_pairs_of_a_column():
    names = "abc"
    rows = [
        pair(one, other, k, 0.1, p_value)
        for k in (1, 5)
        for (one, other), p_value in zip(("ab", "ac", "bc"), (0.01, 0.02, 0.5), strict=True)
    ]
    table = model_pairs(pairs_of(*rows), names, "data")
    assert [row["top5_p"] for row in table.rows] == pytest.approx([0.03, 0.04, 0.5])


def test_mcnemar_stands_beside_where_units_are_single_images(tmp_path):
    pairs = pairs_of(*(pair(A, B, k, mcnemar=0.25, clusters=9) for k in (1, 5)))
    table = model_pairs(pairs, [A, B], "data")
    assert shown(table, tmp_path)[0].count("0.2500") == 2
    assert "few independent units (9)" in table.notes[-1]


def test_a_pair_that_was_not_compared_is_named():
    message = rf"pairs\.parquet: {A} and {B} are not compared by accuracy at 1"
    with pytest.raises(UserError, match=message):
        model_pairs(pairs_of(pair(A, B, 5)), [A, B], "data")


def test_top_5_of_a_short_list_is_not_tested(tmp_path):
    pairs = pairs_of(pair(A, B), pair(A, B, 5, 0.1, 0.03), pair(A, "ours", 1), pair(B, "ours", 1))
    table = model_pairs(pairs, [A, B, "ours"], "data")
    # Only one comparison at 5 is left, which needs no correction.
    assert [row["top5_p"] for row in table.rows] == [0.03, None, None]
    assert [line.count("N/A") for line in shown(table, tmp_path)] == [0, 2, 2]
    assert "Top-5 is N/A" in table.notes[-1]
