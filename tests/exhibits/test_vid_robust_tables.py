"""Table 2, and appendix Tables 1 and 2, of the study vid_robust."""

import csv
import json

import pytest
from typer.testing import CliRunner
from wildframe.exhibits.vid_robust import detection_commands, training_commands
from wildframe.exhibits.vid_robust.hyperparameters import (
    data_of,
    describe_training,
    hyperparameters,
)
from wildframe.exhibits.vid_robust.table2_detection import detection

from wildframe.core.errors import UserError
from wildframe.core.schemas import DETECTION_SCORES, TRAINING
from wildframe.core.tables import write_rows
from wildframe.exhibits.paper import paper_numbers

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


def texts(exhibit, row):
    return [column.text(exhibit.rows[row]) for column in exhibit.columns if column.title]


def test_table2_prints_percent_and_keeps_what_was_not_rounded():
    exhibit = detection("s", [score(), score("localization")], left_out(), {}, "a demo", False)
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
    exhibit = detection("s", [published], facts, {}, "a demo", True)
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
    exhibit = detection("s", [score(anchors=1108)], left_out(), {}, "a demo", True)
    assert [row["source"] for row in exhibit.rows] == ["ours"]
    assert "(1,109 anchors)" in exhibit.notes[-1]


def test_a_delta_has_no_interval_where_draws_do_not_differ():
    same = score(delta_low=0.125, delta_high=0.125)
    exhibit = detection("s", [same], left_out(), {}, "a demo", False)
    assert texts(exhibit, 0)[5] == "12.5 [N/A]"
    assert (exhibit.rows[0]["delta_low"], exhibit.rows[0]["delta_high"]) == (None, None)


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
    notes = detection("s", [score()], facts, {FOX: "fox"}, "a demo", False).notes
    (told,) = (note for note in notes if note.startswith("Left out"))
    assert told == (
        "Left out for efficientdet_lite0: 2 anchors without an annotated object that it can "
        "name; 7 other frames without one, which are never the worst; objects of classes that "
        "it does not know: fox (3), n1 (1)."
    )


def test_table2_without_scores_is_refused():
    with pytest.raises(UserError, match=r"s.parquet: the table has no rows"):
        detection("s.parquet", [], left_out(), {}, "a demo", False)


def invoke(app, *arguments):
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exception is None, result.output


def test_table2_is_written_in_three_formats(tmp_path):
    outputs = [tmp_path / f"table2_detection{suffix}" for suffix in (".csv", ".md", ".tex")]
    scores = tmp_path / "scores.parquet"
    write_rows(scores, DETECTION_SCORES, [score(anchors=1109)], facts=left_out(classes={FOX: 1}))
    options = ["--scores", scores, "--targets=vid30", "--about=a demo"]
    command = "table2-detection"
    invoke(detection_commands.app, command, *outputs, *options, "--no-licensed")
    (row,) = csv.DictReader(outputs[0].open())
    assert (row["delta"], row["delta_low"], row["review"], row["k"]) == (
        "12.5",
        "6.25",
        "human",
        "10",
    )
    assert "fox (1)" in outputs[1].read_text()
    assert "a demo" in outputs[2].read_text()
    invoke(detection_commands.app, command, *outputs, *options, "--licensed")
    assert len(list(csv.DictReader(outputs[0].open()))) == 7


CONFIG = {
    "model": "squeezenet1_1",
    "schedule": "plateau",
    "decay": 0.1,
    "patience": 2,
    "warmup_epochs": 0,
    "batch_size": 32,
    "momentum": 0.9,
    "flip": 0.5,
    "noise": None,
    "lr": [0.01, 0.001],
}


def epoch(lr, number, successes=0, best=False):
    row = {"lr": lr, "epoch": number, "learning_rate": lr if number else None}
    return row | {"train_loss": None, "successes": successes, "n": 12, "best": best}


HISTORY = [
    *(epoch(0.01, number, number) for number in range(5)),
    *(epoch(0.001, number, 9 - number, best=number == 2) for number in range(5)),
]


def test_a_training_is_described_by_its_history_and_config(tmp_path):
    path = tmp_path / "demo-videos.parquet"
    assert describe_training(path, HISTORY, CONFIG, "coco80") == {
        "source": "ours",
        "model": "squeezenet1_1",
        "training": "demo-videos",
        "class_space": "coco80",
        "optimizer": "SGD, momentum 0.9",
        "lr_tried": "0.01, 0.001",
        "lr_kept": "0.001",
        "schedule": "on a plateau, x 0.1 after more than 2 epochs without a better one",
        "batch_size": "32",
        "epochs": "4 epochs",
        "epoch_kept": "2",
        "noise": "none",
        "flip": "0.5",
        "held_out": "7/12",
    }
    other = CONFIG | {"schedule": "exponential", "warmup_epochs": 3, "noise": "contrast"}
    row = describe_training(path, HISTORY, other, "in1k")
    assert (row["schedule"], row["noise"]) == ("x 0.1 an epoch, after 3 of warm-up", "contrast")
    with pytest.raises(UserError, match=r"demo-videos.parquet: 0 epochs are the best"):
        describe_training(path, HISTORY[:5], CONFIG, "coco80")


def test_the_papers_settings_stand_below_in_their_own_block(tmp_path):
    ours = describe_training(tmp_path / "t.parquet", HISTORY, CONFIG, "coco80")
    exhibit = hyperparameters([ours], {"t": "demo-train", "u": "other", "v": "demo-train"})
    assert [row["source"] for row in exhibit.rows] == [
        "ours",
        *["paper, appendix Table 1"] * 4,
        *["paper, appendix Table 2"] * 2,
    ]
    shown = [{column.key: column.text(row) for column in exhibit.columns} for row in exhibit.rows]
    keys = ("model", "lr_kept", "schedule", "batch_size", "epochs", "optimizer", "held_out")
    assert [shown[4][key] for key in keys] == [
        "vgg16",
        "1e-5",
        "Reduce LR On Plateau",
        "32",
        "10 epochs",
        "SGD",
        "N/A",
    ]
    assert [shown[5][key] for key in keys[:5]] == [
        "F-RCNN ResNet-50",
        "1e-2",
        "Step 20k, 30k",
        "8",
        "40k iterations",
    ]
    assert exhibit.notes[:2] == ["Training t and v: demo-train.", "Training u: other."]


def test_what_a_training_learns_from_is_told_by_name():
    assert data_of(["a=b, lr=1", "c=d"]) == {"a": "b, lr=1", "c": "d"}
    for text in ("a", "=b", "a="):
        with pytest.raises(UserError, match=r"write <training>=<text>"):
            data_of([text])


def test_hyperparameters_are_written_in_three_formats(tmp_path):
    history = tmp_path / "demo-videos.parquet"
    write_rows(history, TRAINING, HISTORY, config=CONFIG, facts={"class_space": "coco80"})
    outputs = [tmp_path / f"hyperparameters{suffix}" for suffix in (".csv", ".md", ".tex")]
    options = [f"--history={history}", "--data=demo-videos=demo-train, a demo"]
    # With one command only, typer leaves its name out.
    invoke(training_commands.app, *outputs, *options)
    rows = list(csv.DictReader(outputs[0].open()))
    assert len(rows) == 7
    assert (rows[0]["training"], rows[0]["lr_kept"], rows[1]["held_out"]) == (
        "demo-videos",
        "0.001",
        "",
    )
    for path in outputs[1:]:
        assert "Training demo-videos: demo-train, a demo." in path.read_text()
