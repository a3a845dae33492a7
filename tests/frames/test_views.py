import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from wildframe.core.errors import UserError
from wildframe.frames.views import KINDS, View, parse_view, view_kind
from wildframe.frames.views.box import Box
from wildframe.frames.views.full import Full


def coordinates(width, height):
    """Return an image each of whose pixels says where it is: red is x, green is y."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[..., 0] = np.arange(width)
    pixels[..., 1] = np.arange(height)[:, None]
    return Image.fromarray(pixels)


def shown(view, image, *, size, box):
    sides = dict(zip(("x", "y", "width", "height"), box, strict=True))
    row = {
        "image_id": "a",
        "width": size[0],
        "height": size[1],
        "boxes": [sides, sides | {"x": -1}],
    }
    ((key, out),) = view.crops(image, row)
    assert key == ""
    return out


def corners(image):
    """Return (left, top, right, bottom), the last two inclusive."""
    pixels = np.asarray(image)
    return (*pixels[0, 0, :2].tolist(), *pixels[-1, -1, :2].tolist())


def test_full_is_the_image():
    image = coordinates(200, 100)
    assert shown(Full(), image, size=(200, 100), box=(1, 2, 3, 4)) is image


def test_box_is_the_square_around_the_first_object():
    # 40 x 20 around (70, 40): the square is 40 x 40.
    out = shown(Box(margin=0), coordinates(200, 100), size=(200, 100), box=(50, 30, 40, 20))
    assert corners(out) == (50, 20, 89, 59)


def test_the_margin_is_a_share_of_the_longer_side():
    out = shown(Box(margin=0.25), coordinates(200, 100), size=(200, 100), box=(50, 30, 40, 20))
    assert corners(out) == (40, 10, 99, 69)


def test_a_square_that_juts_out_is_moved_in_and_cut_only_where_it_must_be():
    image = coordinates(200, 100)
    out = shown(Box(margin=0), image, size=(200, 100), box=(0, 70, 40, 30))
    assert corners(out) == (0, 60, 39, 99)
    out = shown(Box(margin=0), image, size=(200, 100), box=(150, 0, 50, 160))
    assert corners(out) == (40, 0, 199, 99)


def test_boxes_are_scaled_to_copies_of_the_video():
    # Annotated at 1920 x 1080, decoded at a tenth, as from the 540-pixel copies at a half.
    out = shown(Box(margin=0), coordinates(192, 108), size=(1920, 1080), box=(500, 300, 400, 200))
    assert corners(out) == (50, 20, 89, 59)


def test_each_side_of_a_box_is_scaled_by_its_own_side_of_the_image():
    # Stored at half the height: 40 x 10 around (70, 20).
    out = shown(Box(margin=0), coordinates(192, 54), size=(1920, 1080), box=(500, 300, 400, 200))
    assert corners(out) == (50, 0, 89, 39)


def test_boxes_are_those_of_the_image_where_no_size_is_given():
    out = shown(Box(margin=0), coordinates(200, 100), size=(None, None), box=(50, 30, 40, 20))
    assert corners(out) == (50, 20, 89, 59)
    image = coordinates(20, 10)
    assert shown(Full(), image, size=(None, None), box=(1, 2, 3, 4)) is image


def test_a_image_without_a_box_is_named():
    row = {"image_id": "v_0000007", "width": None, "height": None, "boxes": []}
    with pytest.raises(UserError, match=r"image v_0000007 has no box, .* use the view full"):
        list(Box().crops(coordinates(20, 10), row))
    ((_, out),) = Full().crops(coordinates(20, 10), row)
    assert out.size == (20, 10)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("full", "view full: Invalid JSON"),
        ('{"kind": "bax"}', "kind is one of box, full"),
        ("{}", "kind is one of box, full"),
        ('{"kind": "box", "margin": 2}', r"margin: Input should be less than or equal to 1"),
        ('{"kind": "zoom", "grid": [2, 1]}', r": grid: '\[2, 1\]' is neither paper, small, nor a"),
        ('{"kind": "full", "margin": 0}', "margin: Extra inputs are not permitted"),
    ],
)
def test_settings_that_are_no_view_are_refused(text, message):
    with pytest.raises(UserError, match=message):
        parse_view(text)


def test_a_view_is_its_settings():
    view = parse_view('{"kind": "box", "margin": 0.2}')
    assert view == Box(margin=0.2)
    assert parse_view(view.model_dump_json()) == view
    assert view.code == "frames.views.box:Box"
    assert (view.note, Full().note) == ("cropped to the object, margin 0.2", "")


RED = Image.new("RGB", (2, 2), "red")


def declared(methods, kind):
    """Return a class of views of a module of the user's, without its decorator."""
    fields = {"__module__": "mine", "__annotations__": dict.fromkeys(kind, str), **kind, **methods}
    return type("Mine", (View,), fields)


@pytest.mark.parametrize(
    ("methods", "kind", "message"),
    [
        (["crops"], {"kind": "box"}, r"mine.Mine: kind 'box' is that of .*views\.box\.Box; give"),
        (["crops"], {}, "mine.Mine: names no kind; write kind: Literal"),
        (["crop"], {"kind": "mine"}, "mine.Mine: has no method crops; write one"),
    ],
)
def test_a_kind_that_is_taken_unnamed_or_shows_nothing_is_refused(methods, kind, message):
    before = dict(KINDS)
    with pytest.raises(UserError, match=message):
        view_kind(declared(dict.fromkeys(methods, lambda self, image, row: iter(())), kind))
    assert before == KINDS


@pytest.mark.parametrize(
    ("crops", "found"),
    [
        ([("a", RED), ("a", RED)], "the key 'a' twice"),
        ([], "nothing"),
        ([RED], "Image"),
        ([("a", np.zeros((2, 2, 3)))], r"\(str, ndarray\)"),
        ([(0, RED)], r"\(int, Image\)"),
        ([("a", RED.crop((1, 0, 1, 2)))], "an image of 0 x 2 pixels in RGB"),
        ([("a", RED.convert("L"))], "an image of 2 x 2 pixels in L"),
    ],
)
def test_what_is_no_crop_stops_with_the_kind_and_the_image(crops, found):
    view = declared({"crops": lambda self, image, row: iter(crops)}, {"kind": "mine"})()
    with pytest.raises(UserError, match=f"of kind mine: image i7: crops yielded {found}; let it"):
        list(view.checked_crops(RED, {"image_id": "i7"}))


@pytest.mark.parametrize(("returned", "found"), [(None, "NoneType"), (RED, "Image")])
def test_crops_that_yield_nothing_to_iterate_stop_likewise(returned, found):
    view = declared({"crops": lambda self, image, row: returned}, {"kind": "mine"})()
    with pytest.raises(UserError, match=f"mine: image i7: crops returned {found}; let it yield"):
        list(view.checked_crops(RED, {"image_id": "i7"}))


def test_crops_are_shown_as_they_are_yielded():
    crops = [("a", RED), ("b", RED)]
    view = declared({"crops": lambda self, image, row: iter(crops)}, {"kind": "mine"})()
    assert list(view.checked_crops(RED, {"image_id": "i7"})) == crops


@pytest.fixture(scope="module")
def grid(documented):
    """The kind of views that docs/extend.md adds, for the tests of this module."""
    ((_, code),) = documented("A view")
    module = {"__name__": "grid"}
    exec(code, module)
    yield lambda n: parse_view(f'{{"kind": "grid", "n": {n}}}')
    del KINDS["grid"]


def test_tiles_by_hand(grid):
    # 7 x 5 in 2 x 2: columns of 3 and 4, rows of 2 and 3.
    tiles = {key: corners(tile) for key, tile in grid(2).crops(coordinates(7, 5), {})}
    assert tiles == {
        "0,0": (0, 0, 2, 1),
        "0,1": (3, 0, 6, 1),
        "1,0": (0, 2, 2, 4),
        "1,1": (3, 2, 6, 4),
    }
    assert grid(2).note == "2 x 2 tiles, probabilities averaged"
    assert grid(2).scoring_options == ["--aggregate=mean_probability"]


@given(st.integers(1, 40), st.integers(1, 40), st.integers(2, 9))
def test_each_pixel_is_in_one_tile(grid, width, height, n):
    tiles = dict(grid(n).crops(coordinates(width, height), {}))
    seen = [
        tuple(pixel)
        for tile in tiles.values()
        for pixel in np.asarray(tile)[..., :2].reshape(-1, 2).tolist()
    ]
    assert sorted(seen) == [(x, y) for x in range(width) for y in range(height)]
    assert len(tiles) == min(n, width) * min(n, height)


SIDES = st.floats(0.01, 300)


@given(st.floats(-50, 250), st.floats(-50, 150), SIDES, SIDES, st.floats(0, 1))
def test_a_box_always_shows_something_of_the_image(x, y, width, height, margin):
    out = shown(
        Box(margin=margin), coordinates(200, 100), size=(200, 100), box=(x, y, width, height)
    )
    assert 1 <= out.width <= 200
    assert 1 <= out.height <= 100
