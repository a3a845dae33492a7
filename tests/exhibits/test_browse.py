"""The data side of the browsable page; test_browse_page.py drives it in a browser."""

import base64
import io
import re

import numpy as np
import pytest
from browse_data import (
    NAMES,
    PREPROCESSING,
    cam,
    frame,
    manifest_row,
    read_part,
    result,
    write_page,
)
from frames_data import kept
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from wildframe.core.errors import UserError
from wildframe.core.pages import page_file
from wildframe.exhibits import browse
from wildframe.exhibits.browse_files import TEMPLATES, save_image
from wildframe.frames.png import encode_png
from wildframe.frames.preprocessing import Preprocessing
from wildframe.frames.views import View
from wildframe.frames.views.box import Box
from wildframe.frames.views.full import Full

ROWS = [
    manifest_row("b", ["n1"], "mug_(mug,_cup)"),
    manifest_row("a", ["n2", "n3"]),
    manifest_row("c", ["n1"]),
]
FIRST = [result(ROWS[0], ("n1", 0.5), ("n4", 0.25)), result(ROWS[1], ("n4", 0.9999996))]
FIRST += [result(ROWS[2], ("n2", 1 / 3), ("n1", 0.1))]
SECOND = [result(row, ("n3", 0.5)) for row in reversed(ROWS)]


def contents(folder):
    """Return every file of a folder by its path in there."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.fixture
def page(tmp_path):
    return write_page(tmp_path, ROWS, {"first": FIRST, "second": SECOND})


def test_a_page_is_its_templates_its_data_and_its_images(page):
    assert set(contents(page)) == {
        *TEMPLATES,
        *(f"data/{part}.js" for part in ("images", "model-00", "model-01")),
        *(f"images/{name}.jpg" for name in "abc"),
    }


def test_images_keep_the_order_of_the_manifest_and_say_where_they_come_from(page):
    part = read_part(page, "images")
    assert (part["title"], part["data_note"]) == ("Study", "made-up")
    told = part["images"]
    assert told["image_id"] == ["b", "a", "c"]
    assert told["media"] == ["clips/b.mp4", "clips/a.mp4", "clips/c.mp4"]
    assert told["frame"] == [24] * 3
    assert told["group_id"][1] == "clip of a"
    assert told["video_id"] == [None] * 3
    assert told["nouns"][0] == ["mug_(mug,_cup)"]
    # 10, 20, 30, 5 in 100 x 50 pixels.
    assert told["boxes"][0] == [[0.1, 0.4, 0.3, 0.1]]
    assert {len(column) for column in told.values()} == {3}


def test_classes_are_named_once(page):
    part = read_part(page, "images")
    wnids = part["classes"]["wnid"]
    assert sorted(wnids) == ["n1", "n2", "n3", "n4"]
    assert part["classes"]["name"] == [NAMES[wnid] for wnid in wnids]
    named = [[wnids[number] for number in labels] for labels in part["images"]["labels"]]
    assert named == [["n1"], ["n2", "n3"], ["n1"]]
    assert [[wnids[n] for n in one] for one in part["images"]["doubtful"]] == [[], ["n3"], []]


def test_classes_of_one_name_are_told_apart(tmp_path):
    names = {"n1": "crane", "n2": "crane", "n3": "cup"}
    page = write_page(tmp_path, ROWS, {"first": FIRST}, class_names=names)
    classes = read_part(page, "images")["classes"]
    told = dict(zip(classes["wnid"], classes["name"], strict=True))
    assert told == {"n1": "crane (n1)", "n2": "crane (n2)", "n3": "cup", "n4": "n4"}


def test_what_each_model_said_stands_in_the_order_of_the_images(page):
    wnids = read_part(page, "images")["classes"]["wnid"]
    first = read_part(page, "model-00")
    told = [[*map(wnids.__getitem__, top[::2]), *top[1::2]] for top in first["top"]]
    assert told == [["n1", "n4", 500000, 250000], ["n4", 1000000], ["n2", "n1", 333333, 100000]]
    # The second model's table has the opposite order, and is correct on "a".
    models = read_part(page, "images")["models"]
    assert [model["correct"] for model in models] == ["100", "010"]
    assert [model["name"] for model in read_part(page, "images")["models"]] == ["first", "second"]


def test_what_a_model_sees_follows_by_hand():
    # 40 x 30 becomes 42 x 32, of which 24 x 24 from (9, 4) are seen.
    seen = browse.crop_rectangle(PREPROCESSING, 40, 30)
    assert seen == (9 / 42, 4 / 32, 24 / 42, 24 / 32)
    assert browse.crop_rectangle(PREPROCESSING, 30, 40) == (4 / 32, 9 / 42, 24 / 32, 24 / 42)
    squash = Preprocessing(32, 24, "bicubic", "squash")
    assert browse.crop_rectangle(squash, 40, 30) == (4 / 32, 4 / 32, 24 / 32, 24 / 32)


@given(
    width=st.integers(60, 300),
    height=st.integers(60, 300),
    resize=st.integers(64, 128),
    fraction=st.floats(0.5, 1),
    mode=st.sampled_from(["center", "squash"]),
)
def test_what_a_model_sees_is_what_preprocessing_cuts(width, height, resize, fraction, mode):
    preprocessing = Preprocessing(resize, int(resize * fraction), "bilinear", mode)
    across = np.broadcast_to((np.arange(width) + 0.5) / width, (height, width))
    down = np.broadcast_to(((np.arange(height) + 0.5) / height)[:, None], (height, width))
    places = np.stack([across, down, down], axis=-1) * 255
    cut = preprocessing(Image.fromarray(places.astype(np.uint8))) / 255
    x, y, wide, high = browse.crop_rectangle(preprocessing, width, height)
    half = 0.5 / preprocessing.crop
    middle = cut.shape[0] // 2
    for channel, start, length in ((0, x, wide), (1, y, high)):
        line = cut[middle, :, 0] if channel == 0 else cut[:, middle, 1]
        assert line[0] == pytest.approx(start + half * length, abs=0.015)
        assert line[-1] == pytest.approx(start + (1 - half) * length, abs=0.015)


def test_an_external_model_sees_the_whole_image_and_may_have_no_probabilities(tmp_path):
    rows = [manifest_row("a", ["n1"])]
    write_page(tmp_path, rows, {"ours": [result(rows[0], ("n1", None))]})
    browse.write_browser(
        tmp_path / "external",
        title="Study",
        data_note="made-up",
        manifest=tmp_path / "manifest.parquet",
        frames=[tmp_path / "0-of-1.parquet"],
        models=[browse.EvaluatedModel("ours", tmp_path / "ours.parquet", None)],
        class_names=NAMES,
        view=Full(),
        statuses=tmp_path / "statuses.parquet",
    )
    part = read_part(tmp_path / "external", "model-00")
    assert part["crops"] == [[0, 0, 1, 1]]
    assert part["top"] == [[0, None]]


def test_a_model_that_is_shown_the_box_sees_a_part_of_it(tmp_path):
    # The box is 30 x 5 in 100 x 50: 12 x 3 at (4, 12) in 40 x 30, so the square is 12 x 12.
    page = write_page(tmp_path, ROWS[:1], {"first": FIRST[:1]}, view=Box(margin=0))
    part = read_part(page, "model-00")
    # The square starts at (4, 13.5 - 6 = 7.5, rounded to even: 8); 24/32 of it is seen.
    x, y, width, height = part["crops"][part["crop"][0]]
    assert (width, height) == pytest.approx((12 / 40 * 0.75, 12 / 30 * 0.75), abs=1e-5)
    assert (x, y) == pytest.approx(((4 + 1.5) / 40, (8 + 1.5) / 30), abs=1e-5)


def declared(crop):
    """Return a view that shows one crop of an image."""

    class Mine(View):
        kind: str = "mine"

        def crops(self, image, row):
            yield "", crop(image)

    return Mine()


def lightest(image):
    """Return the lighter half of an image of 40 x 30, the upper or the lower."""
    halves = [image.crop(box) for box in ((0, 0, 40, 15), (0, 15, 40, 30))]
    return max(halves, key=lambda half: np.asarray(half).mean())


def no_ramp(image):
    """Return the left half; refuse what has many colours."""
    if len(np.unique(np.asarray(image))) > 2:
        raise UserError("nothing is found")
    return image.crop((0, 0, 20, 30))


def of_blue(image):
    """Return what is right of the first blue pixel, which positions of small images lack."""
    return image.crop((np.nonzero(np.asarray(image)[..., 2])[1].min(), 0, 20, 15))


@pytest.mark.parametrize(
    ("crop", "seen"),
    [
        (lambda image: image.crop((20, 15, 40, 30)), (20, 15, 20, 15)),
        (lambda image: image.crop((-1, 0, 20, 30)), None),
        (lambda image: image.crop((30, 20, 50, 40)), None),
        (lambda image: image.crop((0, 0, 20, 30)).resize((10, 15)), None),
        (lambda image: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT), None),
        # Of positions the lower half is lighter: the larger numbers.
        (lightest, None),
        (no_ramp, None),
        (of_blue, None),
    ],
    ids=["cut", "juts out", "and right", "resized", "mirrored", "by pixels", "refused", "fails"],
)
def test_only_the_part_that_a_model_was_shown_is_marked(crop, seen, tmp_path):
    # The upper left quarter of the image is white, the rest black.
    pixels = np.zeros((30, 40, 3), np.uint8)
    pixels[:15, :20] = 255
    frames = [kept("b", encode_png(pixels))]
    page = write_page(tmp_path, ROWS[:1], {"first": FIRST[:1]}, frames=frames, view=declared(crop))
    part = read_part(page, "model-00")
    assert part["crop"] == [0]
    (marked,) = part["crops"]
    if seen is None:
        assert marked is None
    else:
        # 20 x 15 becomes 42 x 32, of which 24 x 24 from (9, 4) are seen.
        x, y, width, height = seen
        by_hand = (x + width * 9 / 42, y + height * 4 / 32, width * 24 / 42, height * 24 / 32)
        shares = [value / side for value, side in zip(by_hand, (40, 30, 40, 30), strict=True)]
        assert marked == pytest.approx(shares, abs=1e-5)


def test_a_part_of_many_pixels_is_found(tmp_path):
    # 4,097 x 4,096 pixels are more than three bytes number: the last one has the number 4,095.
    image = Image.new("RGB", (4097, 4096))
    image.putpixel((4096, 4095), (1, 2, 3))
    view = declared(lambda image: image.crop((4096, 4095, 4097, 4096)))
    ((_, seen),) = browse._regions(image, {"image_id": "a"}, view)
    assert seen.region == (4096 / 4097, 4095 / 4096, 1 / 4097, 1 / 4096)


def test_images_are_brought_to_a_size_for_reading(tmp_path):
    frames = [frame(ROWS[0], (1440, 1080)), frame(ROWS[1], (300, 900)), frame(ROWS[2], (20, 10))]
    page = write_page(tmp_path, ROWS, {"first": FIRST}, frames=frames)
    sizes = [Image.open(page / "images" / f"{name}.jpg").size for name in "bac"]
    assert sizes == [(512, 384), (171, 512), (20, 10)]
    assert read_part(page, "images")["images"]["size"] == [list(size) for size in sizes]
    # Two sizes and shapes, so two parts that the model sees; 300 x 900 is another.
    part = read_part(page, "model-00")
    assert len(part["crops"]) == 3


@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_images_hold_pixels_only(tmp_path, form):
    told = PngInfo()
    told.add_text("comment", "told")
    file = io.BytesIO()
    options = {"pnginfo": told} if form == "PNG" else {"comment": b"told"}
    Image.new("RGB", (40, 30)).save(
        file, form, exif=b"Exif\0\0told", icc_profile=b"told", **options
    )
    assert b"told" in file.getvalue()
    assert save_image(tmp_path / "a.jpg", Image.open(file)) == (40, 30)
    assert b"told" not in (tmp_path / "a.jpg").read_bytes()


def test_maps_lie_in_chunks_scaled_by_their_maximum(tmp_path, monkeypatch):
    monkeypatch.setattr(browse, "CHUNK", 2)
    maps = [
        cam(ROWS[2], "n1", [0.0, 1.0, 2.0, 4.0]),
        cam(ROWS[0], "n1", [0.0] * 4),
        cam(ROWS[0], "n4", [0.5, 0.0, 0.0, 0.0], "predicted"),
        cam(manifest_row("elsewhere", []), "n7", [1.0] * 4),
    ]
    page = write_page(tmp_path, ROWS, {"first": FIRST, "second": SECOND}, cams={"second": maps})
    told = read_part(page, "images")
    assert [model["gradcams"] for model in told["models"]] == [[], ["label", "predicted"]]
    assert told["chunk"] == 2
    wnids = told["classes"]["wnid"]
    nothing = base64.b64encode(bytes(4)).decode()
    assert read_part(page, "cam-01-label-000") == [[wnids.index("n1"), 2, 2, 0, nothing], None]
    ((target, height, width, strongest, packed),) = read_part(page, "cam-01-label-001")
    assert (wnids[target], height, width, strongest) == ("n1", 2, 2, 4)
    # 255 / 4 = 63.75 and 127.5.
    assert list(base64.b64decode(packed)) == [0, 64, 128, 255]
    assert read_part(page, "cam-01-predicted-001") == [None]
    assert not (page / "data" / "cam-00-label-000.js").exists()


EVIL = "</script><script>alert(1)</script>\u2028\u2029 \\ \" ' ﬁ"


def test_no_text_of_the_data_can_leave_its_string(tmp_path):
    rows = [manifest_row("a", ["n1"], EVIL)]
    names = {"n1": '<img src=x onerror="alert(1)">'}
    told = [result(rows[0], ("n1", 0.5))]
    page = write_page(tmp_path, rows, {"<b>": told}, class_names=names, data_note="</script>")
    for path in (page / "data").iterdir():
        assert "<" not in path.read_text(encoding="ascii")
    part = read_part(page, "images")
    assert part["images"]["nouns"] == [[EVIL]]
    assert part["classes"]["name"] == [names["n1"]]
    assert part["models"][0]["name"] == "<b>"
    assert part["data_note"] == "</script>"


def test_the_page_itself_makes_no_markup_of_text_and_needs_no_network():
    templates = {name: page_file("browse", name).decode() for name in TEMPLATES}
    assert "textContent" in templates["browse.js"]
    for name, text in templates.items():
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\b|Function\(",
            text,
        ), name
        assert not re.search(r"https?:|//[a-z]|@import|url\(|fetch\(", text), name


def test_the_same_data_give_the_same_bytes_and_replace_what_was_there(tmp_path):
    models = {"first": FIRST, "second": SECOND}
    cams = {"first": [cam(ROWS[1], "n2", [1.0, 0.1, 0.2, 0.3])]}
    first = contents(write_page(tmp_path, ROWS, models, cams=cams))
    (tmp_path / "page" / "data" / "stale.js").write_text("stale")
    assert contents(write_page(tmp_path, ROWS, models, cams=cams)) == first
    assert contents(write_page(tmp_path, ROWS, models, cams=cams, output="other")) == first


def refused(tmp_path, match, *args, **options):
    """Check that a page is refused in one sentence and that nothing is left of it."""
    with pytest.raises(UserError, match=match):
        write_page(tmp_path, *args, **options)
    assert not [path for path in tmp_path.iterdir() if path.suffix != ".parquet"]


def test_tables_that_do_not_belong_together_are_named(tmp_path):
    refused(tmp_path, r"b\.parquet: the models .* same images", ROWS, {"a": FIRST, "b": SECOND[1:]})
    twice = [*SECOND, SECOND[0]]
    refused(tmp_path, r"b\.parquet: the models .* once", ROWS, {"a": FIRST, "b": twice})
    refused(tmp_path, r"a\.parquet: image c is not in .*manifest\.parquet", ROWS[:2], {"a": FIRST})
    refused(tmp_path, r"a\.parquet: no image was evaluated", ROWS, {"a": []})
    unread = [frame(ROWS[0]), frame(ROWS[1], status="media_missing"), frame(ROWS[2])]
    refused(
        tmp_path, "image a was evaluated, but could not be read", ROWS, {"a": FIRST}, frames=unread
    )


def test_a_damaged_map_is_named(tmp_path):
    for values in ([1.0, float("nan"), 0.0, 0.0], [1.0, float("inf"), 0.0, 0.0]):
        maps = {"a": [cam(ROWS[1], "n2", values)]}
        refused(tmp_path, r"a\.gradcam\.parquet: the map of a", ROWS, {"a": FIRST}, cams=maps)
    short = cam(ROWS[1], "n2", [1.0, 1.0, 1.0, 1.0]) | {"width": 3}
    refused(tmp_path, "the map of a is damaged", ROWS, {"a": FIRST}, cams={"a": [short]})


def test_an_id_that_is_no_file_name_is_refused(tmp_path):
    rows = [manifest_row("../../escaped", ["n1"])]
    told = [result(rows[0], ("n1", 0.5))]
    refused(tmp_path, r"image_id '\.\./\.\./escaped' cannot be a file name", rows, {"a": told})


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "page").mkdir()
    (tmp_path / "page" / "mine.txt").write_text("mine")
    with pytest.raises(UserError, match="holds something else"):
        write_page(tmp_path, ROWS, {"first": FIRST})
    assert contents(tmp_path / "page") == {"mine.txt": b"mine"}
