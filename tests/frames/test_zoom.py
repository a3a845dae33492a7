"""The zoom view: where its crops are, worked out by hand from the paper's rule; what they show."""

import csv
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from wildframe.core.errors import UserError
from wildframe.core.imports import import_uncompiled
from wildframe.frames.preprocessing import Preprocessing
from wildframe.frames.views import parse_view
from wildframe.frames.views.zoom import Zoom, parse_key, zoom_crops

# Where the three crops across and down begin: a third of a side, rounded down, has its middle,
# rounded down; 112 pixels before it. By image and size, with the size that the image is resized to.
STARTS = {
    (500, 375): {
        10: ((13, 10), (-110, -106, -102), (-111, -108, -105)),
        64: ((85, 64), (-98, -70, -42), (-102, -81, -60)),
        224: ((298, 224), (-63, 36, 135), (-75, -1, 73)),
        256: ((341, 256), (-56, 57, 170), (-70, 15, 100)),
        1024: ((1365, 1024), (115, 570, 1025), (58, 399, 740)),
    },
    (1920, 1080): {
        10: ((17, 10), (-110, -105, -100), (-111, -108, -105)),
        64: ((113, 64), (-94, -57, -20), (-102, -81, -60)),
        224: ((398, 224), (-46, 86, 218), (-75, -1, 73)),
        256: ((455, 256), (-37, 114, 265), (-70, 15, 100)),
        1024: ((1820, 1024), (191, 797, 1403), (58, 399, 740)),
    },
    (31, 500): {
        10: ((10, 161), (-111, -108, -105), (-86, -33, 20)),
        64: ((64, 1032), (-102, -81, -60), (60, 404, 748)),
        224: ((224, 3612), (-75, -1, 73), (490, 1694, 2898)),
        256: ((256, 4129), (-70, 15, 100), (576, 1952, 3328)),
        1024: ((1024, 16516), (58, 399, 740), (2640, 8145, 13650)),
    },
}


@pytest.mark.parametrize("image", STARTS)
def test_crops_are_where_the_spec_says(image, wildframe):
    options = ("--view", "zoom", "--grid", "paper", "--format", "csv")
    printed = wildframe("frames", "crops", *image, *options).stdout.splitlines()
    assert printed[0] == "size,row,col,resized_width,resized_height,left,top"
    rows = [tuple(map(int, row)) for row in csv.reader(printed[1:])]
    assert len(rows) == 36 * 9
    by_hand = [
        (size, row, col, *resized, across[col], down[row])
        for size, (resized, across, down) in STARTS[image].items()
        for row, col in product(range(3), repeat=2)
    ]
    assert [row for row in rows if row[0] in STARTS[image]] == by_hand


def test_grids_are_named_or_listed(wildframe):
    assert len(Zoom().sizes) == len(set(Zoom().sizes)) == 36
    assert (Zoom().sizes[0], Zoom().sizes[-1]) == (10, 1024)
    assert Zoom().sizes == tuple(sorted(Zoom().sizes))
    assert Zoom(grid="small").count == 63
    assert parse_view('{"kind": "zoom", "grid": [224, 256]}').sizes == (224, 256)
    printed = wildframe("frames", "crops", 8, 8, "--grid", "16,224", "--format", "csv").stdout
    assert {line.split(",")[0] for line in printed.splitlines()[1:]} == {"16", "224"}


@pytest.mark.parametrize("grid", ["large", "224,", "256,224", "0", "224,224", "9999", ""])
def test_another_grid_is_one_sentence(grid, wildframe):
    with pytest.raises(UserError, match=r"--grid .*: give paper, small, or sizes from 1 to 4096"):
        wildframe("frames", "crops", 8, 8, "--grid", grid)


def noise(width, height):
    pixels = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    return Image.fromarray(pixels)


def crops_of(image, *sizes):
    return {parse_key(key): crop for key, crop in Zoom(grid=list(sizes)).crops(image, {})}


@pytest.fixture(scope="module")
def transforms():
    """Torchvision's; it takes seconds to import, and more with torch's compiler."""
    return import_uncompiled("torchvision").transforms


@pytest.mark.parametrize("image", [(50, 37), (37, 50), (256, 256), (400, 300)])
def test_pixels_are_torchvisions(image, transforms):
    """As the paper's code does it: resize, then crop around the middle of tiles of integer size."""
    shown = noise(*image)
    found = crops_of(shown, 10, 224, 256, 300)
    for (size, row, col), crop in found.items():
        resized = transforms.functional.resize(shown, size, transforms.InterpolationMode.BICUBIC)
        across, down = (side // 3 for side in resized.size)
        top, left = row * down + down // 2 - 112, col * across + across // 2 - 112
        expected = transforms.functional.crop(resized, top, left, 224, 224)
        assert crop.tobytes() == expected.tobytes(), (size, row, col)
    assert len(found) == 36


def test_outside_the_image_is_black():
    white = Image.new("RGB", (100, 80), "white")
    crop = np.asarray(crops_of(white, 64)[64, 0, 0])
    # 80 x 64, tiles of 26 x 21: the crop begins 99 pixels left of the image and 102 above it.
    assert (crop[102:166, 99:179] == 255).all()
    assert crop.sum() == 80 * 64 * 3 * 255
    # At the size of the crop, its first row or column is outside: 74 + 37 - 112 = -1.
    middle = np.asarray(crops_of(white, 224)[224, 1, 1])
    assert (middle[0] == 0).all()
    assert (middle[1:] == 255).all()


def test_the_one_crop_is_a_pixel_off_torchvisions(transforms):
    image = noise(500, 375)
    resized = transforms.functional.resize(image, 256, transforms.InterpolationMode.BICUBIC)
    assert resized.size == (341, 256)
    ours = np.asarray(crops_of(image, 256)[256, 1, 1])
    theirs = np.asarray(transforms.CenterCrop(224)(resized))
    assert (ours[1:, 1:] == theirs[:-1, :-1]).all()
    assert (ours != theirs).any()


def test_an_image_is_resized_once_a_size(monkeypatch):
    calls = []
    resize = Image.Image.resize
    monkeypatch.setattr(
        Image.Image, "resize", lambda image, *rest: calls.append(rest[0]) or resize(image, *rest)
    )
    assert len(list(Zoom(grid="small").crops(noise(60, 50), {}))) == 63
    assert len(calls) == 7


def test_a_crop_is_brought_to_the_size_of_the_input_whole():
    crop = noise(224, 224)
    same = Preprocessing.parse("resize256-crop224-bicubic-center").fit(crop)
    assert same.tobytes() == crop.tobytes()
    larger = Preprocessing.parse("resize257-crop227-bicubic-center").fit(crop)
    assert larger.tobytes() == crop.resize((227, 227), Image.Resampling.BICUBIC).tobytes()


@given(st.integers(1, 5000), st.integers(1, 5000), st.integers(1, 1024))
def test_every_crop_shows_some_of_the_image(width, height, size):
    for crop in zoom_crops(width, height, [size]):
        assert min(crop.resized_width, crop.resized_height) == size
        assert -112 <= crop.left < crop.resized_width
        assert -112 <= crop.top < crop.resized_height
        assert parse_key(crop.key) == (size, crop.row, crop.col)
