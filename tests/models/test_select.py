"""Choosing among learning rates, through files."""

import json
import shutil
import subprocess
import sys

import pytest
import torch

from wildframe.core.errors import UserError
from wildframe.core.schemas import TRAINING
from wildframe.core.tables import read_facts, read_table, write_rows
from wildframe.models.select import select
from wildframe.models.weights import read_state, save, weights_facts


@pytest.fixture
def search(tmp_path):
    """Write a training at a learning rate with so many correct images after each epoch."""

    def train(lr, *successes, n=10, name=None, **facts):
        best = max(range(1, len(successes)), key=lambda epoch: (successes[epoch], -epoch))
        name = name or f"lr-{lr:g}"
        stem = tmp_path / name
        model = torch.nn.Linear(2, 3)
        data_note = {"model": "m", "label_space": "vid30", "trained_from": "abc"} | facts
        save(
            model, data_note | {"lr": lr, "epoch": best}, stem.with_name(f"{stem.name}.safetensors")
        )
        rows = [
            {
                "lr": lr,
                "epoch": epoch,
                "learning_rate": lr if epoch else None,
                "train_loss": 1.0 if epoch else None,
                "successes": correct,
                "n": n,
                "best": epoch == best,
            }
            for epoch, correct in enumerate(successes)
        ]
        write_rows(
            stem.with_name(f"{stem.name}.parquet"),
            TRAINING,
            rows,
            config={"model": "m", "lr": lr, "epochs": 2},
            facts={
                "weights_sha256": f"of {lr:g}",
                "train_images": "3",
                "label_space": "vid30",
                "device": "cpu",
                "torch_version": "1",
            },
        )
        return name

    return train


@pytest.fixture
def run(tmp_path):
    """Return a function that chooses among trainings and returns what it wrote."""

    def choose(*names):
        output, table = tmp_path / "models/m/t.safetensors", tmp_path / "models/m/t.parquet"
        select(
            [tmp_path / f"{name}.safetensors" for name in names],
            [tmp_path / f"{name}.parquet" for name in names],
            output,
            table,
        )
        return output, table

    return choose


def content(weights):
    facts = weights_facts(weights)
    return facts, {key: value.tolist() for key, value in read_state(weights).items()}


def test_the_best_rate_at_its_best_epoch_is_kept(search, run, tmp_path):
    names = [search(1e-3, 9, 4, 3), search(1e-4, 0, 5, 7), search(1e-5, 0, 6, 6)]
    output, table = run(*names)
    assert content(output) == content(tmp_path / "lr-0.0001.safetensors")
    rows = read_table(table, TRAINING).to_pylist()
    assert [row["lr"] for row in rows] == [1e-3] * 3 + [1e-4] * 3 + [1e-5] * 3
    assert [(row["lr"], row["epoch"]) for row in rows if row["best"]] == [(1e-4, 2)]
    facts = read_facts(table, TRAINING)
    assert (facts["weights_sha256"], facts["label_space"]) == ("of 0.0001", "vid30")
    assert json.loads(facts["config"]) == {"model": "m", "lr": [1e-3, 1e-4, 1e-5], "epochs": 2}


def test_of_equal_rates_the_first_given_is_kept(search, run):
    names = [search(1e-3, 0, 4, 7), search(1e-4, 0, 7, 7)]
    for order in (names, names[::-1]):
        _, table = run(*order)
        (best,) = [row for row in read_table(table, TRAINING).to_pylist() if row["best"]]
        assert f"lr-{best['lr']:g}" == order[0]


def test_one_rate_is_copied(search, run, tmp_path):
    name = search(1e-3, 0, 4)
    output, table = run(name)
    source = tmp_path / f"{name}.safetensors"
    assert content(output) == content(source)
    own = read_table(tmp_path / f"{name}.parquet", TRAINING).to_pylist()
    assert read_table(table, TRAINING).to_pylist() == own


def test_choosing_imports_no_torch(search, tmp_path):
    names = [search(1e-3, 0, 4), search(1e-4, 0, 3)]
    weights = [f"{tmp_path / name}.safetensors" for name in names]
    histories = [f"--history={tmp_path / name}.parquet" for name in names]
    made = [f"--output={tmp_path / 'best.safetensors'}", f"--best-history={tmp_path / 'best'}"]
    program = (
        "import sys; from wildframe.cli import app; app(sys.argv[1:], standalone_mode=False); "
        "assert 'torch' not in sys.modules"
    )
    command = ["models", "select", *weights, *histories, *made]
    subprocess.run([sys.executable, "-c", program, *command], check=True)
    assert content(tmp_path / "best.safetensors") == content(tmp_path / "lr-0.001.safetensors")


def test_weights_that_were_tried_are_no_substitute_for_those_that_were_chosen(
    search, run, tmp_path
):
    tried = {1e-3: 4, 1e-4: 3}
    names = [search(lr, 0, right, name=f"models/m/t/lr-{lr:g}") for lr, right in tried.items()]
    output, _ = run(*names)
    best, other = (tmp_path / f"{name}.safetensors" for name in names)
    assert content(output) == content(best)
    shutil.copy(other, output)
    with pytest.raises(UserError, match=r"t\.safetensors: is another file, written as models/m/t/"):
        read_state(output)


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ({"trained_from": "xyz"}, "of another training than"),
        ({"label_space": "in1k"}, "of another training than"),
        ({"n": 11}, "of another training than"),
        ({"lr": 1e-3}, "a learning rate is given twice"),
    ],
)
def test_trainings_that_are_no_search_are_refused(search, run, tmp_path, other, message):
    settings = {"lr": 1e-4} | other
    names = [search(1e-3, 0, 4), search(settings.pop("lr"), 0, 4, name="other", **settings)]
    with pytest.raises(UserError, match=message):
        run(*names)
    assert not (tmp_path / "models").exists()


def test_damaged_weights_are_named_and_not_copied(search, run, tmp_path):
    name = search(1e-3, 0, 4)
    weights = tmp_path / f"{name}.safetensors"
    content = bytearray(weights.read_bytes())
    content[-1] ^= 1
    weights.write_bytes(content)
    with pytest.raises(UserError, match=r"lr-0\.001\.safetensors: not a sound weights file"):
        run(name)
    assert not (tmp_path / "models").exists()


def test_weights_of_another_history_are_refused(search, tmp_path):
    names = [search(1e-3, 0, 4), search(1e-4, 0, 4)]
    weights = [tmp_path / f"{name}.safetensors" for name in names]
    histories = [tmp_path / f"{name}.parquet" for name in names]
    outputs = (tmp_path / "best.safetensors", tmp_path / "best.parquet")
    with pytest.raises(UserError, match=r"lr-0\.001\.safetensors: these weights are not those of"):
        select(weights, histories[::-1], *outputs)
    with pytest.raises(UserError, match="2 weights and 1 histories; give one --history for each"):
        select(weights, histories[:1], *outputs)
    with pytest.raises(UserError, match=r"absent\.safetensors: .*models finetune"):
        select([tmp_path / "absent.safetensors"], histories[:1], *outputs)
