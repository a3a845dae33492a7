"""Accuracy by class, and labels that a classifier cannot give."""

import pytest
from robustness_data import drawn_figure, robustness_table, sets_of
from wildframe.exhibits.vid_robust import appendix_fig3_per_class
from wildframe.exhibits.vid_robust.table1_model_types import model_types
from wildframe.exhibits.vid_robust.table3_models import all_models

from wildframe.core.errors import UserError

A = "tf_efficientnet_lite0"

SCISSORS, BANANA = "n04148054", "n07753592"

CLASSES = {"n1": (6, 6, 8), "n2": (4, 1, 4), "n3": (4, 1, 4), "n4": (8, 7, 8)}


@pytest.fixture
def by_class():
    rows = sets_of(A, 20, {0: 15, 4: 10})
    for wnid, (original, perturbed, n) in CLASSES.items():
        rows += sets_of(A, n, {0: original, 4: perturbed}, f"class={wnid}")
    return robustness_table(rows)


def test_classes_run_from_those_that_lose_most(by_class):
    names = {"n1": "cup", "n2": "mop", "n3": "jar"}
    rows = appendix_fig3_per_class.per_class(by_class, A, names)
    assert [(row["class_name"], row["delta"], row["original_n"]) for row in rows] == [
        ("jar", 75.0, 4),
        ("mop", 75.0, 4),
        ("n4", 12.5, 8),
        ("cup", 0.0, 8),
    ]


def test_of_many_classes_the_most_frequent_are_drawn(by_class, monkeypatch):
    rows = appendix_fig3_per_class.per_class(by_class, A, {})
    monkeypatch.setattr(appendix_fig3_per_class, "MOST", 2)
    figure = drawn_figure(appendix_fig3_per_class, monkeypatch, rows, by_class, "vid30", "d")
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == ["n4", "n1"]
    assert [text.get_text() for text in figure.axes[0].texts] == ["12.5  (n = 8)", "0.0  (n = 8)"]
    notes = figure._supxlabel.get_text().replace("\n", " ")
    # Of all four classes: 75, 75, 12.5 and 0.
    assert "the median loss of a class is 43.8" in notes
    assert "Of 4 classes the 2 with the most anchors are drawn" in notes


def test_a_model_without_classes_is_named():
    table = robustness_table(sets_of(A, 8, {0: 6, 4: 3}))
    with pytest.raises(UserError, match=f"{A} has no subset class="):
        appendix_fig3_per_class.per_class(table, A, {})


def test_labels_that_no_class_of_imagenet_is_below_are_named(monkeypatch):
    rows = sets_of(A, 8, {0: 6, 4: 5})
    for wnid, n in ((SCISSORS, 3), (BANANA, 5)):
        rows += sets_of(A, n, {0: 0, 4: 0}, f"class={wnid}")
    table = robustness_table(rows)
    said = "is or is below: scissors (n = 3). Without another label"
    for exhibit in (
        model_types(table, {"one": A}, "coco80", "d", False),
        all_models(table, [A], "coco80", "d", False),
    ):
        assert [said in note for note in exhibit.notes].count(True) == 1
    found = appendix_fig3_per_class.per_class(table, A, {})
    figure = drawn_figure(appendix_fig3_per_class, monkeypatch, found, table, "coco80", "d")
    assert said in figure._supxlabel.get_text().replace("\n", " ")
    answerable = robustness_table(rows[:2] + rows[4:])
    notes = all_models(answerable, [A], "coco80", "d", False).notes
    assert not any("ImageNet-1K" in note for note in notes)


def test_a_single_anchor_of_a_class_has_no_whisker(monkeypatch):
    rows = sets_of(A, 8, {0: 6, 4: 5})
    rows += sets_of(A, 1, {0: 1, 4: 0}, "class=n1") + sets_of(A, 2, {0: 1, 4: 0}, "class=n2")
    table = robustness_table(rows)
    found = appendix_fig3_per_class.per_class(table, A, {})
    figure = drawn_figure(appendix_fig3_per_class, monkeypatch, found, table, "vid30", "d")
    whiskers = [lines.get_segments() for lines in figure.axes[0].collections]
    # One for each of the two bars; the class of two anchors is below.
    assert [len(of_bar) for of_bar in whiskers] == [1, 1]
    assert "single anchor" in figure._supxlabel.get_text().replace("\n", " ")
