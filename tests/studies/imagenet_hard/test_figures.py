"""Figures about crops: their numbers by hand, and that what is drawn says them."""

import numpy as np
import pytest
from matplotlib.text import Text
from zoom_data import FOUR, crops_table, results, zoom_table

from wildframe.core.errors import UserError
from wildframe.exhibits.shares import BY_IMAGE
from wildframe.studies.imagenet_hard.accuracy_by_size import accuracy_by_size, middle_crops
from wildframe.studies.imagenet_hard.centre_bias import DEFINITIONS, anchor_rows, centre_bias
from wildframe.studies.imagenet_hard.cover_counts import (
    counts_by_anchor,
    cover_counts,
    first_of_cover,
)
from wildframe.studies.imagenet_hard.inputs import ZoomTable
from wildframe.studies.imagenet_hard.power_of_zoom import drawn_rows, power_of_zoom


@pytest.fixture(scope="module")
def scores():
    return zoom_table(results("a", FOUR))


@pytest.fixture(scope="module")
def crops():
    return crops_table(results("a", FOUR))


def texts(figure):
    figure.drawing.draw_without_rendering()
    return [text for one in figure.drawing.findobj(Text) if (text := one.get_text())]


def test_dots_are_one_crop_a_cross_validated_one_and_the_oracle(scores):
    rows = [(row["metric"], row["crops"], row["successes"]) for row in drawn_rows(scores)]
    assert rows[0] == ("one_crop", 1, 1)
    assert rows[1][:2] == ("cross_validated", 1)
    assert rows[2:] == [("oracle", 18, 3)]
    figure = power_of_zoom(scores, "our data")
    assert {"oracle, 18 crops", "random, 18 crops: 18.0 %"} <= set(texts(figure))
    assert figure.numbers.rows[2]["gained"] is None
    assert any("not the accuracy of a classifier" in note for note in figure.notes)


def test_intervals_of_few_images_are_not_drawn(scores, crops):
    five = np.concatenate([FOUR, FOUR[:1]])
    for are_drawn, figure in [
        (False, power_of_zoom(scores, "our data")),
        (False, accuracy_by_size(crops, "our data")),
        (True, power_of_zoom(zoom_table(results("a", five)), "our data")),
        (True, accuracy_by_size(crops_table(results("a", five)), "our data")),
    ]:
        (axis,) = figure.drawing.axes
        ends = [end for lines in axis.collections for end in lines.get_segments()]
        assert any(np.isfinite(end).all() and len(end) for end in ends) is are_drawn
        assert (BY_IMAGE in figure.notes) is are_drawn
    said = "Intervals of fewer than 5 images say nothing, and are not drawn."
    assert said in power_of_zoom(scores, "our data").notes


def test_accuracy_by_size_is_that_of_the_middle_crop(crops):
    rows = middle_crops(crops.rows)
    assert [(row["size"], row["successes"], row["n"], row["value"]) for row in rows] == [
        (128, 1, 4, 0.25),
        (256, 1, 4, 0.25),
    ]
    assert {"128", "256"} <= set(texts(accuracy_by_size(crops, "our data")))


def test_maps_have_nine_anchors_of_each_definition(scores):
    rows = {(row["metric"], row["row"], row["col"]): row for row in anchor_rows(scores)}
    assert len(rows) == 9 * len(DEFINITIONS)
    # At the top anchor two images are solved, in the middle two (one of them only when small).
    top, middle = rows["at_anchor", 0, 1], rows["at_anchor", 1, 1]
    assert (top["value"], middle["value"], top["difference"]) == (0.5, 0.5, 0.0)
    assert rows["at_anchor", 2, 2]["difference"] == -0.5
    drawn = texts(centre_bias(scores, "our data"))
    assert "0.0\n(-50.0)" in drawn
    assert set(DEFINITIONS.values()) <= set(drawn)


def test_a_missing_anchor_is_refused(scores):
    broken = ZoomTable(scores.path, [row for row in scores.rows if row["row"] != 2])
    with pytest.raises(UserError, match=r"zoom.parquet: 6 anchors of at_anchor of a, not 9"):
        anchor_rows(broken)


def test_counts_are_of_the_first_crops_of_the_cover(crops):
    rows = first_of_cover(crops.rows)
    # The top crop solves two, and the middle one another.
    assert [(row["size"], row["row"], row["col"], row["covered"]) for row in rows] == [
        (256, 0, 1, 2),
        (256, 1, 1, 3),
    ]
    assert counts_by_anchor(rows).tolist() == [[0, 1, 0], [0, 1, 0], [0, 0, 0]]
    assert cover_counts(crops, "our data").numbers.rows == rows


def test_a_model_that_no_crop_solves_anything_for_has_an_empty_cover():
    nothing = crops_table(results("a", FOUR & False))
    assert first_of_cover(nothing.rows) == []
    assert "0" in texts(cover_counts(nothing, "our data"))
    # Beside a model with a cover it has a row of its own, too.
    both = crops_table(results("all", FOUR), results("none", FOUR & False))
    assert {"all", "none"} <= set(texts(cover_counts(both, "our data")))
