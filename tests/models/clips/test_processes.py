"""Trainings as processes of their own: several that share one, and one that is killed."""

import subprocess
import sys

import pytest
import torch
from clips_data import clip_row, write_clips
from killed import run_and_kill
from safetensors.torch import load_file

from wildframe.core.errors import UserError
from wildframe.core.schemas import CLIP_TRAINING
from wildframe.core.tables import read_facts, read_table
from wildframe.models.clips.lessons import LessonFiles, Lessons
from wildframe.models.clips.processes import Processes
from wildframe.models.clips.recipe import Recipe

# One of several processes, each with a device of its own, as with GPUs. The first word says whether
# they are killed in the middle of the second of three epochs.
ONE_OF_SEVERAL = """
import faulthandler, os, sys
import torch
from wildframe.cli import main
from wildframe.models.clips import processes
from wildframe.models.state import StateFile

faulthandler.dump_traceback_later(300, exit=True)  # processes that wait for each other
rank, write = int(os.environ["RANK"]), StateFile.write
processes.set_up_torch = lambda name, threads: torch.device("cpu", rank)

def write_and_die(file, state):
    write(file, state)
    if (len(state["history"]), state["done"]) == (1, 1):
        os._exit(9)

if sys.argv.pop(1) == "killed":
    StateFile.write = write_and_die
main()
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("clips")
    write_clips(path, [clip_row(number) for number in range(8)])
    return path


@pytest.fixture(scope="module")
def alone(folder, wildframe):
    """Train three epochs in one process, and return their losses."""
    wildframe(*command(folder, "one", "--epochs=3"))
    return history(folder, "one")


def command(folder, name, *more):
    files = {
        "clips": "kept.arrow",
        "manifest": "manifest.parquet",
        "classes": "classes.parquet",
        "ego-scores": "viewpoint.parquet",
        "interactions": "boxes.parquet",
        "unlabelled": "kept.arrow",
        "unlabelled-manifest": "manifest.parquet",
        "output": f"{name}/weights.safetensors",
        "history": f"{name}/weights.parquet",
    }
    options = [f"--{option}={folder / file}" for option, file in files.items()]
    start = ["models", "train-clips", "--network=tiny"]
    return [*start, "--task=action", "--device=cpu", "--batch-size=4", "--lr=0.02", *options, *more]


def recipe():
    return Recipe(
        network="tiny",
        task="action",
        seed=0,
        frames=4,
        stride=4,
        crop=32,
        epochs=1,
        batch_size=4,
        lr=0.1,
        decay="cosine",
        decay_epochs=(),
        warmup_epochs=0,
        warmup_lr=0,
        weight_decay=0,
        dropout=0,
        precision="fp32",
        loss="paper",
        weights={},
        temperature=1,
        fraction=1,
        one_view_per_pair=False,
    )


def history(folder, name):
    rows = read_table(folder / name / "weights.parquet", CLIP_TRAINING).to_pylist()
    return [{loss["term"]: loss["value"] for loss in row["losses"]} for row in rows]


def test_two_processes_learn_what_one_with_the_whole_batch_learns(folder, alone):
    options = "--epochs=3", "--processes=2"
    two = [sys.executable, "-m", "wildframe", *command(folder, "two", *options)]
    printed = subprocess.run(two, check=True, capture_output=True, text=True).stdout
    # Only the first one prints.
    assert printed.count("epoch 3:") == 1
    assert read_facts(folder / "two/weights.parquet", CLIP_TRAINING)["processes"] == "2"
    for shared, of_one in zip(history(folder, "two"), alone, strict=True):
        assert [*shared] == ["action", "ego", "hand", "hand_object", "domain", "total"]
        # Differences of rounding grow with the steps.
        assert shared == pytest.approx(of_one, rel=1e-3)
    weights = [load_file(folder / name / "weights.safetensors") for name in ("two", "one")]
    assert [*weights[0]] == [*weights[1]]
    for key, value in weights[0].items():
        torch.testing.assert_close(value, weights[1][key], rtol=1e-2, atol=1e-3)


def test_two_processes_that_were_killed_continue_together(folder, alone, tmp_path):
    program = tmp_path / "one_of_several.py"
    program.write_text(ONE_OF_SEVERAL)
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    words = command(folder, "two-killed", "--epochs=3", "--save-every=0")
    start = [*torchrun, program]
    killed = subprocess.run([*start, "killed", *words], capture_output=True, text=True)
    assert killed.returncode != 0
    again = subprocess.run([*start, "again", *words], capture_output=True, text=True)
    assert again.returncode == 0, again.stderr
    assert "training continues after step 1 of epoch 2" in again.stdout
    for shared, of_one in zip(history(folder, "two-killed"), alone, strict=True):
        assert shared == pytest.approx(of_one, rel=1e-3)


def test_a_training_that_was_killed_by_the_system_ends_with_the_same_bits(folder, wildframe):
    epochs = "--epochs=6"
    wildframe(*command(folder, "straight", epochs))
    run_and_kill("epoch 3:", command(folder, "killed", epochs, "--save-every=0"))
    assert not (folder / "killed/weights.safetensors").exists()
    again = wildframe(*command(folder, "killed", epochs))
    assert "training continues after step" in again.stdout
    assert "epoch 1:" not in again.stdout
    outputs = [folder / name / "weights.safetensors" for name in ("straight", "killed")]
    assert outputs[0].read_bytes() == outputs[1].read_bytes()
    assert history(folder, "straight") == history(folder, "killed")
    assert [path.name for path in sorted((folder / "killed").iterdir())] == [
        "weights.parquet",
        "weights.safetensors",
    ]


def test_what_cannot_be_shared_in_equal_parts_is_refused(folder):
    files = LessonFiles(
        [folder / "kept.arrow"], folder / "manifest.parquet", folder / "classes.parquet"
    )
    lessons = Lessons.read(files, recipe(), 1)
    for size, world in ((4, 3), (16, 2)):
        with pytest.raises(UserError, match=rf"{size} clips a step of 8 cannot be shared by"):
            next(lessons.epoch(0, size, Processes(0, world)))
    halves = [next(lessons.epoch(0, 4, Processes(rank, 2))).clips for rank in range(2)]
    assert torch.equal(torch.cat(halves), next(lessons.epoch(0, 4, Processes())).clips)
