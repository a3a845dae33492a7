"""Fig. 1: sets with a correct anchor and an incorrect frame."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from image_data import CUP, DOG, PLAIN, REMOTE, scored, texts, write_results

from wildframe.core.errors import UserError
from wildframe.core.schemas import IMAGE_RESULTS, PREDICTIONS
from wildframe.core.tables import write_rows
from wildframe.exhibits.inputs import EncodedImages, table_of
from wildframe.studies.vid_robust.fig1_gallery import (
    choose,
    confidences_of,
    draw,
    failures,
    fig1_gallery,
    grid_of,
    incorrect_runs,
)
from wildframe.studies.vid_robust.panels import Manifest


def figure(folder, model="m"):
    return fig1_gallery(
        EncodedImages(folder / "statuses.parquet", [folder / "0-of-1.parquet"]),
        Manifest.read(folder / "manifest.parquet"),
        table_of(IMAGE_RESULTS)(folder / "results.parquet"),
        folder / "predictions.parquet",
        model,
        "coco80",
        0,
        30.0,
        "a $demo",
    )


def test_a_failure_has_a_correct_anchor_and_its_nearest_incorrect_frame():
    rows = [
        scored("a", 4, correct=False),
        scored("a", -4, correct=False),
        scored("a", 0),
        scored("a", 2),
        # Only frames, only the anchor, and nothing is incorrect here.
        scored("b", 0),
        scored("b", 2),
        scored("c", 0, correct=False),
        scored("c", 2, correct=False),
        scored("d", 2, correct=False),
        scored("d", 6, correct=False),
        scored("d", 0),
    ]
    found = failures(rows)
    assert [one.anchor["anchor_id"] for one in found] == ["a", "d"]
    assert [one.incorrect["offset"] for one in found] == [-4, 2]
    assert [row["offset"] for row in found[0].rows] == [-4, 0, 2, 4]


def test_neighbouring_frames_with_the_same_incorrect_prediction_are_one_stretch():
    rows = [
        {"offset": offset, "correct_top1": predicted == "ok", "predicted": predicted}
        for offset, predicted in ((-6, "a"), (-4, "a"), (-2, "ok"), (0, "a"), (2, "b"), (6, "b"))
    ]
    assert incorrect_runs(rows, 2) == [(-6, -4, "a"), (0, 0, "a"), (2, 2, "b"), (6, 6, "b")]


def failing(classes):
    rows = []
    for number, label in enumerate(classes):
        name = f"anchor-{number}"
        rows += [scored(name, 0, label=label), scored(name, 1, correct=False, label=label)]
    return failures(rows)


def test_no_class_is_drawn_twice_while_another_is_left():
    found = failing([CUP] * 30 + [DOG, REMOTE])
    for seed in range(5):
        chosen = choose(found, 3, seed)
        assert {one.anchor["labels"][0] for one in chosen} == {CUP, DOG, REMOTE}
    drawn = {choose(found, 3, seed)[0].anchor["anchor_id"] for seed in range(20)}
    assert len(drawn) > 3
    assert choose([], 6, 0) == []


@given(
    st.lists(st.sampled_from([CUP, DOG, REMOTE]), max_size=12),
    st.integers(0, 8),
    st.integers(0, 99),
)
def test_a_draw_is_fair_to_classes_and_repeats(classes, count, seed):
    found = failing(classes)
    chosen = choose(found, count, seed)
    assert chosen == choose(found, count, seed)
    ids = [one.anchor["anchor_id"] for one in chosen]
    assert len(set(ids)) == len(ids) == min(count, len(classes))
    have = [one.anchor["labels"][0] for one in chosen]
    for label in set(classes):
        # A class stays behind another by more than one only where it has no more sets.
        others = max((have.count(other) for other in set(classes)), default=0)
        assert have.count(label) >= min(classes.count(label), others - 1)


def test_the_grid_of_frames_is_that_of_all_sets():
    rows = [scored("a", offset) for offset in (0, -10, 6)]
    assert grid_of(rows) == (10, 2)
    assert grid_of(rows[:1]) == (0, 1)


def test_it_shows_anchor_frame_and_both_confidences_with_a_gap(files):
    made = figure(files)
    found = texts(made.drawing)
    assert found[0] == "Fig. 1: m: 1 of 1 sets has a correct anchor and an incorrect frame"
    assert made.notes[0] == "Data: a $demo"
    assert made.notes[1].startswith("Review: human")
    assert "max of the probabilities of its classes among those of the label" in made.notes[2]
    left, middle, trace = made.drawing.axes
    assert left.get_title(loc="left") == (
        "anchor, frame 10 of the $video\nlabel: cup\npredicted: cup, confidence 0.50"
    )
    assert (
        middle.get_title(loc="left")
        == "2 frames later\nlabel: cup\npredicted: dog, confidence 0.50"
    )
    assert found[-2:] == ["cup (label)", "dog (incorrect prediction)"]
    label, dog = (line for line in trace.lines if len(line.get_xdata()) > 2)
    assert list(dog.get_xdata()) == [-6, -4, -2, 0, 2, 4, 6]
    # 4 frames later lies a frame that is out, and what is earlier than 2 frames is no candidate.
    nan = np.nan
    np.testing.assert_allclose(dog.get_ydata(), [nan, nan, 0.25, 0.125, 0.75, nan, 0.375], 1e-6)
    np.testing.assert_allclose(label.get_ydata(), [nan, nan, 0.5, 0.5, 0.25, nan, 0.5])
    (shaded,) = trace.patches
    assert (shaded.get_x(), shaded.get_width()) == (1, 2)


def test_a_prediction_outside_the_label_space_has_no_line(manifest_row):
    rows = [scored("a", 0), scored("a", 1, correct=False, confidence=None, label_confidence=None)]
    rows[1]["predicted"] = None
    chosen = failures(rows)
    manifest = Manifest(Path("m.parquet"), {name: manifest_row(name) for name in ("a", "a+1")})
    images = dict.fromkeys(manifest.rows, PLAIN)
    assert confidences_of("p", [], chosen) == {}
    drawing = draw(chosen, (1, 1), {}, manifest, images, {CUP: "cup"})
    assert "1 frame later\nlabel: cup\npredicted: none" in texts(drawing)
    assert texts(drawing)[-1] == "cup (label)"


def test_without_a_failure_it_says_so(files, tmp_path):
    write_results(files)
    found = figure(files)
    assert texts(found.drawing) == [
        "Fig. 1: m: none of 1 sets has a correct anchor and an incorrect frame"
    ]
    assert found.notes[1].startswith("Review: human")
    assert len(found.notes) == 2
    found.write([tmp_path / "figure.png"])
    assert (tmp_path / "figure.png").stat().st_size > 1000


def test_files_that_do_not_belong_together_are_named(files):
    with pytest.raises(UserError, match=r"results.parquet: is of m under coco80, not of x"):
        figure(files, model="x")
    facts = {"label_space": "coco80", "model": "m"}
    write_rows(files / "predictions.parquet", PREDICTIONS, [], facts=facts)
    with pytest.raises(UserError, match=r"predictions.parquet: image a has no prediction"):
        figure(files)
