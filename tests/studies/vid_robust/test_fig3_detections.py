"""Fig. 3: what a detector finds on anchors and on worst frames, and where names of boxes stand."""

from pathlib import Path

import pytest
from image_data import CUP, DOG, lost, side, texts, write_worst

from wildframe.core.errors import UserError
from wildframe.core.schemas import DETECTIONS, WORST_FRAMES
from wildframe.core.tables import write_rows
from wildframe.exhibits.inputs import EncodedImages, TableFile, table_of
from wildframe.studies.vid_robust.fig3_detections import (
    Drawn,
    boxes_of,
    fig3_detections,
    places_of_names,
    worst_sets,
)
from wildframe.studies.vid_robust.panels import Manifest

BOX = (0.25, 0.25, 0.5, 0.5)


def figure(folder, detector="d"):
    return fig3_detections(
        EncodedImages(folder / "statuses.parquet", [folder / "0-of-1.parquet"]),
        Manifest.read(folder / "manifest.parquet"),
        table_of(WORST_FRAMES)(folder / "worst.parquet"),
        folder / "d.detections.parquet",
        detector,
        "coco80",
        "a $demo",
    )


def test_sets_stand_by_what_is_lost_under_one_detector_task_and_overlap():
    rows = [
        lost("a", 0.5),
        lost("b", 0.25),
        lost("c", 0.5),
        lost("d", 0.0, model="other"),
        lost("e", 0.0, task="localization"),
        lost("f", 0.0, iou="0.75"),
    ]
    worst = TableFile(Path("worst.parquet"), rows, {})
    found = worst_sets(worst, "d", "0.5")
    assert [row["anchor_id"] for row in found] == ["b", "a", "c"]
    with pytest.raises(UserError, match=r"no worst frames of x at 0.5; it has d, other"):
        worst_sets(worst, "x", "0.5")


def test_boxes_are_scaled_matched_and_named(manifest_row):
    # Objects are given in 200 x 100; the detector was shown half of that.
    row = manifest_row(
        "p",
        annotation_labels=[[CUP], [DOG], ["n00000001"]],
        boxes=[side(20, 20, 40, 40), side(100, 0, 100, 100), side(0, 0, 10, 10)],
    )
    wnids = [CUP, DOG, None]
    found = [
        # Of two on one object the better one hits; a dog on a cup is incorrect.
        (0, 0.9, side(10, 10, 20, 20)),
        (0, 0.8, side(10, 10, 20, 19)),
        (1, 0.7, side(10, 10, 20, 20)),
        # Outside the label space, and not above the least score.
        (2, 0.6, side(0, 0, 5, 5)),
        (1, 0.5, side(50, 0, 50, 50)),
    ]
    detections = {
        "width": 100,
        "height": 50,
        "detections": [
            {"class_index": index, "score": score, "box": box} for index, score, box in found
        ],
    }
    drawn = boxes_of(row, detections, wnids, 0.5, {CUP: "cup"})
    assert [(one.kind, one.text) for one in drawn] == [
        ("object", "cup"),
        ("object", DOG),
        ("hit", "cup 0.90"),
        ("miss", "cup 0.80"),
        ("miss", f"{DOG} 0.70"),
    ]
    assert drawn[0].box == drawn[2].box == pytest.approx((0.1, 0.2, 0.2, 0.4))
    # Where the manifest gives no size, objects are in the image's own pixels.
    bare = row | {"width": None, "height": None, "boxes": [side(10, 10, 20, 20)] * 3}
    again = boxes_of(bare, detections, wnids, 0.5, {CUP: "cup"})
    assert again[0].box == again[2].box == pytest.approx((0.1, 0.2, 0.2, 0.4))


def test_what_is_not_drawn_takes_no_object_from_what_is(manifest_row):
    row = manifest_row("p", annotation_labels=[[CUP]], boxes=[side(20, 20, 40, 40)])
    exact, loose = side(20, 20, 40, 40), side(20, 20, 40, 30)
    boxes = [
        {"class_index": 0, "score": score, "box": box}
        for score, box in ((0.6, loose), (0.4, exact))
    ]
    shown = {"width": 200, "height": 100, "detections": boxes}
    assert [one.kind for one in boxes_of(row, shown, [CUP], 0.5, {})] == ["object", "hit"]
    nothing = shown | {"detections": []}
    assert [one.kind for one in boxes_of(row, nothing, [CUP], 0.5, {})] == ["object"]
    blank = row | {"annotation_labels": [], "boxes": []}
    assert [one.kind for one in boxes_of(blank, shown, [CUP], 0.5, {})] == ["miss"]
    assert boxes_of(blank, nothing, [CUP], 0.5, {}) == []


def test_hits_are_told_from_misses(files):
    found = figure(files)
    assert texts(found.drawing) == [
        "Fig. 3: d loses average precision on 1 of 1 sets (IoU 0.5)",
        "anchor, frame 10 of the $video\nAP 1.00",
        "cup",
        "cup 0.75",
        "worst frame, 2 frames later\nAP 0.00",
        "cup",
    ]
    assert found.notes[0] == "Data: a $demo"
    assert found.notes[2].startswith("White: annotated objects; blue: true positives")
    anchor, worst = found.drawing.axes
    thing, hit = anchor.patches
    # Shown is an image of 100 x 50; the cup is annotated in 200 x 100.
    assert hit.get_bbox().bounds == pytest.approx((24.5, 9.5, 20, 20))
    assert thing.get_bbox().bounds == pytest.approx((24.5, 9.5, 20, 20))
    assert thing.get_edgecolor() == (1, 1, 1, 1)
    red, _, blue, _ = hit.get_edgecolor()
    assert blue > red
    assert len(worst.patches) == 1


def test_a_detector_that_loses_nothing_is_said_to(files, tmp_path):
    write_worst(files, ap=1.0)
    found = figure(files)
    assert texts(found.drawing) == ["Fig. 3: d loses average precision on none of 1 sets (IoU 0.5)"]
    assert found.notes[1].startswith("Review: human")
    assert len(found.notes) == 2
    found.write([tmp_path / "figure.png"])
    assert (tmp_path / "figure.png").stat().st_size > 1000


def test_files_that_do_not_belong_together_are_named(files):
    with pytest.raises(UserError, match=r"worst.parquet: no worst frames of x"):
        figure(files, detector="x")
    facts = {"label_space": "coco80", "model": "d"}
    write_rows(files / "d.detections.parquet", DETECTIONS, [], facts=facts)
    with pytest.raises(UserError, match=r"d.detections.parquet: has no image a;"):
        figure(files)
    write_rows(files / "d.detections.parquet", DETECTIONS, [], facts=facts | {"model": "e"})
    with pytest.raises(UserError, match=r"d.detections.parquet: is of e, not of d"):
        figure(files)


def test_names_of_objects_stand_below_and_of_detections_above():
    places = places_of_names([Drawn(BOX, "object", "cup"), Drawn(BOX, "hit", "cup 0.90")])
    assert places == [(0.25, 0.75), (0.25, pytest.approx(0.25 - 0.055))]


def test_a_name_moves_away_from_one_that_it_would_hide():
    boxes = [Drawn(BOX, "hit", "cup 0.90"), Drawn(BOX, "miss", "jar 0.60")]
    (_, first), (_, second) = places_of_names(boxes)
    assert second == pytest.approx(first - 0.055)
    # Far enough to the side nothing is hidden.
    aside = Drawn((0.5, 0.25, 0.1, 0.5), "miss", "jar 0.60")
    assert places_of_names([boxes[0], aside])[1] == (0.5, first)


def test_names_stay_in_the_image():
    rim = [Drawn((0.75, 0.0, 0.5, 1.0), kind, "cup") for kind in ("object", "object", "hit", "hit")]
    places = places_of_names(rim)
    assert [x for x, _ in places] == [1, 1, 1, 1]
    heights = [y for _, y in places]
    assert heights == [pytest.approx(y) for y in (1 - 0.055, 1 - 2 * 0.055, 0, 0.055)]
