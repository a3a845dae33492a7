"""Appendix Fig. 2: accuracy against how far from the anchor a set reaches."""

from pair_data import ALIKE
from robustness_data import panels_of, robustness_table, sets_of

from wildframe.exhibits.robustness_table import DRAWN_INTERVALS
from wildframe.studies.vid_robust.appendix_fig2_by_k import appendix_fig2_by_k


def test_a_panel_for_each_way_of_training_and_who_reviewed():
    table = robustness_table(sets_of("a", 8, {0: 6, 2: 5}) + sets_of("b", 8, {0: 4, 2: 4}))
    figure = appendix_fig2_by_k(table, ALIKE, {"k = 3, as is": "a", "two": "b"}, 30.0, "our clips")
    assert panels_of(figure.drawing) == ["k = 3, as is", "two"]
    assert [(row["row"], row["k"], row["value"]) for row in figure.numbers.rows] == [
        ("k = 3, as is", 0, 0.75),
        ("k = 3, as is", 2, 0.625),
        ("two", 0, 0.5),
        ("two", 2, 0.5),
    ]
    (body,) = figure.drawing.subfigs
    assert body.get_supxlabel() == "largest distance from the anchor (frames; 2 are 0.067 s)"
    assert figure.notes[0] == "Data: our clips"
    assert "Review: human" in figure.notes[1]
    assert figure.notes[-3:-1] == [DRAWN_INTERVALS, "Models: k = 3, as is: a; two: b."]
    assert figure.notes[-1].endswith("Holm): a - b +0.0 [-5.0, +5.0], p = 1.")
