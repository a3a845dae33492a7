"""Accuracy against distance, a panel a model."""

import numpy as np
import pytest
from robustness_data import panels_of, robustness_table, sets_of

from wildframe.core.errors import UserError
from wildframe.exhibits.by_k import accuracy_by_k, draw_by_k, in_frames

A, B = "tf_efficientnet_lite0", "squeezenet1_1"


@pytest.fixture
def table():
    return robustness_table(sets_of(A, 8, {0: 6, 2: 5, 4: 3}) + sets_of(B, 8, {0: 4, 2: 4, 4: 4}))


def test_accuracy_by_distance_has_all_distances(table):
    rows = accuracy_by_k(table, {"one": A, "two": B})
    assert [(row["row"], row["k"], row["value"]) for row in rows] == [
        ("one", 0, 0.75),
        ("one", 2, 0.625),
        ("one", 4, 0.375),
        ("two", 0, 0.5),
        ("two", 2, 0.5),
        ("two", 4, 0.5),
    ]
    with pytest.raises(UserError, match="no pm_k of other at 0"):
        accuracy_by_k(table, {"one": "other"})


def test_a_panel_a_model_with_its_intervals_over_the_others_in_grey(table):
    rows = accuracy_by_k(table, {"L$_2$ is long enough for a line that breaks": A, "B": B})
    drawing = draw_by_k(rows, "distance", None)
    assert panels_of(drawing) == ["L$_2$ is long enough for a\nline that breaks", "B"]
    assert not any(axis.title.get_parse_math() for axis in drawing.axes)
    behind, own, *_ = drawing.axes[0].lines
    assert [round(y) for y in behind.get_ydata()] == [50, 50, 50]
    assert [round(y) for y in own.get_ydata()] == [75, 62, 38]
    widths = {line.get_linewidth() for axis in drawing.axes for line in axis.lines[:2]}
    assert len(widths) == 2, "all models' lines are alike, and so are those behind"
    assert all(axis.get_ylim()[0] == 0 for axis in drawing.axes)


def test_few_anchors_have_no_interval_and_no_line_in_any_panel():
    few = robustness_table(sets_of(A, 4, {0: 3, 2: 2}) + sets_of(B, 4, {0: 2, 2: 1}))
    drawing = draw_by_k(accuracy_by_k(few, {"A": A, "B": B}), "distance", None)
    behind, own, *_, hollow = drawing.axes[0].lines
    assert np.isnan([*behind.get_ydata(), *own.get_ydata()]).all()
    assert not any(np.isfinite(segment).any() for segment in _intervals(drawing.axes[0]))
    assert (list(hollow.get_ydata()), hollow.get_markerfacecolor()) == ([75, 50], "none")


def _intervals(axis):
    return [segment for drawn in axis.collections for segment in drawn.get_segments()]


def test_distances_are_also_in_seconds_if_the_frame_rate_is_known():
    assert in_frames("distance", 10, 30) == "distance (frames; 10 are 0.33 s)"
    assert in_frames("distance", 10, None) == "distance (frames)"
