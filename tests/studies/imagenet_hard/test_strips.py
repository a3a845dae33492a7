"""Strips: which images are shown, with which crop, and where it is drawn."""

import io
from functools import partial
from types import SimpleNamespace

import pytest
from matplotlib.patches import Rectangle
from PIL import Image

from wildframe.core.schemas import ZOOM_PREDICTIONS
from wildframe.core.tables import iter_batches, write_rows
from wildframe.studies.imagenet_hard.strips import box_of, draw, read_strips, strips

CUP, DOG = "n03147509", "n02084071"


def prediction(image_id, key, confidence, correct):
    return {
        "image_id": image_id,
        **dict(zip(("size", "row", "col"), key, strict=True)),
        "class_index": 0,
        "wnid": CUP if correct else DOG,
        "confidence": confidence,
        "label_correct": correct,
        "label_logits": [0.0],
    }


@pytest.fixture
def path(tmp_path):
    rows = [
        prediction("never", (128, 1, 1), 0.9, False),
        prediction("never", (256, 1, 1), 0.9, False),
        prediction("solved", (128, 1, 1), 0.25, True),
        prediction("solved", (256, 1, 1), 0.75, False),
        prediction("solved", (512, 0, 2), 0.5, True),
        prediction("solved", (512, 1, 0), 0.5, True),
        prediction("sure", (256, 1, 1), 0.125, False),
        prediction("sure", (512, 1, 1), 1.0, True),
        prediction("whole", (256, 1, 1), 0.9, True),
        prediction("whole", (512, 1, 1), 0.9, True),
    ]
    write_rows(tmp_path / "zoom.parquet", ZOOM_PREDICTIONS, rows)
    return tmp_path / "zoom.parquet"


@pytest.mark.parametrize("at_a_time", [2**16, 2])
def test_an_image_that_only_zoom_solves_is_shown_with_its_surest_correct_crop(
    path, at_a_time, monkeypatch
):
    in_parts = partial(iter_batches, batch_size=at_a_time)
    monkeypatch.setattr("wildframe.studies.imagenet_hard.strips.iter_batches", in_parts)
    found = read_strips(path).strips
    assert [(strip.image_id, strip.after["size"], strip.after["col"]) for strip in found] == [
        ("sure", 512, 1),
        ("solved", 512, 2),
    ]
    assert (found[1].before["wnid"], found[1].before["confidence"]) == (DOG, 0.75)


def test_a_crop_is_drawn_in_pixels_of_the_image_itself():
    # At size 224 an image of 448 x 448 is halved: the middle crop begins at 1 of 224 pixels less.
    # Tiles have 74 pixels, the middle anchor is at 111, and the crop begins at -1.
    assert box_of(448, 448, (224, 1, 1)) == (-2, -2, 448, 448)
    # At size 448 nothing is resized: tiles of 149 pixels, the first anchor at 74.
    assert box_of(448, 448, (448, 0, 2)) == (2 * 149 + 74 - 112, 74 - 112, 224, 224)


def test_the_winning_crop_is_a_rectangle_on_the_image(path):
    file = io.BytesIO()
    Image.new("RGB", (448, 448)).save(file, "png")
    found = read_strips(path).strips
    images = {strip.image_id: file.getvalue() for strip in found}
    labels = {strip.image_id: [CUP] for strip in found}
    drawing = draw(found, images, labels, {CUP: "cup", DOG: "dog"})
    left, right, *_ = drawing.axes
    edges = [one for one in left.patches if isinstance(one, Rectangle) and not one.get_fill()]
    assert [edge.get_bbox().bounds for edge in edges] == [box_of(448, 448, (512, 1, 1))]
    assert left.get_title() == "label: cup\nmiddle crop: dog, p\xa0=\xa00.12"
    assert right.get_title() == "size 512, middle centre\ncup, p\xa0=\xa01.00"


def test_images_are_counted_that_were_predicted_on_the_middle_crop(path):
    # The manifest also has an image that could not be read, and so was never predicted.
    manifest = [{"image_id": name, "labels": [CUP]} for name in ("sure", "solved", "unreadable")]
    file = io.BytesIO()
    Image.new("RGB", (448, 448)).save(file, "png")
    images = SimpleNamespace(images=lambda wanted: dict.fromkeys(wanted, file.getvalue()))
    figure = strips(read_strips(path), manifest, images, {CUP: "cup", DOG: "dog"}, "m", "ours")
    assert "2 of 4 images: the middle crop" in figure.notes[1]


def test_nothing_to_show_is_an_empty_figure():
    assert draw([], {}, {}, {}).axes == []
