"""Fig. 3 to 5 and Appendix H: what is in the test set."""

import numpy as np
import pytest
from making import make, rows_of, texts_of
from PIL import Image
from score_data import write_classes

from wildframe.core import schemas
from wildframe.core.errors import UserError
from wildframe.core.tables import write_rows
from wildframe.frames.encode import encode
from wildframe.studies.ego4d.appendix_h_classes import appendix_h_classes
from wildframe.studies.ego4d.fig3_gallery import box_area, choose_examples, draw
from wildframe.studies.ego4d.fig4_statistics import fig4_statistics
from wildframe.studies.ego4d.fig5_in1k_vs_in21k import fig5_in1k_vs_in21k, statistics

STEPS = ["kept", "duplicate", "no_object_box", "kept", "several_classes", "no_class", "kept"]
FUNNEL = [{"step": step, "annotation_labels": [["n1"]]} for step in STEPS]
FUNNEL[0]["annotation_labels"] = FUNNEL[4]["annotation_labels"] = [["n1", "n2"], ["n3"]]


def became(*statuses):
    """Return what became of pictures, as the station of frames says it."""
    return [{"image_id": f"p{i}", "status": status} for i, status in enumerate(statuses)]


def test_fig4_ends_with_what_was_examined():
    table = fig4_statistics(FUNNEL, became("ok", "ok", "media_missing"), "a demo", False)
    left = {row["step"]: row["left"] for row in table.rows}
    assert (left["listed"], left["no_object_box"], left["several_classes"]) == (7, 5, 3)
    assert table.rows[-1]["left"] == 2
    assert {row["paper_left"] for row in table.rows} == {None}
    assert table.notes[0] == "Data: a demo"


def test_fig4_shows_the_papers_numbers_for_licensed_data_only():
    table = fig4_statistics(FUNNEL, became("ok", "ok", "ok"), "Ego4D v1", True)
    paper = {row["step"]: row["paper_left"] for row in table.rows}
    assert (paper["listed"], paper["duplicate"], paper["no_object_box"]) == (
        "19071",
        "18964",
        "17754",
    )
    assert paper["no_noun"] is None


def test_fig5_counts_one_space():
    labels = (["n1"], ["n1", "n2"], ["n3"])
    manifest = [{"image_id": f"p{i}", "labels": labels[i]} for i in range(3)]
    # Of the third, the labels do not count.
    statuses = became("ok", "ok", "decode_failed")
    assert statistics(FUNNEL, manifest, statuses, 1000) == {
        "parsed": 5,
        "with_class": 4,
        "several_in_one_annotation": 2,
        "several_classes": 1,
        "invalid": 1,
        "one_class": 2,
        "space_classes": 1000,
        "first_classes": 1,
        "all_classes": 2,
    }
    space = (FUNNEL, manifest, statuses)
    counts = {"in1k": 1000, "in21k": 21843}
    table = fig5_in1k_vs_in21k(*space, *space, counts, "Ego4D v1", True)
    sizes = next(row for row in table.rows if row["statistic"] == "space_classes")
    assert (sizes["in1k"], sizes["in21k"]) == (1000, 21843)
    row = next(row for row in table.rows if row["statistic"] == "with_class")
    assert (row["in1k"], row["paper_in1k"], row["paper_in21k"]) == (4, "3474", "8488")


def test_appendix_h_lists_each_class_once():
    manifest = [
        {"labels": ["n2"], "words": ["cup"], "nouns": ["cup_(cup,_mug)"]},
        {"labels": ["n1", "n3"], "words": ["cardigan"], "nouns": ["shirt_(cardigan)"]},
        {"labels": ["n2"], "words": ["cup"], "nouns": ["cup"]},
        {"labels": ["n4"], "words": ["pot"], "nouns": ["pot"]},
    ]
    manifest = [row | {"image_id": f"p{i}"} for i, row in enumerate(manifest)]
    classes = [{"wnid": f"n{i}", "name": f"class {i}", "class_index": i} for i in range(5)]
    # The last could not be read.
    table = appendix_h_classes(manifest, {"p0", "p1", "p2"}, classes, "data")
    assert [(row["words"], row["class_index"], row["pictures"]) for row in table.rows] == [
        ("cardigan", 1, 1),
        ("cardigan", 3, 1),
        ("cup", 2, 2),
    ]
    assert table.rows[2]["nouns"] == "cup cup_(cup,_mug)"
    assert "the 3 ImageNet-1K classes" in table.title


def picture(image_id, side, label):
    return {
        "image_id": image_id,
        "labels": [label],
        "nouns": ["$noun_(a,_b)"],
        "boxes": [{"x": 4.0, "y": 2.0, "width": side, "height": side}],
        "width": 40,
        "height": 30,
    }


def test_examples_run_from_small_to_large_without_repeating_a_class():
    pictures = [picture(f"p{i}", side=20 - i, label=f"n{i // 2}") for i in range(16)]
    chosen = choose_examples(pictures, 4)
    areas = [box_area(one) for one in chosen]
    assert areas == sorted(areas)
    assert len({one["labels"][0] for one in chosen}) == 4
    few = choose_examples(pictures[:3], 4)
    assert len(few) == 3


def test_the_gallery_draws_boxes_at_the_pictures_own_size():
    # The copy has half the size of the annotated frame.
    data = encode(np.zeros((15, 20, 3), np.uint8), "png")
    drawing = draw("a title", [picture("p0", 10.0, "n0")], {"p0": data}, {"n0": "cup"})
    first, *others = drawing.axes
    (box,) = first.patches
    assert (*box.get_xy(), box.get_width(), box.get_height()) == (2, 1, 5, 5)
    assert not any(axis.images for axis in others)
    # 100 of 1,200 pixels.
    assert set(texts_of(drawing)) == {"a title", "$noun → cup\nbox 8.3 % of the picture"}
    assert not any(axis.title.get_parse_math() for axis in drawing.axes if axis.images)


@pytest.fixture
def files(tmp_path, blank, picture):
    """What these exhibits are made of: two pictures, the second of which could not be read."""
    manifest = [picture("p0", labels=["n0"]), picture("p1", labels=["n1"])]
    write_rows(tmp_path / "manifest.parquet", schemas.MANIFEST, manifest)
    texts = {field.name: "x" for field in schemas.FUNNEL.fields if str(field.type) == "string"}
    funnel = [blank(schemas.FUNNEL, **texts) | {"step": "kept", "annotation_labels": [["n0"]]}] * 2
    write_rows(tmp_path / "funnel.parquet", schemas.FUNNEL, funnel)
    statuses = [blank(schemas.STATUSES, detail="") | one for one in became("ok", "media_missing")]
    write_rows(tmp_path / "statuses.parquet", schemas.STATUSES, statuses)
    image = encode(np.zeros((50, 100, 3), np.uint8), "png")
    frames = [
        blank(schemas.FRAMES, image_id="p0", status="ok", detail="", image=image),
        blank(schemas.FRAMES, image_id="p1", status="media_missing", detail="gone"),
    ]
    write_rows(tmp_path / "frames.parquet", schemas.FRAMES, frames)
    write_classes(tmp_path / "classes.parquet")
    return tmp_path


def found(folder, **parameters):
    return {key: folder / f"{name}.parquet" for key, name in parameters.items()}


def test_fig3_shows_what_could_be_read(files):
    shared = {"frames": "frames", "manifest": "manifest", "class_names": "classes"}
    inputs = found(files, **shared, readable="statuses")
    written = make("fig3_gallery", files, inputs, data_note="a $demo")
    assert Image.open(written[".png"]).width == 1375
    assert r"Data: a \$demo" in written[".caption.md"].read_text()


def test_pictures_that_are_in_no_shard_are_named(files):
    write_rows(files / "frames.parquet", schemas.FRAMES, [])
    shared = {"frames": "frames", "manifest": "manifest", "class_names": "classes"}
    with pytest.raises(UserError, match="picture p0 cannot be shown"):
        make("fig3_gallery", files, found(files, **shared, readable="statuses"), data_note="d")


def test_the_tables_count_what_could_be_read(files):
    settings = {"data_note": "a demo", "compare": False}
    inputs = found(files, funnel="funnel", statuses="statuses")
    fig4 = rows_of(make("fig4_statistics", files, inputs, **settings)[".csv"])
    assert fig4[-1]["left"] == "1"
    parameters = {
        f"{space}_{name}": name
        for space in ("in1k", "in21k")
        for name in ("funnel", "manifest", "statuses")
    }
    inputs = found(files, **parameters, class_counts="classes")
    fig5 = rows_of(make("fig5_in1k_vs_in21k", files, inputs, **settings)[".csv"])
    shown = {row["statistic"]: (row["in1k"], row["in21k"]) for row in fig5}
    assert shown["all_classes"] == ("1", "1")
    assert shown["space_classes"] == ("3", "5")
    inputs = found(files, manifest="manifest", readable="statuses", classes="classes")
    appendix = make("appendix_h_classes", files, inputs, data_note="a demo")
    assert [row["class_name"] for row in rows_of(appendix[".csv"])] == ["cup"]
