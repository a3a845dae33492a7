import numpy as np
from PIL import Image
from wildframe.exhibits.ego4d import (
    appendix_h_classes,
    fig3_gallery,
    fig4_statistics,
    fig5_in1k_vs_in21k,
)

from wildframe.frames.encode import encode

STEPS = ["kept", "duplicate", "no_object_box", "kept", "several_classes", "no_class", "kept"]
FUNNEL = [{"step": step, "annotation_labels": [["n1"]]} for step in STEPS]
FUNNEL[0]["annotation_labels"] = FUNNEL[4]["annotation_labels"] = [["n1", "n2"], ["n3"]]


def test_fig4_ends_with_what_was_examined():
    table = fig4_statistics.statistics(FUNNEL, ["ok", "ok", "media_missing"], "a demo", False)
    left = {row["step"]: row["left"] for row in table.rows}
    assert (left["listed"], left["no_object_box"], left["several_classes"]) == (7, 5, 3)
    assert table.rows[-1]["left"] == 2
    assert {row["paper_left"] for row in table.rows} == {None}
    assert table.notes[0] == "Data: a demo"


def test_fig4_shows_the_papers_numbers_for_licensed_data_only():
    table = fig4_statistics.statistics(FUNNEL, ["ok"] * 3, "Ego4D v1", True)
    paper = {row["step"]: row["paper_left"] for row in table.rows}
    assert (paper["listed"], paper["duplicate"], paper["no_object_box"]) == (
        "19071",
        "18964",
        "17754",
    )
    assert paper["no_noun"] is None


def test_fig5_counts_one_space():
    manifest = [{"labels": labels} for labels in (["n1"], ["n1", "n2"], ["n3"])]
    counted = fig5_in1k_vs_in21k.statistics(FUNNEL, ["ok", "ok", "decode_failed"], manifest, 1000)
    assert counted == {
        "parsed": 5,
        "with_class": 4,
        "several_in_one_annotation": 2,
        "several_classes": 1,
        "invalid": 1,
        "one_class": 2,
        "space_classes": 1000,
        "first_classes": 2,
        "all_classes": 3,
    }
    table = fig5_in1k_vs_in21k.comparison(counted, counted, "Ego4D v1", True)
    row = next(row for row in table.rows if row["statistic"] == "with_class")
    assert (row["in1k"], row["paper_in1k"], row["paper_in21k"]) == (4, "3474", "8488")


def test_appendix_h_lists_each_class_once():
    manifest = [
        {"labels": ["n2"], "words": ["cup"], "nouns": ["cup_(cup,_mug)"]},
        {"labels": ["n1", "n3"], "words": ["cardigan"], "nouns": ["shirt_(cardigan)"]},
        {"labels": ["n2"], "words": ["cup"], "nouns": ["cup"]},
    ]
    classes = [{"wnid": f"n{i}", "name": f"class {i}", "class_index": i} for i in range(5)]
    table = appendix_h_classes.classes_found(manifest, classes, "data")
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
    chosen = fig3_gallery.choose_examples(pictures, 4)
    areas = [fig3_gallery.box_area(one) for one in chosen]
    assert areas == sorted(areas)
    assert len({one["labels"][0] for one in chosen}) == 4
    few = fig3_gallery.choose_examples(pictures[:3], 4)
    assert len(few) == 3


def test_the_gallery_draws_boxes_at_the_pictures_own_size_and_repeats_its_bytes(tmp_path):
    # The copy has half the size of the annotated frame.
    data = encode(np.zeros((15, 20, 3), np.uint8), "png")
    examples = [picture("p0", 10.0, "n0")]
    paths = [tmp_path / name for name in ("a.png", "a.svg", "b.png", "b.svg")]
    for outputs in (paths[:2], paths[2:]):
        fig3_gallery.gallery(examples, {"p0": data}, {"n0": "cup"}, "demo", outputs)
    assert paths[0].read_bytes() == paths[2].read_bytes()
    assert paths[1].read_bytes() == paths[3].read_bytes()
    drawn = np.asarray(Image.open(paths[0]).convert("RGB")).reshape(-1, 3)
    yellow = (drawn == (255, 213, 0)).all(axis=1)
    assert yellow.sum() > 100
