"""Shares in percent with intervals and counts."""

import pytest

from wildframe.exhibits.shares import interval_columns, share_cells, share_columns

SCORE = {"value": 0.5, "low": 0.25, "high": 0.75, "successes": 4, "n": 8}


def percent(rate, n):
    return 100 * rate


def test_a_share_has_its_interval_and_counts_and_none_has_nothing():
    assert share_cells("top1", SCORE, percent) == {
        "top1": 50.0,
        "top1_low": 25.0,
        "top1_high": 75.0,
        "top1_successes": 4,
        "top1_n": 8,
    }
    assert set(share_cells("top1", None, percent).values()) == {None}


def test_a_share_of_four_has_neither_interval_nor_decimals():
    cells = share_cells("top1", SCORE | {"n": 4, "value": 0.75}, percent)
    assert (cells["top1"], cells["top1_low"], cells["top1_high"]) == (75.0, None, None)
    assert share_columns("top1", "Top-1 %", ".2f")[0].text(cells) == "75 [N/A]"


def test_an_interval_that_is_not_known_is_none():
    cells = share_cells("top1", SCORE | {"low": None, "high": None}, percent)
    assert (cells["top1"], cells["top1_low"]) == (50.0, None)


def test_the_keys_of_cells_and_columns_are_the_same():
    keys = [column.key for column in share_columns("top1", "Top-1 %")]
    assert keys == list(share_cells("top1", SCORE, percent))


@pytest.mark.parametrize(
    ("low", "high", "text"), [(0.04, 12.3, "5.0 [0.0, 12.3]"), (None, None, "5.0 [N/A]")]
)
def test_an_interval_stands_behind_its_number(low, high, text):
    column, *others = interval_columns("delta", "Delta", ".1f")
    assert column.text({"delta": 4.96, "delta_low": low, "delta_high": high}) == text
    assert column.text({"delta": None}) == "N/A"
    assert not any(one.title for one in others)
