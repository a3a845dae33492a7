"""Consistency: worst and random neighbours, and flips."""

from pair_data import ALIKE
from robustness_data import robust, robustness_table, sets_of
from written import markdown

from wildframe.studies.vid_robust.consistency import consistency

A = "tf_efficientnet_lite0"


def test_consistency_shows_worst_and_average_and_flips():
    rows = [
        *sets_of(A, 8, {0: 6, 4: 2}),
        robust(A, 2, 1, metric="random_neighbour"),
        robust(A, 4, 5, 7, metric="random_neighbour"),
        robust(A, 4, 16, 64, metric="flip_rate"),
    ]
    exhibit = consistency(robustness_table(rows), ALIKE, [A], "d")
    (row,) = exhibit.rows
    assert (row["anchor"], row["worst"], row["flips"], row["flips_n"]) == (75.0, 25.0, 25.0, 64)
    assert (row["neighbour_successes"], row["neighbour_n"]) == (5, 7)
    assert "(7 anchors have any)" in exhibit.notes[2]
    titles = [column.title for column in exhibit.columns]
    assert "Worst of the set (pm-4) % [95 % CI]" in titles
    # The other two have no other interval.
    assert [title.partition(",")[0] for title in titles if "over videos" in title] == [
        "Anchor",
        "Worst of the set (pm-4)",
    ]


def test_consistency_of_anchors_without_other_frames(tmp_path):
    exhibit = consistency(robustness_table([robust(A, 0, 6)]), ALIKE, [A], "d")
    assert "| a | N/A | N/A | 75.0 [34.9, 96.8] | [37.5, 87.5] | a | N/A | N/A |" in markdown(
        exhibit, tmp_path
    )
