from pathlib import Path

import numpy as np
import pytest
from making import count_pixels
from score_data import bin_of

from wildframe.exhibits.inputs import TableFile
from wildframe.exhibits.shares import BY_IMAGE, OVER_CLIPS
from wildframe.studies.ego4d.reliability import bins_by_model, reliability

A, B = "tf_efficientnet_lite0", "resnet50.a1_in1k"

BINS = [bin_of(B, 0.5, 4, 4, 0.55), bin_of(A, 0.2, 6, 0, 0.25), bin_of(A, 0.9, 2, 1, 0.95)]

CALIBRATED = TableFile(Path("bins.parquet"), BINS, {})


def test_bins_come_with_intervals_and_each_models_error():
    rows = bins_by_model(CALIBRATED, [A, B])
    assert [(row["model"], row["accuracy"]) for row in rows] == [(A, 0.0), (A, 0.5), (B, 1.0)]
    # A: 6/8 x 0.25 + 2/8 x 0.45; B: 1 - 0.55.
    assert [row["ece"] for row in rows] == pytest.approx([0.3, 0.3, 0.45])
    assert [(row["accuracy_low"], row["accuracy_high"]) for row in rows] == [
        (0.0, pytest.approx(1 - 0.025 ** (1 / 6))),
        (pytest.approx(1 - 0.975**0.5), pytest.approx(0.975**0.5)),
        (pytest.approx(0.025 ** (1 / 4)), 1.0),
    ]


def test_a_model_without_bins_is_named():
    figure = reliability(CALIBRATED, [A, "ours"], "data")
    assert {row["model"] for row in figure.numbers.rows} == {A}
    assert figure.notes[-1] == "Without probabilities, and so not shown: ours."
    for table in (CALIBRATED, TableFile(Path("bins.parquet"), [], {})):
        alone = reliability(table, ["ours"], "data")
        assert (alone.numbers.rows, alone.drawing.axes) == ([], [])
        assert alone.notes == ["Data: data", "Without probabilities, and so not shown: ours."]


def test_the_reliability_diagram_draws_points_and_counts_and_says_on_what_data(tmp_path):
    figure = reliability(CALIBRATED, [A, B], "a $_$ of clips")
    assert figure.notes[0] == "Data: a $_$ of clips"
    assert figure.notes[2:] == [BY_IMAGE, "Hollow points are of fewer than 5 images."]
    assert len(figure.numbers.rows) == 3
    figure.write([tmp_path / "a.png"])
    assert count_pixels(tmp_path / "a.png", "#0072b2") > 100
    # Bars of counts.
    assert count_pixels(tmp_path / "a.png", "#b3b3b3") > 1000


def test_intervals_are_over_clips_where_images_share_them():
    wide = {"clusters": 3, "cluster_low": 0.05, "cluster_high": 0.6}
    bins = [bin_of(A, 0.2, 6, 1, 0.25) | wide, bin_of(A, 0.4, 6, 0, 0.45) | {"clusters": 2}]
    figure = reliability(TableFile(Path("bins.parquet"), bins, {}), [A], "data")
    assert figure.notes[2:] == [OVER_CLIPS]
    (whiskers,) = figure.drawing.axes[0].collections
    # None where all clips agree.
    first, second = whiskers.get_segments()
    assert first[:, 1].tolist() == pytest.approx([0.05, 0.6])
    assert not np.isfinite(second).all() or not len(second)


def test_the_calibration_error_hides_no_interval():
    drawing = reliability(CALIBRATED, [A, B], "data").drawing
    panels = [axis for axis in drawing.axes if axis.get_title()]
    assert [axis.get_title() for axis in panels] == [
        f"{A}\nECE 30.0 %, floor 13.4 %",
        f"{B}\nECE 45.0 %, floor 20.2 %",
    ]
    assert all(axis.get_legend() is None and not axis.texts for axis in drawing.axes)
