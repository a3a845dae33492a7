"""Trainings of every method on squares that move, through the command."""

import json
from pathlib import Path

import pytest
import torch
from clips_data import clip_row, write_clips
from safetensors.torch import load_file

from wildframe.core.errors import UserError
from wildframe.core.schemas import CLIP_TRAINING, CLIPS
from wildframe.core.tables import read_facts, read_table, write_rows
from wildframe.models.clips.learner import ClipModel, load_model
from wildframe.models.clips.lessons import LessonFiles
from wildframe.models.clips.trainer import Trainer
from wildframe.models.weights import weights_facts

ROWS = [clip_row(number) for number in range(8)] + [clip_row(8, split="test")]
# Two steps of four of the eight training clips.
SCHEDULE = ["--epochs=1", "--batch-size=4", "--lr=0.05", "--device=cpu", "--save-every=600"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("clips")
    write_clips(path, ROWS)
    return path


@pytest.fixture(scope="module")
def train(folder, wildframe):
    """Train a tiny network and return its weights, history and what was printed."""

    def run(name, task, *more):
        output = folder / f"trained/{name}.safetensors"
        history = output.with_suffix(".parquet")
        files = {
            "clips": "kept.arrow",
            "manifest": "manifest.parquet",
            "classes": "classes.parquet",
        }
        options = [f"--{option}={folder / file}" for option, file in files.items()]
        result = wildframe(
            *["models", "train-clips", "--network=tiny", f"--task={task}", *options, *SCHEDULE],
            *more,
            f"--output={output}",
            f"--history={history}",
        )
        return output, read_table(history, CLIP_TRAINING).to_pylist(), result.output

    return run


def teacher(folder, option, file):
    return f"--{option}={folder / file}.parquet"


def further(option, folder):
    return [f"--{option}={folder}/kept.arrow", f"--{option}-manifest={folder}/manifest.parquet"]


def methods(folder):
    """Return the options of each method, and the terms of its loss."""
    ego = teacher(folder, "ego-scores", "viewpoint")
    objects = teacher(folder, "object-scores", "object")
    maps = teacher(folder, "interactions", "boxes")
    signals = ["ego", "object", "hand", "hand_object"]
    return {
        "third_only": ([], []),
        "ego": ([ego], ["ego"]),
        "object": ([objects], ["object"]),
        "interaction": ([maps], ["hand", "hand_object"]),
        "hand_map": ([maps, "--weights=action=1,hand=1"], ["hand"]),
        "object_map": ([maps, "--weights=action=1,hand_object=1"], ["hand_object"]),
        "ego_exo": ([ego, objects, maps], signals),
        "released": ([ego, objects, maps, "--loss=released"], signals),
        "domain_adapt": (further("unlabelled", folder), ["domain"]),
        "joint_embed": (further("pairs", folder), ["triplet"]),
    }


def terms(row):
    return {loss["term"]: loss["value"] for loss in row["losses"]}


@pytest.mark.parametrize("method", [*methods(Path())])
def test_every_method_learns_its_terms_and_keeps_the_same_network(folder, train, method):
    options, expected = methods(folder)[method]
    output, (row,), _ = train(method, "action", *options)
    assert (row["epoch"], row["clips"]) == (1, 8)
    found = terms(row)
    assert [*found] == ["action", *expected, "total"]
    weights = {"ego": 0.1, "object": 0.5, "action": 0.5 if method == "released" else 1}
    total = sum(weights.get(name, 1) * value for name, value in found.items() if name != "total")
    assert found["total"] == pytest.approx(total, rel=1e-5)
    # What a method learns from leaves no trace but in the weights.
    plain = ClipModel("tiny", {"action": 2}).state_dict()
    assert {key: value.shape for key, value in load_file(output).items()} == {
        key: value.shape for key, value in plain.items()
    }


def test_the_file_tells_how_to_use_it(folder, train):
    output, _, _ = train("facts", "verb_noun", "--crop=24", "--seed=3")
    facts = weights_facts(output)
    assert (
        facts.items()
        >= {
            "network": "tiny",
            "task": "verb_noun",
            "classes": {"verb": ["go", "come", "stay"], "noun": ["square", "disc"]},
            "frames": 4,
            "stride": 4,
            "crop": 24,
            "appended": 0,
        }.items()
    )
    model, _ = load_model(output)
    logits, embedding = model(torch.zeros(2, 3, 4, 24, 24), None)
    assert {head: tuple(of_head.shape) for head, of_head in logits.items()} == {
        "verb": (2, 3),
        "noun": (2, 2),
    }
    assert embedding.shape[0] == 2
    config = json.loads(read_facts(folder / "trained/facts.parquet", CLIP_TRAINING)["config"])
    assert (config["seed"], config["weights"]) == (3, {"verb": 1, "noun": 1})


def test_fine_tuning_starts_from_a_backbone_with_new_heads(folder, train):
    parent, _, _ = train("parent", "action")
    still = ["--lr=0", "--weight-decay=0", f"--initial={parent}"]
    child, (row,), _ = train("child", "multi_label", *still)
    before, after = load_file(parent), load_file(child)
    weights = [key for key in before if key.startswith("backbone") and "running" not in key]
    assert all(torch.equal(before[key], after[key]) for key in weights if "num_" not in key)
    assert terms(row)["action"] == pytest.approx(0.693, abs=0.05)  # of logits near zero
    maps = teacher(folder, "interactions", "boxes")
    weights = "--weights=action=1,hand=0.1,hand_object=0.1"
    _, (with_maps,), _ = train("aux", "verb_noun", f"--initial={parent}", maps, weights)
    assert [*terms(with_maps)] == ["verb", "noun", "hand", "hand_object", "total"]


def test_embeddings_of_teachers_are_appended(folder, train):
    appended = [teacher(folder, "appended", "object"), teacher(folder, "appended", "viewpoint")]
    output, _, _ = train("append", "verb_noun", *appended)
    plain, _, _ = train("plain", "verb_noun")
    widths = [load_file(path)["heads.verb.weight"].shape[1] for path in (output, plain)]
    assert widths[0] == widths[1] + 6
    assert weights_facts(output)["appended"] == 6


def test_what_decides_a_training_decides_its_bits(train):
    first, rows, _ = train("once", "viewpoint")
    again, repeated, _ = train("again", "viewpoint")
    other, _, _ = train("other", "viewpoint", "--seed=1")
    assert first.read_bytes() == again.read_bytes()
    assert rows == repeated
    assert first.read_bytes() != other.read_bytes()
    _, (row,), _ = train("fewer", "viewpoint", "--fraction=0.5")
    assert row["clips"] == 4
    _, (row,), _ = train("no-pair", "viewpoint", "--one-view-per-pair", "--batch-size=2")
    assert row["clips"] == 4


class KilledError(Exception):
    """Stands for a kill."""


@pytest.fixture(scope="module")
def options_and_straight(folder, train):
    """Options of a training that learns from all, and its weights and history when undisturbed."""
    options = [*methods(folder)["ego_exo"][0], *methods(folder)["domain_adapt"][0]]
    options += [
        "--epochs=3",
        "--dropout=0.5",
        "--unlabelled-manifest",
        f"{folder}/manifest.parquet",
    ]
    return options, *train("straight", "action", *options)[:2]


@pytest.mark.parametrize("killed_after", [1, 2, 3, 5])
def test_a_killed_training_ends_with_the_same_bits(
    folder, train, options_and_straight, monkeypatch, killed_after
):
    options, straight, rows = options_and_straight
    step, name = Trainer.step, f"killed{killed_after}"
    taken = []

    def die(self, *arguments):
        if len(taken) == killed_after:
            raise KilledError
        taken.append(arguments)
        step(self, *arguments)

    monkeypatch.setattr(Trainer, "step", die)
    with pytest.raises(KilledError):
        train(name, "action", *options, "--save-every=0")
    monkeypatch.setattr(Trainer, "step", step)
    state = folder / f"trained/.{name}.safetensors.state"
    assert state.is_file()
    again, repeated, printed = train(name, "action", *options)
    # An epoch has two steps.
    at = f"step {(killed_after - 1) % 2 + 1} of epoch {(killed_after + 1) // 2}"
    assert f"continues after {at}" in printed
    assert again.read_bytes() == straight.read_bytes()
    assert repeated == rows
    assert not state.exists()


@pytest.mark.parametrize(("number", "continues"), [(8, True), (0, False)])
def test_a_corrected_label_of_a_test_clip_leaves_the_state_as_it_is(tmp_path, number, continues):
    write_clips(tmp_path, ROWS)
    manifest = tmp_path / "manifest.parquet"
    files = LessonFiles([tmp_path / "kept.arrow"], manifest, tmp_path / "classes.parquet")
    before = files.stamps()
    corrected = [row | {"noun": "disc"} if at == number else row for at, row in enumerate(ROWS)]
    assert corrected != ROWS
    write_rows(manifest, CLIPS, corrected)
    assert (files.stamps() == before) == continues


def test_a_training_that_diverges_is_named(train):
    with pytest.raises(UserError, match="training diverged in epoch 1; lower the lr"):
        train("diverged", "action", "--lr=1e30")


def manifest_of(folder, name, rows):
    write_rows(folder / name, CLIPS, rows)
    return f"--manifest={folder / name}"


def test_clips_of_several_actions_are_told_and_not_learnt_from(folder, train):
    both = [{"class": name, "start": None, "stop": None} for name in ("left", "right")]
    several = [row | {"actions": both} for row in ROWS]
    # Of eight training clips; that of the test split is not counted.
    option = manifest_of(folder, "some.parquet", [*ROWS[:6], *several[6:]])
    _, (row,), printed = train("some", "action", option)
    assert "2 of 8 clips have several actions, and are not learnt from" in printed
    assert row["clips"] == 4
    none = manifest_of(folder, "several.parquet", several)
    with pytest.raises(UserError, match=r"several\.parquet: no clip of split train has one action"):
        train("several", "action", none)
    assert "several actions" not in train("each", "multi_label", none)[2]


def test_viewpoints_are_learnt_of_both(folder, train):
    # c0, c2 ... are ego; c8, which is, too, is not learnt from.
    option = manifest_of(folder, "exo.parquet", [*ROWS[1::2], ROWS[8]])
    with pytest.raises(UserError, match=r"exo\.parquet: all clips .* are of viewpoint exo; choose"):
        train("exo", "viewpoint", option)


def test_further_clips_need_their_manifest(folder, train):
    with pytest.raises(UserError, match="give both"):
        train("half", "action", f"--pairs={folder}/kept.arrow")


def test_weights_of_another_network_are_refused(folder, train):
    parent, _, _ = train("parent2", "action")
    with pytest.raises(UserError, match=r"it is of the network tiny, not of slow_r50"):
        train("misfit", "action", f"--initial={parent}", "--network=slow_r50")
