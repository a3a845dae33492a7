"""Comparisons as exhibits show them: from either side, corrected, as letters and sentences."""

import pytest
from pair_data import pair, pairs_of

from wildframe.core.errors import UserError
from wildframe.exhibits.pairs import (
    Case,
    PairTable,
    corrected,
    difference_cells,
    difference_columns,
    few_clusters,
    sentences,
    swapped,
)

ROW = pair("a", "b", 5, 0.1, 0.2, only_a=1, only_b=2, low=-0.2, high=0.3, value_a=0.6, value_b=0.5)


def test_a_swapped_comparison_is_that_of_the_other_side():
    assert swapped(ROW) == ROW | {
        **{"model_a": "b", "model_b": "a", "only_a": 2, "only_b": 1},
        **{"value_a": 0.5, "value_b": 0.6, "difference": -0.1, "low": -0.3, "high": 0.2},
    }
    assert swapped(swapped(ROW)) == ROW
    assert swapped(ROW | {"low": None, "high": None})["low"] is None


def test_a_comparison_is_found_by_both_cases():
    moments = pair("a", "a", subset_a="role=pre", subset_b="role=post", difference=0.5)
    table = pairs_of(ROW, moments)
    assert table.ks == [1, 5]
    assert table.require(Case("b"), Case("a"), 5)["difference"] == -0.1
    pre, post = (Case("a", f"role={name}") for name in ("pre", "post"))
    assert table.require(post, pre)["difference"] == -0.5
    with pytest.raises(UserError, match=r"a \(role=pre\) and b are not compared by x at 2"):
        table.require(pre, Case("b"), 2, "x")


def test_letters_tell_apart_what_differs_after_correction():
    # Uncorrected, b and c differ, too: 2 * 0.03 is above the level.
    rows = [
        pair("a", "b", difference=-0.1, p_value=0.6),
        pair("a", "c", difference=-0.4, p_value=0.001),
        pair("b", "c", difference=-0.3, p_value=0.03),
    ]
    for row, shares in zip(rows, ((0.2, 0.3), (0.2, 0.6), (0.3, 0.6)), strict=True):
        row |= dict(zip(("value_a", "value_b"), shares, strict=True))
    cases = [Case(name) for name in "abc"]
    assert pairs_of(*rows).letters(cases) == {cases[2]: "a", cases[1]: "ab", cases[0]: "b"}
    assert pairs_of().letters(cases[:1]) == {cases[0]: "a"}
    assert pairs_of().letters([cases[0], cases[0]]) == {cases[0]: "a"}


def test_cells_and_columns_have_the_same_keys():
    keys = [column.key for column in difference_columns("d", "x")]
    (row,) = corrected([ROW])
    assert set(difference_cells("d", row)) == set(difference_cells("d", None)) == set(keys)
    assert difference_cells("d", row)["d_p"] == 0.2


def test_a_difference_of_four_images_has_neither_interval_nor_decimals():
    (row,) = corrected([ROW | {"n_b": 4, "n_a": 4}])
    cells = difference_cells("d", row)
    assert (cells["d_low"], cells["d_high"]) == (None, None)
    assert difference_columns("d", "x")[0].text(cells) == "+10 [N/A]"
    assert "[N/A]" in sentences([row])
    assert "[N/A]" not in sentences(corrected([ROW]))


@pytest.mark.parametrize(
    ("clusters", "said"),
    [(30, None), (29, "only large differences"), (5, "no p value can be below 0.062")],
)
def test_few_units_are_said(clusters, said):
    notes = few_clusters([{"clusters": 99}, {"clusters": clusters}])
    assert [said in note for note in notes] == ([True] if said else [])
    assert few_clusters([]) == []
    # Student's t has no such limit.
    assert (
        "only large differences can be detected"
        in few_clusters([{"clusters": 5}], has_flips=False)[0]
    )


def test_sentences_begin_with_the_smallest_p():
    rows = corrected([pair("a", "b", 1, 0.02, 0.5), pair("a", "c", 1, -0.1, 0.01, low=None)])
    assert sentences(rows) == ("a - c -10.0 [N/A], p = 0.02; a - b +2.0 [-3.0, +7.0], p = 0.5")
    assert sentences(rows, most=1).endswith("p = 0.02; and 1 more")


def test_a_table_is_read_with_its_facts(tmp_path):
    from pair_data import write_alike

    table = PairTable.read(write_alike(tmp_path / "pairs.parquet", "a", "b", review="auto"))
    assert table.facts["review"] == "auto"
    assert table.require(Case("a"), Case("b"), 5)["difference"] == 0
