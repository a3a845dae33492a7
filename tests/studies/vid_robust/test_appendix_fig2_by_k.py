"""Appendix Fig. 2: accuracy against how far from the anchor a set reaches."""

from robustness_data import end_labels, robustness_table, sets_of

from wildframe.exhibits.by_k import BANDS
from wildframe.studies.vid_robust.appendix_fig2_by_k import appendix_fig2_by_k


def test_a_line_for_each_way_of_training_and_who_reviewed():
    table = robustness_table(sets_of("a", 8, {0: 6, 2: 5}) + sets_of("b", 8, {0: 4, 2: 4}))
    figure = appendix_fig2_by_k(table, {"k = 3, as is": "a", "two": "b"}, "our clips")
    assert end_labels(figure.drawing) == ["k = 3, as is", "two"]
    assert [(row["row"], row["k"], row["value"]) for row in figure.numbers.rows] == [
        ("k = 3, as is", 0, 0.75),
        ("k = 3, as is", 2, 0.625),
        ("two", 0, 0.5),
        ("two", 2, 0.5),
    ]
    assert figure.notes[0] == "Data: our clips"
    assert "Review: human" in figure.notes[1]
    assert figure.notes[-1] == BANDS
