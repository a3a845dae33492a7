from pathlib import Path

import pytest
from framing_data import framing_row, framing_rows
from making import make, rows_of, texts_of
from score_data import write_classes

from wildframe.core.errors import UserError
from wildframe.core.schemas import FRAMINGS
from wildframe.core.tables import write_rows
from wildframe.exhibits.inputs import TableFile
from wildframe.exhibits.shares import OVER_CLIPS
from wildframe.studies.ego4d.framing import framing, with_p_holm

A, B = "resnet50.a1_in1k", "squeezenet1_1"


def figure_of(rows, *models):
    return framing(TableFile(Path("framing.parquet"), rows, {}), models, {"n1": "mop"}, "data")


def test_a_panel_a_model_shows_all_images_and_box_areas():
    figure = figure_of(framing_rows(A) + framing_rows(B), B, A)
    first, second = figure.drawing.axes
    assert [axis.get_title(loc="left") or axis.get_title() for axis in (first, second)] == [B, A]
    ticks = [label.get_text() for label in second.get_xticklabels()]
    # From small to large, and without classes.
    assert sorted(ticks) == ["0.001 - 10 %\nn = 2", "10 - 30 %\nn = 6", "all\nn = 8"]
    texts = texts_of(figure.drawing)
    assert {"whole image", "box of the object", "zoom, cross-validated"} <= set(texts)
    assert {"zoom, oracle: best of 63 crops", "random guessing on 63 crops"} <= set(texts)


def test_differences_from_the_whole_image_are_in_the_caption_with_their_tests():
    figure = figure_of(framing_rows(A), A)
    (note,) = (note for note in figure.notes if note.startswith("Differences in points"))
    assert f"{A} box - whole image +25.0 [+12.5, +37.5], p = 0.02; {A} zoom - " in note
    assert "oracle" not in note
    untested = [framing_row(A, "full"), framing_row(A, "oracle")]
    assert figure_of(untested, A).notes[2] == "Differences in points: N/A."


def test_intervals_are_over_clips_and_told_if_they_are_drawn():
    row = framing_row(A, "full", cluster_low=0.0625, cluster_high=0.25)
    figure = figure_of([row, framing_row(A, "oracle", n=4)], A)
    (ends,) = figure.drawing.axes[0].collections[0].get_segments()
    assert ends[:, 1].tolist() == [6.25, 25]
    assert figure.notes[-2:] == [OVER_CLIPS, "Hollow points are of fewer than 5 images."]
    alike = framing_row(A, "full", cluster_low=None, cluster_high=None)
    assert figure_of([alike, framing_row(A, "oracle", n=4)], A).notes[-2] == "n: images."


def test_p_values_are_corrected_within_all_images_classes_and_areas():
    rows = [framing_row(A, "full")]
    rows += [framing_row(A, "box", p_value=p) for p in (0.01, 0.04)]
    rows += [framing_row(A, "box", subset=f"class={n}", p_value=0.02) for n in ("n1", "n2", "n3")]
    found = [row["p_holm"] for row in with_p_holm(rows)]
    assert found == [None, 0.02, 0.04, *[pytest.approx(0.06)] * 3]


def test_numbers_name_classes():
    rows = figure_of(framing_rows(A), A).numbers.rows
    assert {(row["subset"], row["class_name"]) for row in rows} >= {
        ("all", None),
        ("class=n1", "mop"),
    }


def test_a_model_without_framings_is_named():
    with pytest.raises(UserError, match=r"framing\.parquet: no framings of other"):
        figure_of(framing_rows(A), "other")


def test_it_is_made_of_tables(tmp_path):
    path = tmp_path / "framing.parquet"
    write_rows(path, FRAMINGS, framing_rows(A))
    inputs = {"framings": path, "class_names": write_classes(tmp_path / "classes.parquet")}
    written = make("framing", tmp_path, inputs, models=[A], data_note="our clips")
    assert "our clips" in written[".caption.md"].read_text()
    first, *_ = rows_of(written[".csv"])
    assert (first["model"], first["framing"], first["value"]) == (A, "full", "0.125")
