"""Accuracy against distance, a line a model."""

import pytest
from robustness_data import end_labels, robustness_table, sets_of

from wildframe.core.errors import UserError
from wildframe.exhibits.by_k import accuracy_by_k, draw_by_k

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


def test_names_of_lines_are_shown_as_they_are(table):
    rows = accuracy_by_k(table, {"L$_2$ is long enough for a line that breaks": A, "B": B})
    drawing = draw_by_k("title", rows, "frames")
    assert end_labels(drawing) == ["B", "L$_2$ is long enough for a\nline that breaks"]
    assert not any(text.get_parse_math() for text in drawing.axes[0].texts)
    assert [round(y) for y in drawing.axes[0].lines[0].get_ydata()] == [75, 62, 38]
