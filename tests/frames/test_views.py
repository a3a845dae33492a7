import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from wildframe.core.errors import UserError
from wildframe.frames.views import VIEWS


def coordinates(width, height):
    """Return an image each of whose pixels says where it is: red is x, green is y."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[..., 0] = np.arange(width)
    pixels[..., 1] = np.arange(height)[:, None]
    return Image.fromarray(pixels)


def shown(view, manifest_row, margin=0.0, *, size, **box):
    sides = dict(zip(("x", "y", "width", "height"), box["box"], strict=True))
    row = {"image_id": "a", "width": size[0], "height": size[1], "boxes": [sides, {"x": -1}]}
    ((key, out),) = VIEWS[view](manifest_row, row, margin)
    assert key == ""
    return out


def corners(manifest_row):
    """Return (left, top, right, bottom), the last two inclusive."""
    pixels = np.asarray(manifest_row)
    return (*pixels[0, 0, :2].tolist(), *pixels[-1, -1, :2].tolist())


def test_full_is_the_image():
    image = coordinates(200, 100)
    assert shown("full", image, size=(200, 100), box=(1, 2, 3, 4)) is image


def test_box_is_the_square_around_the_first_object():
    # 40 x 20 around (70, 40): the square is 40 x 40.
    out = shown("box", coordinates(200, 100), size=(200, 100), box=(50, 30, 40, 20))
    assert corners(out) == (50, 20, 89, 59)


def test_the_margin_is_a_share_of_the_longer_side():
    out = shown("box", coordinates(200, 100), 0.25, size=(200, 100), box=(50, 30, 40, 20))
    assert corners(out) == (40, 10, 99, 69)


def test_a_square_that_juts_out_is_moved_in_and_cut_only_where_it_must_be():
    image = coordinates(200, 100)
    out = shown("box", image, size=(200, 100), box=(0, 70, 40, 30))
    assert corners(out) == (0, 60, 39, 99)
    out = shown("box", image, size=(200, 100), box=(150, 0, 50, 160))
    assert corners(out) == (40, 0, 199, 99)


def test_boxes_are_scaled_to_copies_of_the_video():
    # Annotated at 1920 x 1080, decoded at a tenth, as from the 540-pixel copies at a half.
    out = shown("box", coordinates(192, 108), size=(1920, 1080), box=(500, 300, 400, 200))
    assert corners(out) == (50, 20, 89, 59)


def test_boxes_are_those_of_the_image_where_no_size_is_given():
    out = shown("box", coordinates(200, 100), size=(None, None), box=(50, 30, 40, 20))
    assert corners(out) == (50, 20, 89, 59)
    image = coordinates(20, 10)
    assert shown("full", image, size=(None, None), box=(1, 2, 3, 4)) is image


def test_a_image_without_a_box_is_named():
    row = {"image_id": "v_0000007", "width": None, "height": None, "boxes": []}
    with pytest.raises(UserError, match=r"image v_0000007 has no box, .* use the view full"):
        list(VIEWS["box"](coordinates(20, 10), row, 0.0))
    ((_, out),) = VIEWS["full"](coordinates(20, 10), row, 0.0)
    assert out.size == (20, 10)


SIDES = st.floats(0.01, 300)


@given(st.floats(-50, 250), st.floats(-50, 150), SIDES, SIDES, st.floats(0, 1))
def test_a_box_always_shows_something_of_the_image(x, y, width, height, margin):
    out = shown("box", coordinates(200, 100), margin, size=(200, 100), box=(x, y, width, height))
    assert 1 <= out.width <= 200
    assert 1 <= out.height <= 100
