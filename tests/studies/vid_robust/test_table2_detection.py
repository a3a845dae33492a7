"""Table 2: detection and localization on anchors and worst frames."""

import json
from pathlib import Path

import pytest

from wildframe.core.errors import UserError
from wildframe.exhibits.inputs import TableFile
from wildframe.exhibits.paper import paper_numbers
from wildframe.studies.vid_robust.table2_detection import table2_detection

FOX = "n02118333"


def score(task="detection", **values):
    return {
        "dataset": "demo",
        "model": "efficientdet_lite0",
        "task": task,
        "iou": "0.5",
        "k": 10,
        "map_orig": 0.5,
        "map_pm_k": 0.375,
        "delta": 0.125,
        "delta_low": 0.0625,
        "delta_high": 0.25,
        "videos": 40,
        "anchors": 36,
        "categories": 19,
        "flavour": "COCO 101-point",
        "review": "human",
    } | values


def left_out(anchors=(), classes=None, frames=0):
    facts = {
        "anchors_without_objects": list(anchors),
        "frames_without_objects": frames,
        "classes_not_covered": classes or {},
    }
    return {key: json.dumps({"efficientdet_lite0": value}) for key, value in facts.items()}


def detection(rows, facts, compare):
    return table2_detection(TableFile(Path("s.parquet"), rows, facts), "vid30", "a demo", compare)


def texts(exhibit, row):
    return [column.text(exhibit.rows[row]) for column in exhibit.columns if column.title]


def test_table2_prints_percent_and_keeps_what_was_not_rounded():
    exhibit = detection([score(), score("localization")], left_out(), False)
    assert texts(exhibit, 0) == [
        "efficientdet_lite0",
        "detection",
        "0.5",
        "50.0",
        "37.5",
        "12.5 [6.2, 25.0]",
        "19",
        "36",
        "COCO 101-point",
    ]
    assert [row["task"] for row in exhibit.rows] == ["detection", "localization"]
    assert {row["source"] for row in exhibit.rows} == {"ours"}
    assert exhibit.rows[0]["delta_low"] == 6.25
    assert exhibit.notes[0] == "Data: a demo"
    assert exhibit.notes[1].startswith("Review: human")
    assert exhibit.notes[-1].startswith("The paper's numbers are not shown")
    assert not any("Left out" in note for note in exhibit.notes)


def test_the_papers_rows_stand_below_licensed_data_as_printed():
    # Anchors without objects are not scored, and are published all the same.
    published, facts = score(anchors=1108), left_out(["a"])
    exhibit = detection([published], facts, True)
    assert len(exhibit.rows) == 7
    assert texts(exhibit, 1) == [
        "FRCNN, R50 (paper)",
        "detection",
        "N/A",
        "61.8",
        "47.8",
        "14.3",
        "N/A",
        "N/A",
        "N/A",
    ]
    assert [row["source"] for row in exhibit.rows] == ["ours"] + ["paper"] * 6
    assert "FRCNN, R50, detection: delta as printed, 14.0 by subtraction" in exhibit.notes[-1]
    assert "R-FCN, R101, localization: trained on ILSVRC DET and VID 2015" in exhibit.notes[-1]
    assert not any("not shown" in note for note in exhibit.notes)


def test_the_papers_rows_are_of_all_published_sets_alone():
    exhibit = detection([score(anchors=1108)], left_out(), True)
    assert [row["source"] for row in exhibit.rows] == ["ours"]
    assert "(1,109 anchors)" in exhibit.notes[-1]


def test_a_delta_has_no_interval_where_videos_do_not_differ():
    same = score(delta_low=None, delta_high=None)
    exhibit = detection([same], left_out(), False)
    assert texts(exhibit, 0)[5] == "12.5 [N/A]"
    assert (exhibit.rows[0]["delta_low"], exhibit.rows[0]["delta_high"]) == (None, None)
    # Nor where anchors are fewer than five.
    assert texts(detection([score(anchors=4)], left_out(), False), 0)[5] == "12.5 [N/A]"


def test_the_papers_deltas_are_differences_but_for_one():
    printed = paper_numbers("vid_robust", "table2_detection")
    odd = [
        row
        for row, numbers in printed.items()
        if abs(float(numbers["original"]) - float(numbers["perturbed"]) - float(numbers["delta"]))
        > 0.05
    ]
    assert (len(printed), odd) == (6, ["1"])
    assert "as printed" in printed["1"]["note"]


def test_table2_names_what_could_not_be_scored():
    facts = left_out(["a", "b"], {FOX: 3, "n1": 1}, 7)
    notes = detection([score()], facts, False).notes
    (told,) = (note for note in notes if note.startswith("Left out"))
    assert told == (
        "Left out for efficientdet_lite0: 2 anchors without an object of its classes; 7 other "
        "frames without one, which are never the worst; objects of classes that it cannot "
        "detect: fox (3), n1 (1)."
    )


def test_table2_without_scores_is_refused():
    with pytest.raises(UserError, match=r"s.parquet: the table has no rows"):
        detection([], left_out(), False)


def test_few_videos_of_any_detector_are_warned_of():
    nothing = {
        "anchors_without_objects": [],
        "frames_without_objects": 0,
        "classes_not_covered": {},
    }
    models = ("efficientdet_lite0", "other")
    facts = {key: json.dumps(dict.fromkeys(models, none)) for key, none in nothing.items()}
    rows = [score(), score(model="other", videos=7)]
    assert any("units (7)" in note for note in detection(rows, facts, False).notes)
