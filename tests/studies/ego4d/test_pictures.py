"""Fig. 1 and 6: where models look, and what they are wrongly sure of."""

import numpy as np
import pytest
from making import make, texts_of
from PIL import Image

from wildframe.core.errors import UserError
from wildframe.core.schemas import CLASSES, FRAMES, GRADCAMS, MANIFEST, OUTCOMES
from wildframe.core.tables import read_table, write_rows
from wildframe.exhibits.figure import Figure
from wildframe.exhibits.inputs import Frames, table_of
from wildframe.frames.encode import encode
from wildframe.frames.pixels import read_pixels, write_pixels
from wildframe.labels import read_class_names
from wildframe.models import zoo_entry
from wildframe.scores import outcomes_by_model
from wildframe.studies.ego4d import fig1_gradcam as fig1
from wildframe.studies.ego4d import fig6_high_confidence as fig6
from wildframe.studies.ego4d.fig1_gradcam import Attention, attention_of
from wildframe.studies.ego4d.fig6_high_confidence import (
    choose_errors,
    describe,
    notes_under,
    wrong_predictions,
)

BLACK = encode(np.zeros((50, 100, 3), np.uint8), "png")
NAMES = {"n1": "cup", "n2": "$mug", "n3": "pot"}


def judged(image_id, labels, *top):
    """What a model made of a picture; ``top`` holds (wnid, probability)."""
    guesses = [{"wnid": wnid, "probability": probability} for wnid, probability in top]
    right = top[0][0] in labels
    return {"image_id": image_id, "labels": labels, "top": guesses, "right_top1": right}


def texts(drawing):
    """Return title of the figure, titles of its panels, and what stands in them."""
    found = [drawing.get_suptitle()]
    for axis in drawing.axes:
        found += [axis.get_title(), *(text.get_text() for text in axis.texts)]
    return [text for text in found if text]


MAP = {"image_id": "p0", "view_key": "", "target": "n2", "height": 2, "width": 3}


def test_a_map_is_read_row_by_row_and_named_by_its_own_class():
    shown = np.zeros((8, 8, 3), np.uint8)
    gradcam = MAP | {"map": [0, 1, 2, 3, 4, 5]}
    # In near ties the map may explain the runner-up.
    outcome = judged("p0", ["n2"], ("n1", 0.5), ("n2", 0.4375))
    attention = attention_of("a", shown, gradcam, outcome)
    assert attention.map.tolist() == [[0, 1, 2], [3, 4, 5]]
    assert (attention.predicted, attention.probability, attention.right) == ("n2", 0.4375, True)
    wrong = attention_of("a", shown, gradcam, judged("p0", ["n3"], ("n2", 0.5)))
    assert not wrong.right


def test_a_map_of_another_class_than_the_predicted_is_refused():
    outcome = judged("p0", ["n1"], ("n1", 0.5), ("n3", 0.25))
    with pytest.raises(UserError, match=r"resnet: .* picture p0 explains n2, which"):
        attention_of("resnet", np.zeros((8, 8, 3), np.uint8), MAP | {"map": [0] * 6}, outcome)


@pytest.fixture
def attentions():
    shown = np.zeros((40, 40, 3), np.uint8)
    corner = np.array([[4, 0], [0, 0]], np.float32)
    return {
        "model a": {"p0": Attention(shown, corner, "n2", 0.75, False)},
        "model b": {"p0": Attention(shown, np.zeros((2, 2), np.float32), "n1", 0.5, True)},
    }


def test_fig1_lays_each_models_map_over_what_it_was_shown(attentions, picture):
    example = picture("p0", labels=["n1", "n3"])
    drawing = fig1.draw("a title", [example], {"p0": BLACK}, attentions, NAMES)
    assert {"a title", "annotated", "model a", "model b", "label: cup or pot"} < set(texts(drawing))
    cells = {axis.get_title(): axis for axis in drawing.axes}
    wrong, right = cells["$mug\nwrong, p = 0.75"], cells["cup\nright, p = 0.50"]
    assert wrong.title.get_color() != right.title.get_color()
    picture_below, heat = wrong.images
    assert picture_below.get_extent() == heat.get_extent()
    assert heat.get_array().tolist() == [[4, 0], [0, 0]]
    assert heat.get_clim() == (0, 4)
    # A map without any evidence does not become noise.
    assert right.images[1].get_clim() == (0, 1)


def test_fig1_is_hot_where_the_map_is(attentions, picture, tmp_path):
    one = {"model a": attentions["model a"]}
    drawing = fig1.draw("title", [picture("p0", labels=["n1"])], {"p0": BLACK}, one, NAMES)
    Figure("title", drawing).write([tmp_path / "a.png"])
    drawn = np.asarray(Image.open(tmp_path / "a.png").convert("RGB")).astype(int)
    red, _, blue = drawn.transpose(2, 0, 1)
    # Half of turbo over black; the title's red is brighter, the box has no blue but more green.
    cell = np.argwhere((blue > red) & (drawn.sum(axis=2) < 250))
    hot = np.argwhere((red > blue + 40) & (drawn.max(axis=2) < 150))
    assert len(hot) > 500
    middle = (cell.min(axis=0) + cell.max(axis=0)) / 2
    assert (hot.mean(axis=0) < middle).all()


ERRORS = [
    {"image_id": "p1", "labels": ["n1"], "predicted": "n2", "probability": 0.97},
    {"image_id": "p2", "labels": ["n1"], "predicted": "n2", "probability": 0.96},
    {"image_id": "p3", "labels": ["n1"], "predicted": "n3", "probability": 0.95},
    {"image_id": "p4", "labels": ["n3"], "predicted": "n2", "probability": 0.5},
]


def test_errors_are_the_wrong_first_predictions_the_surest_first():
    outcomes = [
        judged("p4", ["n3"], ("n2", 0.5), ("n3", 0.25)),
        judged("p5", ["n3", "n2"], ("n2", 0.99)),
        judged("p3", ["n1"], ("n3", 0.95)),
        judged("p2", ["n1"], ("n2", 0.96)),
        judged("p1", ["n1"], ("n2", 0.97)),
    ]
    assert wrong_predictions(outcomes) == ERRORS
    ties = [judged(image_id, ["n1"], ("n2", 0.5)) for image_id in ("b", "a")]
    assert [error["image_id"] for error in wrong_predictions(ties)] == ["a", "b"]


def test_no_kind_of_error_is_shown_twice_if_others_are_left():
    def chosen(threshold, count):
        return [error["image_id"] for error in choose_errors(ERRORS, threshold, count)]

    assert chosen(0.9, 1) == ["p1"]
    assert chosen(0.9, 2) == ["p1", "p3"]
    assert chosen(0.9, 8) == ["p1", "p2", "p3"]
    # The limit itself does not count; without any error above it, the surest are shown.
    assert chosen(0.96, 8) == ["p1"]
    assert chosen(0.97, 3) == ["p1", "p3", "p4"]
    assert choose_errors([], 0.9, 8) == []


def test_the_title_counts_the_errors_or_says_that_there_is_none():
    assert describe(ERRORS, 40, 0.9) == "3 of 40 pictures (7.5 %) are wrong with p > 0.9"
    assert describe(ERRORS, 40, 0.97) == (
        "none of 40 pictures is wrong with p > 0.97; shown are the most confident errors"
    )
    assert describe([], 40, 0.9) == "none of 40 pictures is wrong with p > 0.9"


def test_fig6_shows_label_prediction_and_probability(picture):
    pictures = {error["image_id"]: picture(error["image_id"]) for error in ERRORS}
    images = dict.fromkeys(pictures, BLACK)
    drawing = fig6.draw("a title", ERRORS[1:3], pictures, images, NAMES)
    assert [text.replace("\xa0", " ") for text in texts(drawing)] == [
        "a title",
        "label: cup\npredicted: $mug, p = 0.960",
        "label: cup\npredicted: pot, p = 0.950",
    ]
    assert all(len(axis.images) == len(axis.patches) == 1 for axis in drawing.axes)


def test_fig6_without_errors_is_its_title():
    drawing = fig6.draw("none of 40", [], {}, {}, NAMES)
    assert texts_of(drawing) == ["none of 40"]


def test_fig6_says_whose_errors_it_shows_and_how():
    first = "The model is the first of the study."
    assert notes_under("demo", [], "full") == ["Data: demo", first]
    assert notes_under("demo", ERRORS[:1], "full") == ["Data: demo", first]
    (_, apart) = notes_under("demo", ERRORS[1:], "full")
    assert apart.startswith(f"{first} No two errors shown are of one kind:")
    # The first two take the same class for the same other.
    (_, further) = notes_under("demo", ERRORS, "full")
    assert further.startswith(f"{first} Shown is an error of each kind,")
    assert "shown whole" not in apart + further
    assert "Pictures are shown whole; the model saw" in notes_under("demo", [], "box")[1]


@pytest.fixture
def files(tmp_path, blank, picture):
    """What the exhibits are made of, of two pictures and SqueezeNet; the third was not examined."""
    ids = ["p0", "p1", "p2"]
    manifest = [picture(image_id, labels=["n1"]) for image_id in ids]
    write_rows(tmp_path / "manifest.parquet", MANIFEST, manifest)
    frames = [
        blank(FRAMES, image_id=image_id, status="ok", detail="", image=BLACK)
        for image_id in ids[:2]
    ]
    frames.append(blank(FRAMES, image_id="p2", status="media_missing", detail="gone"))
    write_rows(tmp_path / "frames.parquet", FRAMES, frames)
    preprocessing = zoo_entry("squeezenet1_1").preprocessing
    write_pixels(
        [tmp_path / "frames.parquet"],
        tmp_path / "manifest.parquet",
        "full",
        0.1,
        preprocessing,
        tmp_path / f"{preprocessing}.arrow",
    )
    flags = [f"{rule}_top{k}" for rule in ("right", "tree", "sense") for k in (1, 5)]
    outcomes = [
        {"view_key": "", "group_id": image_id, "video_id": None, "role": "pre", "noun": "cup"}
        | {"kept_labels": ["n1"], "box_area": 0.1}
        | dict.fromkeys(flags, False)
        | judged(image_id, ["n1"], ("n2", probability))
        for image_id, probability in zip(ids, (0.75, 0.5), strict=False)
    ]
    write_rows(tmp_path / "squeezenet1_1.parquet", OUTCOMES, outcomes)
    classes = [
        blank(CLASSES, class_space="in1k", class_index=index, wnid=wnid, name=name)
        | {"lemmas": [], "definition": "", "ancestors": []}
        for index, (wnid, name) in enumerate(NAMES.items())
    ]
    write_rows(tmp_path / "classes.parquet", CLASSES, classes)
    write_maps(tmp_path, ids[:2])
    return tmp_path


def write_maps(folder, image_ids):
    rows = [
        {"image_id": image_id, "view_key": "", "target_is": kind, "target": target}
        | {"height": 1, "width": 2, "map": [0, height]}
        for image_id in image_ids
        for kind, target, height in (("label", "n1", 5), ("predicted", "n2", 7))
    ]
    path = folder / "squeezenet1_1.gradcam.parquet"
    write_rows(path, GRADCAMS, rows, facts={"model": "squeezenet1_1"})


PREPROCESSING = str(zoo_entry("squeezenet1_1").preprocessing)


def read(folder, outcomes="squeezenet1_1", pixels=PREPROCESSING):
    """Return what Fig. 1 is given of files."""
    path = folder / f"{PREPROCESSING}.arrow"
    return {
        "frames": Frames([folder / "frames.parquet"]),
        "gradcams": [table_of(GRADCAMS)(folder / "squeezenet1_1.gradcam.parquet")],
        "outcomes": outcomes_by_model([folder / f"{outcomes}.parquet"]),
        "pixels": {pixels: read_pixels(path, zoo_entry("squeezenet1_1").preprocessing)},
        "manifest": read_table(folder / "manifest.parquet", MANIFEST).to_pylist(),
        "class_names": read_class_names(folder / "classes.parquet"),
        "data_note": "a $demo",
    }


def test_fig1_takes_the_map_of_the_prediction_and_examined_pictures_only(files):
    figure = fig1.fig1_gradcam(**read(files))
    axes = figure.drawing.axes
    heats = [axis.images[1] for axis in axes if len(axis.images) == 2]
    assert [heat.get_array().tolist() for heat in heats] == [[[0, 7]], [[0, 7]]]
    titles = {axis.get_title() for axis in axes}
    assert titles == {"", "label: cup", "$mug\nwrong, p = 0.75", "$mug\nwrong, p = 0.50"}
    assert figure.notes[0] == "Data: a $demo"


def test_fig1_names_what_it_lacks(files):
    (files / "other.parquet").write_bytes((files / "squeezenet1_1.parquet").read_bytes())
    with pytest.raises(UserError, match=r"is of squeezenet1_1, of which no outcomes are given"):
        fig1.fig1_gradcam(**read(files, outcomes="other"))
    wanted = rf"gradcam\.parquet: name its pictures, \.\.\./{PREPROCESSING}\.arrow"
    with pytest.raises(UserError, match=wanted):
        fig1.fig1_gradcam(**read(files, pixels="resize256-crop224-bicubic-center"))
    write_maps(files, ["p0"])
    with pytest.raises(UserError, match="has no map of picture p1"):
        fig1.fig1_gradcam(**read(files))


SHARED = {"frames": "frames", "manifest": "manifest", "class_names": "classes"}


def test_fig1_reads_its_files(files):
    inputs = {key: files / f"{name}.parquet" for key, name in SHARED.items()}
    inputs |= {
        "gradcams": files / "squeezenet1_1.gradcam.parquet",
        "outcomes": files / "squeezenet1_1.parquet",
        "pixels": files / f"{PREPROCESSING}.arrow",
    }
    written = make("fig1_gradcam", files, inputs, data_note="our clips")
    assert all(path.stat().st_size for path in written.values())
    assert "our clips" in written[".caption.md"].read_text()


def test_fig6_counts_what_was_examined(files):
    shared = read(files)
    figures = [
        fig6.fig6_high_confidence(
            shared["frames"],
            shared["outcomes"]["squeezenet1_1"],
            shared["manifest"],
            shared["class_names"],
            "squeezenet1_1",
            threshold,
            "box",
            "demo",
        )
        for threshold in (0.7, 0.8)
    ]
    some, none = (texts(figure.drawing) for figure in figures)
    assert figures[0].title == (
        "Fig. 6: squeezenet1_1: 1 of 2 pictures (50.0 %) are wrong with p > 0.7"
    )
    assert "shown whole" in figures[0].notes[1]
    assert [text.replace("\xa0", " ") for text in some[1:]] == [
        "label: cup\npredicted: $mug, p = 0.750"
    ]
    assert "none of 2 pictures is wrong with p > 0.8; shown are" in none[0].replace("\n", " ")
    assert len(none[1:]) == 2


def test_fig6_reads_its_files(files):
    inputs = {key: files / f"{name}.parquet" for key, name in SHARED.items()}
    inputs["outcomes"] = files / "squeezenet1_1.parquet"
    settings = {"model": "squeezenet1_1", "threshold": 0.7, "view": "full", "data_note": "clips"}
    written = make("fig6_high_confidence", files, inputs, **settings)
    assert "1 of 2 pictures" in written[".caption.md"].read_text()
    with pytest.raises(UserError, match="--set view: Input should be 'full' or 'box'"):
        make("fig6_high_confidence", files, inputs, **settings | {"view": "both"})
