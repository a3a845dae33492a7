"""Appendix Fig. 3: accuracy of one model, class by class."""

import numpy as np
import pytest
from robustness_data import robustness_table, sets_of

from wildframe.core.errors import UserError
from wildframe.studies.vid_robust import appendix_fig3_per_class as module
from wildframe.studies.vid_robust.appendix_fig3_per_class import (
    appendix_fig3_per_class,
    per_class,
)

A = "tf_efficientnet_lite0"

CLASSES = {"n1": (6, 6, 8), "n2": (4, 1, 4), "n3": (4, 1, 4), "n4": (8, 7, 8)}


@pytest.fixture
def by_class():
    rows = sets_of(A, 20, {0: 15, 4: 10})
    for wnid, (original, perturbed, n) in CLASSES.items():
        rows += sets_of(A, n, {0: original, 4: perturbed}, f"class={wnid}")
    return robustness_table(rows)


def test_classes_run_from_those_that_lose_most(by_class):
    names = {"n1": "cup", "n2": "mop", "n3": "jar"}
    rows = per_class(by_class, A, names)
    assert [(row["class_name"], row["delta"], row["original_n"]) for row in rows] == [
        ("jar", 75.0, 4),
        ("mop", 75.0, 4),
        ("n4", 12.5, 8),
        ("cup", 0.0, 8),
    ]


def test_of_many_classes_the_most_frequent_are_drawn(by_class, monkeypatch):
    monkeypatch.setattr(module, "MOST", 2)
    figure = appendix_fig3_per_class(by_class, A, "vid30", "d")
    (axis,) = figure.drawing.axes
    assert [label.get_text() for label in axis.get_yticklabels()] == ["n4", "n1"]
    assert [text.get_text() for text in axis.texts] == ["12.5  (n = 8)", "0.0  (n = 8)"]
    notes = " ".join(figure.notes)
    # Of all four classes: 75, 75, 12.5 and 0.
    assert "the median loss of a class is 43.8" in notes
    assert "Of 4 classes the 2 with the most anchors are drawn" in notes
    assert len(figure.numbers.rows) == 4


def test_classes_are_named_as_the_targets_name_them():
    rows = sets_of(A, 8, {0: 6, 10: 4}) + sets_of(A, 3, {0: 3, 10: 1}, "class=n02691156")
    (row,) = appendix_fig3_per_class(robustness_table(rows), A, "vid30", "d").numbers.rows
    assert (row["class_name"], row["original_n"], row["perturbed_successes"]) == ("airplane", 3, 1)


def test_a_model_without_classes_is_named():
    table = robustness_table(sets_of(A, 8, {0: 6, 4: 3}))
    with pytest.raises(UserError, match=f"{A} has no subset class="):
        per_class(table, A, {})


def test_a_class_of_few_anchors_has_no_whisker():
    rows = sets_of(A, 8, {0: 6, 4: 5})
    rows += sets_of(A, 4, {0: 1, 4: 0}, "class=n1") + sets_of(A, 5, {0: 2, 4: 1}, "class=n2")
    figure = appendix_fig3_per_class(robustness_table(rows), A, "vid30", "d")
    whiskers = [lines.get_segments() for lines in figure.drawing.axes[0].collections]
    # One for each of the two bars of the class of five.
    assert [len(of_bar) for of_bar in whiskers] == [1, 1]
    assert all(np.isfinite(segment).all() for of_bar in whiskers for segment in of_bar)
    assert "Intervals of fewer than 5 anchors say nothing, and are not drawn." in figure.notes


def test_classes_of_one_anchor_each_are_drawn_without_intervals():
    rows = sets_of(A, 8, {0: 6, 10: 4}) + sets_of(A, 1, {0: 1, 10: 0}, "class=n02691156")
    figure = appendix_fig3_per_class(robustness_table(rows), A, "vid30", "d")
    (axis,) = figure.drawing.axes
    assert len(axis.patches) == 2
    assert "Intervals of fewer than 5 anchors say nothing, and are not drawn." in figure.notes
