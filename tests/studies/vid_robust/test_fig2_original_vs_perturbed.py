"""Fig. 2: accuracy on anchors against accuracy on sets."""

import pytest
from robustness_data import legend_of, robust, robustness_table, sets_of

from wildframe.exhibits.robustness_table import DRAWN_INTERVALS
from wildframe.studies.vid_robust.fig2_original_vs_perturbed import (
    fig2_original_vs_perturbed,
    line_through,
    points,
)
from wildframe.studies.vid_robust.scatter import NAMED

A, B, C = "tf_efficientnet_lite0", "squeezenet1_1", "my_model"
KINDS = {A: "zoo", B: "zoo", C: "external"}


ROWS = [
    *sets_of(A, 8, {0: 6, 2: 5, 4: 3}),
    *sets_of(B, 8, {0: 4, 2: 4, 4: 4}),
    *sets_of(C, 8, {0: 7, 2: 7, 4: 7}),
]


@pytest.fixture
def table():
    return robustness_table(ROWS)


def test_a_line_is_fitted_to_three_models(table):
    assert line_through(points(table, {A: "zoo", B: "zoo"}), 0) is None
    straight = robustness_table(
        [
            row
            for m, o, p in ((A, 2, 1), (B, 4, 2), (C, 8, 4))
            for row in sets_of(m, 8, {0: o, 4: p})
        ]
    )
    found = points(straight, KINDS)
    line = line_through(found, 0)
    assert (line.slope, line.intercept) == (pytest.approx(0.5), pytest.approx(0, abs=1e-9))
    same = [point | {"original": 50.0} for point in found]
    assert line_through(same, 0) is None


def test_a_detector_is_not_on_the_line(table):
    detector = robustness_table([*ROWS, *sets_of("detector", 8, {0: 8, 4: 0})])
    found = points(detector, KINDS | {"detector": "detector"})
    assert line_through(found, 0).n == 3
    assert line_through(found, 0).slope == line_through(points(table, KINDS), 0).slope
    assert line_through(found[1:], 0) is None


def test_few_models_are_named_and_many_counted(table):
    figure = fig2_original_vs_perturbed(table, KINDS, 0, "a $_$ of clips", False)
    legend = legend_of(figure.drawing)
    assert {f"{A} (zoo)", f"{B} (zoo)", f"{C} (external)"} < set(legend)
    assert any(label.startswith("fit to 3 classifiers:") for label in legend)
    assert not any("paper" in label for label in legend)
    assert figure.notes[0] == "Data: a $_$ of clips"
    assert [row["model"] for row in figure.numbers.rows] == [A, B, C]
    many = {f"model-{number}": "external" for number in range(NAMED + 1)}
    table = robustness_table([row for m in many for row in sets_of(m, 8, {0: 6, 4: 5})])
    figure = fig2_original_vs_perturbed(table, many, 0, "d", False)
    assert legend_of(figure.drawing)[1:] == [f"external ({NAMED + 1} models)"]
    assert "The names of the models are in the CSV." in figure.notes


def test_the_papers_models_stand_in_the_background():
    table = robustness_table([r for m in KINDS for r in sets_of(m, 1109, {0: 600, 4: 500})])
    figure = fig2_original_vs_perturbed(table, KINDS, 0, "d", True)
    assert "paper, 38 models" in legend_of(figure.drawing)
    assert "1,145 anchors" in figure.notes[-1]
    (axis,) = figure.drawing.axes
    (found,) = [c for c in axis.collections if c.get_label() == "paper, 38 models"]
    assert [66.8, 51.9] in found.get_offsets().tolist()


def test_a_model_that_is_always_or_never_correct_can_be_drawn(tmp_path):
    rows = sets_of(A, 8, {0: 8, 4: 8}) + sets_of(B, 8, {0: 0, 4: 0}) + [robust(C, 0, 1)]
    figure = fig2_original_vs_perturbed(robustness_table(rows), {A: "zoo", B: "zoo"}, 0, "d", False)
    figure.write([tmp_path / "a.png"])
    assert (tmp_path / "a.png").stat().st_size > 1000
    assert any(note.startswith("No line is fitted") for note in figure.notes)


def test_models_on_few_videos_are_points_without_intervals():
    few = robustness_table(sets_of(A, 3, {0: 2, 4: 1}) + sets_of(B, 3, {0: 3, 4: 3}))
    figure = fig2_original_vs_perturbed(few, {A: "zoo", B: "zoo"}, 0, "three clips", False)
    assert [row["original_low"] for row in figure.numbers.rows] == [None, None]
    assert {f"{A} (zoo)", f"{B} (zoo)"} <= set(legend_of(figure.drawing))
    points_drawn = figure.drawing.axes[0].containers
    assert [(one.has_xerr, one.has_yerr) for one in points_drawn] == [(False, False)] * 2
    assert "Intervals of fewer than 5 anchors say nothing, and are not drawn." in figure.notes
    assert DRAWN_INTERVALS not in figure.notes
