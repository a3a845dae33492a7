import numpy as np
import pytest
from ego4d_data import (
    BLACK,
    NAMES,
    PREPROCESSING,
    SHARED,
    found,
    read,
    scored,
    write_maps,
)
from making import make, panel_texts
from PIL import Image

from wildframe.core.errors import UserError
from wildframe.exhibits.attention import Attention, attention_of
from wildframe.exhibits.figure import Figure
from wildframe.studies.ego4d import fig1_gradcam as fig1

MAP = {"image_id": "p0", "view_key": "", "target": "n2", "height": 2, "width": 3}


def test_a_map_is_read_row_by_row_and_named_by_its_own_class():
    shown = np.zeros((8, 8, 3), np.uint8)
    gradcam = MAP | {"map": [0, 1, 2, 3, 4, 5]}
    # In near ties the map may explain the runner-up.
    result = scored("p0", ["n2"], ("n1", 0.5), ("n2", 0.4375))
    attention = attention_of("a", shown, gradcam, result)
    assert attention.map.tolist() == [[0, 1, 2], [3, 4, 5]]
    assert (attention.predicted, attention.probability, attention.correct) == ("n2", 0.4375, True)
    incorrect = attention_of("a", shown, gradcam, scored("p0", ["n3"], ("n2", 0.5)))
    assert not incorrect.correct


def test_a_map_of_another_class_than_the_predicted_is_refused():
    result = scored("p0", ["n1"], ("n1", 0.5), ("n3", 0.25))
    with pytest.raises(UserError, match=r"resnet: .* image p0 explains n2, which"):
        attention_of("resnet", np.zeros((8, 8, 3), np.uint8), MAP | {"map": [0] * 6}, result)


@pytest.fixture
def attentions():
    shown = np.zeros((40, 40, 3), np.uint8)
    corner = np.array([[4, 0], [0, 0]], np.float32)
    return {
        "model a": {"p0": Attention(shown, corner, "n2", 0.75, False)},
        "model b": {"p0": Attention(shown, np.zeros((2, 2), np.float32), "n1", 0.5, True)},
    }


def test_fig1_lays_each_models_map_over_what_it_was_shown(attentions, manifest_row):
    example = manifest_row("p0", labels=["n1", "n3"])
    drawing = fig1.draw([example], {"p0": BLACK}, attentions, NAMES)
    heads = {"annotated", "model a", "model b", "label: cup or pot"}
    assert heads < set(panel_texts(drawing))
    cells = {axis.get_title(): axis for axis in drawing.axes}
    incorrect = cells["$mug\nincorrect, p = 0.75"]
    correct = cells["cup\ncorrect, p = 0.50"]
    assert incorrect.title.get_color() != correct.title.get_color()
    image_below, heat = incorrect.images
    assert image_below.get_extent() == heat.get_extent()
    assert heat.get_array().tolist() == [[4, 0], [0, 0]]
    assert heat.get_clim() == (0, 4)
    # A map without any evidence does not become noise.
    assert correct.images[1].get_clim() == (0, 1)


def test_fig1_is_hot_where_the_map_is(attentions, manifest_row, tmp_path):
    one = {"model a": attentions["model a"]}
    drawing = fig1.draw([manifest_row("p0", labels=["n1"])], {"p0": BLACK}, one, NAMES)
    Figure("title", drawing).write([tmp_path / "a.png"])
    drawn = np.asarray(Image.open(tmp_path / "a.png").convert("RGB")).astype(int)
    red, _, blue = drawn.transpose(2, 0, 1)
    # Half of turbo over black; the title's red is brighter, the box has no blue but more green.
    cell = np.argwhere((blue > red) & (drawn.sum(axis=2) < 250))
    hot = np.argwhere((red > blue + 40) & (drawn.max(axis=2) < 150))
    assert len(hot) > 500
    middle = (cell.min(axis=0) + cell.max(axis=0)) / 2
    assert (hot.mean(axis=0) < middle).all()


def test_fig1_takes_the_map_of_the_prediction_and_evaluated_images_only(model_files):
    figure = fig1.fig1_gradcam(**read(model_files))
    axes = figure.drawing.axes
    heats = [axis.images[1] for axis in axes if len(axis.images) == 2]
    assert [heat.get_array().tolist() for heat in heats] == [[[0, 7]], [[0, 7]]]
    titles = {axis.get_title() for axis in axes}
    assert titles == {"", "label: cup", "$mug\nincorrect, p = 0.75", "$mug\nincorrect, p = 0.50"}
    assert figure.notes[0] == "Data: a $demo"


def test_fig1_names_what_it_lacks(model_files):
    (model_files / "other.parquet").write_bytes(
        (model_files / "squeezenet1_1.parquet").read_bytes()
    )
    with pytest.raises(UserError, match=r"is of squeezenet1_1, of which no results are given"):
        fig1.fig1_gradcam(**read(model_files, results="other"))
    wanted = rf"gradcam\.parquet: name its images, \.\.\./{PREPROCESSING}\.arrow"
    with pytest.raises(UserError, match=wanted):
        fig1.fig1_gradcam(**read(model_files, preprocessed="resize256-crop224-bicubic-center"))
    write_maps(model_files, ["p0"])
    with pytest.raises(UserError, match="has no map of image p1"):
        fig1.fig1_gradcam(**read(model_files))


def test_fig1_reads_its_files(model_files):
    inputs = found(model_files, **SHARED)
    inputs |= {
        "gradcams": model_files / "squeezenet1_1.gradcam.parquet",
        "results": model_files / "squeezenet1_1.parquet",
        "preprocessed": model_files / f"{PREPROCESSING}.arrow",
    }
    written = make("fig1_gradcam", model_files, inputs, data_note="our clips")
    assert all(path.stat().st_size for path in written.values())
    assert "our clips" in written[".caption.md"].read_text()
