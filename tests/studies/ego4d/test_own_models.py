"""Models of the user's own on the way from their files to Fig. 7: a checkpoint, and a function."""

import numpy as np
import pytest
import timm
import torch
from frames_data import kept, write_frames
from making import make, rows_of
from pair_data import write_alike
from score_data import write_classes

from wildframe.core.errors import UserError
from wildframe.core.schemas import MANIFEST, PREDICTIONS
from wildframe.core.tables import read_facts, read_table, write_rows
from wildframe.frames.encode import encode
from wildframe.frames.preprocessing import Shown, write_preprocessed
from wildframe.frames.views.full import Full
from wildframe.models import zoo_entry
from wildframe.models.settings import ModelSettings
from wildframe.models.weights import (
    as_trained,
    entry_of,
    load,
    load_to_train,
    own_classes,
    save,
)
from wildframe.scores import read_image_results

CUP, DOG = "n03147509", "n02084071"
FUNCTION = """
import torch

def by_brightness(images):
    assert images.min() >= 0 and images.max() <= 1
    brightness = images.mean((1, 2, 3))
    return 10 * torch.stack([1 - brightness, brightness], 1)
"""
MODELS = {
    # A training script's file of an architecture, with a head of two classes.
    "checkpoint": ModelSettings(
        architecture="timm/test_resnet",
        checkpoint="trained.pth",
        label_space="pets.csv",
        input_size=64,
    ),
    "function": ModelSettings(
        function="own_model:by_brightness", label_space="pets.csv", input_size=64
    ),
}


@pytest.fixture
def folder(tmp_path, monkeypatch, manifest_row):
    """The user's files, and two frames of cups: a dark one and a bright one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    torch.manual_seed(1)
    state = timm.create_model("test_resnet", num_classes=2).state_dict()
    with torch.no_grad():
        state["head.fc.bias" if "head.fc.bias" in state else "fc.bias"].copy_(torch.tensor([9, -9]))
    torch.save(
        {"epoch": 1, "state_dict": {f"module.{key}": value for key, value in state.items()}},
        "trained.pth",
    )
    (tmp_path / "pets.csv").write_text(f"index,wnid\n0,{CUP}\n1,{DOG}\n")
    (tmp_path / "own_model.py").write_text(FUNCTION)
    names = ("dark", "bright")
    images = [
        kept(name, encode(np.full((100, 200, 3), value, np.uint8), "png"))
        for name, value in zip(names, (20, 235), strict=True)
    ]
    write_frames(tmp_path, images)
    write_rows(tmp_path / "manifest.parquet", MANIFEST, [manifest_row(name) for name in names])
    write_classes(tmp_path / "classes.parquet")
    return tmp_path


@pytest.fixture
def evaluate(folder, wildframe):
    """Return a function that runs the commands of a model's rules, and gives its results."""

    def run(name):
        entry = zoo_entry(name, MODELS)
        files = {
            part: folder / name / f"{part}.{suffix}"
            for part, suffix in (
                ("weights", "safetensors"),
                ("images", "arrow"),
                ("predictions", "parquet"),
                ("results", "parquet"),
            )
        }
        options = MODELS[name].options()
        wildframe("models", "prepare", name, *options, "--output", files["weights"])
        shown = Shown(
            [folder / "0-of-1.parquet"],
            folder / "statuses.parquet",
            folder / "manifest.parquet",
            Full(),
        )
        write_preprocessed(shown, {entry.preprocessing: files["images"]})
        wildframe(
            *("predictions", "run", name, "--weights", files["weights"], "--device", "cpu"),
            *("--preprocessed", files["images"], "--output", files["predictions"]),
        )
        tables = (
            part
            for table in ("manifest", "statuses", "classes")
            for part in (f"--{table}", folder / f"{table}.parquet")
        )
        wildframe(
            *("scores", "image-results", files["predictions"], *tables, "--senses", "shipped"),
            *("--output", files["results"]),
        )
        return files

    return run


@pytest.mark.parametrize(
    ("name", "correct"), [("checkpoint", [True, True]), ("function", [True, False])]
)
def test_each_is_scored_by_its_own_list_of_classes(evaluate, name, correct):
    files = evaluate(name)
    facts = read_facts(files["predictions"], PREDICTIONS)
    assert (facts["model"], facts["label_space"]) == (name, "pets")
    assert facts["wnids"] == f"{CUP} {DOG}"
    assert facts["normalization"].startswith("rgb mean (0.0" if name == "function" else "rgb mean")
    rows = read_table(files["predictions"], PREDICTIONS).to_pylist()
    assert [len(row["scores"]) for row in rows] == [2, 2]
    results = read_image_results(files["results"])
    assert [row["correct_top1"] for row in results] == correct
    assert {guess["wnid"] for row in results for guess in row["top"]} == {CUP, DOG}


def test_they_stand_in_fig_7(evaluate, folder, wildframe):
    results = [evaluate(name)["results"] for name in MODELS]
    wildframe(
        *("scores", "accuracy", *results, "--study", "ego4d", "--dataset", "d", "--view", "full"),
        *("--high-confidence", 0.9, "--output", folder / "scores.parquet"),
    )
    pairs = write_alike(folder / "pairs.parquet", *MODELS)
    statuses = folder / "statuses.parquet"
    inputs = {"scores": folder / "scores.parquet", "pairs": pairs, "copies": statuses}
    told = [zoo_entry(name, MODELS).told() for name in MODELS]
    settings = {"guessed": 2, "label_space": "in1k", "data_note": "data", "compare": False}
    written = make("fig7_zero_shot_in1k", folder, inputs, models=told, **settings)
    first, second = rows_of(written[".csv"])
    shown = ("model", "top1_successes", "n", "img_size")
    assert [first[key] for key in shown] == ["checkpoint", "2", "2", "64"]
    assert [second[key] for key in shown] == ["function", "1", "2", "64"]
    # Of what a function computes nobody knows the parameters.
    assert (float(first["param_count"]) > 0, second["param_count"]) == (True, "")


def test_a_changed_function_is_another_model(evaluate, folder):
    def weights():
        return read_facts(evaluate("function")["predictions"], PREDICTIONS)["weights_sha256"]

    before = weights()
    assert weights() == before
    (folder / "own_model.py").write_text(f"{FUNCTION}\n# edited\n")
    assert weights() != before


def test_a_training_of_it_is_told_by_its_weights(evaluate, folder):
    weights, trained = evaluate("checkpoint")["weights"], folder / "trained.safetensors"
    entry = entry_of("checkpoint@96+by-clip", weights)
    assert (entry.input_size, entry.training, entry.outputs) == (96, "by-clip", 2)
    model = load_to_train(entry, weights, "vid30", 30, seed=0)
    facts = {"entry": entry.with_label_space("vid30").told(), "label_space": "vid30"}
    save(model, facts | {"outputs": 30}, trained)
    again = entry_of("checkpoint@96+by-clip", trained)
    assert (as_trained(again, trained).label_space, again.classes_file) == ("vid30", None)
    assert load(again, trained)(torch.zeros(1, 3, 96, 96)).shape == (1, 30)
    assert (own_classes(weights), own_classes(trained)) == ({"wnids": f"{CUP} {DOG}"}, {})
    with pytest.raises(UserError, match="other: not a name of checkpoint"):
        entry_of("other", weights)


def test_a_checkpoint_of_other_classes_is_refused(evaluate, folder):
    torch.save(timm.create_model("test_resnet", num_classes=5).state_dict(), "trained.pth")
    with pytest.raises(
        UserError,
        match=r"^checkpoint: trained\.pth has 5 outputs, the label space pets 2 classes; name its",
    ):
        evaluate("checkpoint")


def test_a_checkpoint_of_another_architecture_is_refused(evaluate, folder):
    torch.save(timm.create_model("test_vit", num_classes=2).state_dict(), "trained.pth")
    with pytest.raises(
        UserError,
        match=r"^checkpoint: trained\.pth does not fit timm/test_resnet.*: .* is missing \(first",
    ):
        evaluate("checkpoint")


def test_a_class_that_wordnet_does_not_know_is_refused(evaluate, folder):
    (folder / "pets.csv").write_text(f"index,wnid\n0,{CUP}\n1,n00000009\n")
    with pytest.raises(UserError, match=r"pets\.csv: n00000009: no noun of WordNet 3\.0 has this"):
        evaluate("function")
