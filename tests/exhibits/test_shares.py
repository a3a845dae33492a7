"""Shares in percent with intervals and counts."""

import pytest

from wildframe.exhibits.shares import (
    both_intervals,
    interval_columns,
    notes_on_intervals,
    share_cells,
    share_columns,
)

SCORE = {
    "value": 0.5,
    "low": 0.25,
    "high": 0.75,
    "cluster_low": 0.125,
    "cluster_high": 0.875,
    "successes": 4,
    "n": 8,
}


def percent(rate, n):
    return 100 * rate


def test_a_share_has_its_interval_and_counts_and_none_has_nothing():
    assert share_cells("top1", SCORE, percent) == {
        "top1": 50.0,
        "top1_low": 25.0,
        "top1_high": 75.0,
        "top1_cluster_low": 12.5,
        "top1_cluster_high": 87.5,
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


def test_the_interval_over_the_unit_stands_beside_the_exact_one():
    columns = both_intervals("top1", "Top-1", ".1f", "videos")
    shown = {column.title: column for column in columns if column.title}
    assert list(shown) == ["Top-1 % [95 % CI]", "Top-1, 95 % CI over videos"]
    for score, texts in (
        (SCORE, ["50.0 [25.0, 75.0]", "[12.5, 87.5]"]),
        (SCORE | {"n": 4}, ["50 [N/A]", "N/A"]),
        (SCORE | {"cluster_low": None, "cluster_high": None}, ["50.0 [25.0, 75.0]", "N/A"]),
        (None, ["N/A", "N/A"]),
    ):
        cells = share_cells("top1", score, percent)
        assert [column.text(cells) for column in shown.values()] == texts
        assert {column.key for column in columns} == set(cells)


@pytest.mark.parametrize(
    ("low", "high", "text"), [(0.04, 12.3, "5.0 [0.0, 12.3]"), (None, None, "5.0 [N/A]")]
)
def test_an_interval_stands_behind_its_number(low, high, text):
    column, *others = interval_columns("delta", "Delta", ".1f")
    assert column.text({"delta": 4.96, "delta_low": low, "delta_high": high}) == text
    assert column.text({"delta": None}) == "N/A"
    assert not any(one.title for one in others)


def test_notes_speak_of_intervals_only_where_some_are_drawn():
    def said(*rows, **options):
        keyed = [{"n": n, "end": end} for n, end in rows]
        return notes_on_intervals("Exact.", keyed, low="end", **options)

    few = "Intervals of fewer than 5 images say nothing, and are not drawn."
    assert said() == said((5, None)) == []
    assert said((5, 0.1)) == ["Exact."]
    assert said((4, 0.1)) == [few]
    assert said((4, None), (5, 0.1)) == ["Exact.", few]
    hollow = "Hollow points are of fewer than 5 anchors."
    assert said((4, 0.1), unit="anchors", is_hollow=True) == [hollow]
