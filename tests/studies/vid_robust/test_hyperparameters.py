"""Appendix Tables 1 and 2: how models were trained."""

import json

import pytest

from wildframe.core.errors import UserError
from wildframe.core.schemas import TRAINING
from wildframe.core.tables import write_rows
from wildframe.exhibits.inputs import TableFile
from wildframe.studies.vid_robust.hyperparameters import (
    describe_training,
    hyperparameters,
    read_trainings,
)

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


def history(path, config=CONFIG, rows=HISTORY):
    return TableFile(path, rows, {"config": json.dumps(config), "label_space": "coco80"})


def test_a_training_is_described_by_its_history_and_config(tmp_path):
    path = tmp_path / "demo-videos.parquet"
    assert describe_training(history(path)) == {
        "source": "ours",
        "model": "squeezenet1_1",
        "training": "demo-videos",
        "label_space": "coco80",
        "optimizer": "SGD, momentum 0.9",
        "lr_tried": "0.01, 0.001",
        "lr_kept": "0.001",
        "schedule": "on a plateau, x 0.1 after more than 2 epochs without improvement",
        "batch_size": "32",
        "epochs": "4 epochs",
        "epoch_kept": "2",
        "noise": "none",
        "flip": "0.5",
        "held_out": "7/12",
    }
    other = CONFIG | {"schedule": "exponential", "warmup_epochs": 3, "noise": "contrast"}
    row = describe_training(history(path, other))
    assert (row["schedule"], row["noise"]) == ("x 0.1 an epoch, after 3 of warm-up", "contrast")
    with pytest.raises(UserError, match=r"demo-videos.parquet: 0 epochs are the best"):
        describe_training(history(path, rows=HISTORY[:5]))


def test_the_papers_settings_stand_below_in_their_own_block(tmp_path):
    ours = describe_training(history(tmp_path / "t.parquet"))
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


def test_histories_are_read_with_what_decided_them(tmp_path):
    paths = [tmp_path / name / "demo-videos.parquet" for name in ("a", "b")]
    for path in paths:
        config = CONFIG | {"model": path.parent.name}
        write_rows(path, TRAINING, HISTORY, config=config, facts={"label_space": "coco80"})
    found = read_trainings(paths)
    assert [(row["model"], row["training"], row["lr_kept"]) for row in found] == [
        ("a", "demo-videos", "0.001"),
        ("b", "demo-videos", "0.001"),
    ]
