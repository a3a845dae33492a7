import numpy as np
import pytest
from ego4d_data import SHARED, found
from making import make, texts_of
from PIL import Image

from wildframe.core import schemas
from wildframe.core.errors import UserError
from wildframe.core.tables import write_rows
from wildframe.frames.encode import encode
from wildframe.scores.evaluated import first_box_area
from wildframe.studies.ego4d.fig3_gallery import choose_examples, text_above
from wildframe.studies.ego4d.panels import draw_gallery


def manifest_row(image_id, side, label):
    return {
        "image_id": image_id,
        "labels": [label],
        "nouns": ["$noun_(a,_b)"],
        "boxes": [{"x": 4.0, "y": 2.0, "width": side, "height": side}],
        "width": 40,
        "height": 30,
    }


def test_examples_run_from_small_to_large_without_repeating_a_class():
    images = [manifest_row(f"p{i}", side=20 - i, label=f"n{i // 2}") for i in range(16)]
    chosen = choose_examples(images, 4)
    areas = [first_box_area(one) for one in chosen]
    assert areas == sorted(areas)
    assert len({one["labels"][0] for one in chosen}) == 4
    few = choose_examples(images[:3], 4)
    assert len(few) == 3


def test_images_without_boxes_are_spread_by_their_ids():
    bare = {"nouns": [], "boxes": [], "width": None, "height": None}
    images = [manifest_row(f"p{i}", 1, "n0") | bare for i in (3, 1, 2, 0, 4)]
    assert [one["image_id"] for one in choose_examples(images, 3)] == ["p0", "p2", "p4"]
    assert text_above(images[0], {"n0": "cup"}) == ["cup"]
    data = encode(np.zeros((15, 20, 3), np.uint8), "png")
    drawing = draw_gallery([(images[0], ["cup"])], {"p3": data})
    assert not drawing.axes[0].patches


def test_the_gallery_draws_boxes_at_the_images_own_size():
    # The copy has half the size of the annotated frame.
    data = encode(np.zeros((15, 20, 3), np.uint8), "png")
    example = manifest_row("p0", 10.0, "n0")
    panels = [(example, text_above(example, {"n0": "cup"}))] * 2
    drawing = draw_gallery(panels, {"p0": data})
    first, second = drawing.axes
    (box,) = first.patches
    assert (*box.get_xy(), box.get_width(), box.get_height()) == (2, 1, 5, 5)
    assert len(second.images) == 1
    # 100 of 1,200 pixels.
    assert set(texts_of(drawing)) == {"$noun → cup\nbox 8.3 % of the image"}
    assert not any(axis.title.get_parse_math() for axis in drawing.axes if axis.images)


def made_of(folder):
    return found(folder, **SHARED, readable="statuses")


def test_fig3_shows_what_could_be_read(set_files):
    written = make("fig3_gallery", set_files, made_of(set_files), data_note="a $demo")
    assert Image.open(written[".png"]).width == 1375
    assert r"Data: a \$demo" in written[".caption.md"].read_text()


def test_images_that_are_in_no_shard_are_named(set_files):
    write_rows(set_files / "0-of-1.parquet", schemas.FRAMES, [])
    with pytest.raises(UserError, match=r"image p0 of .* is in none of the shards"):
        make("fig3_gallery", set_files, made_of(set_files), data_note="d")
