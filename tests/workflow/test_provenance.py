"""What is behind the numbers of the finished demo, and whether it verifies itself."""

import json
import re
from functools import cache
from pathlib import Path

import pytest

from wildframe.core.schemas import SCORES
from wildframe.core.tables import read_table
from wildframe.provenance.lineage import TracedFile, trace

MINE = """
views: {memo: {kind: full, adapt: memo}}
studies:
  vid_robust: null
  ego_exo: null
  ego4d:
    views: [full, memo]
    models: [ours, timm/resnet18.a1_in1k]
    external_predictions:
      - {model: ours, dataset: ego4d-in1k, predictions: ours.csv}
      - {model: ours, dataset: ego4d-in1k, view: memo, predictions: ours.csv}
"""
NUMBER = ("results/exhibits/ego4d/fig7_zero_shot_in1k.csv", "--row", "1", "--column", "top1")


@pytest.mark.workflow
def test_a_number_is_followed_to_counts_weights_and_annotations(finished):
    told = json.loads(finished.wildframe("explain", *NUMBER, "--format", "json"))
    model = told["cell"]["row"]["model"]
    path, counts = told["counts"][0]["path"], told["counts"][0]["row"]
    assert counts in [
        {name: row[name] for name in counts}
        for row in read_table(finished.folder / path, SCORES).to_pylist()
    ]
    assert f"{100 * counts['successes'] / counts['n']:.2f}" == told["cell"]["row"]["top1"]
    files = {file["path"]: file for file in told["files"]}
    predicted = files[f"results/predictions/ego4d-in1k/full/{model}.parquet"]["facts"]
    assert predicted["model"] == model
    assert predicted["weights_sha256"]
    assert files[f"results/models/{model}/weights.safetensors"]["facts"]["source"]
    assert files["demo/ego4d/v1/annotations/fho_scod_train.json"]["sha256"]
    others = [name for name in files if name.startswith("results/predictions/")]
    assert others == [f"results/predictions/ego4d-in1k/full/{model}.parquet"]


@pytest.mark.workflow
@pytest.mark.parametrize(
    ("exhibit", "column", "model"),
    [("fig11_finetuned", "top1", "model"), ("leak", "after", "model_a")],
)
def test_a_number_after_training_is_followed_to_the_trained_weights(
    finished, exhibit, column, model
):
    cell = ("--row", "2", "--column", column, "--format", "json")
    told = json.loads(finished.wildframe("explain", f"results/exhibits/ego4d/{exhibit}.csv", *cell))
    name = told["cell"]["row"][model]
    assert {count["row"]["model"] for count in told["counts"]} == {name}
    trained, training = name.split("+")
    files = {file["path"] for file in told["files"]}
    assert f"results/models/{trained}/{training}.safetensors" in files


@pytest.mark.workflow
def test_every_table_of_the_demo_is_followed_to_what_no_command_made(finished, monkeypatch):
    monkeypatch.chdir(finished.folder)
    # Most are made of the same files.
    monkeypatch.setattr(TracedFile, "read", cache(TracedFile.read))
    exhibits = sorted(Path("results/exhibits").rglob("*.csv"))
    assert exhibits
    for path in exhibits:
        root, *behind = trace(path).values()
        assert root.inputs, path
        tables = [file for file in behind if file.path.endswith(".parquet")]
        assert not [file.path for file in tables if not (file.sha256 and file.command)]


@pytest.mark.workflow
def test_the_demo_verifies_its_own_certificate(finished, tmp_path):
    certificate = str(tmp_path / "demo.zip")
    finished.wildframe("certify", "ego4d-in1k", "--output", certificate)
    lines = finished.wildframe("verify", certificate).splitlines()
    assert lines[-1] == "same frames, same labels, same predictions"
    assert len(lines) > 4


@pytest.mark.workflow
def test_a_supplement_certifies_the_predictions_of_its_run_and_no_others(workspace):
    (workspace.folder / "mine.yaml").write_text(MINE)
    (workspace.folder / "ours.csv").touch()
    planned, run = (
        workspace.run("-np", target, "--configfile", "mine.yaml")
        for target in ("supplement", "all")
    )
    certified = re.findall(r"--predictions=(\S+)", planned)
    making = r"predictions (?:run|zoom|adapt|import) .*?--output (\S+)"
    assert certified == sorted(re.findall(making, run))
    read = re.search(r"rule supplement:\n +input: (.+)", planned)[1].split(", ")
    tables = {f"results/{one}/ego4d-neighbours.parquet" for one in ("frames", "manifests")}
    assert {*certified, *tables} <= {*read}
    named = {
        path.removeprefix("results/predictions/").removesuffix(".parquet") for path in certified
    }
    assert named >= {
        "ego4d-in1k/full/timm/resnet18.a1_in1k",
        "ego4d-in1k/memo/ours",
        "ego4d-moments/full/tf_efficientnet_lite0@96+by-clip",
        "ego4d-neighbours/memo/squeezenet1_1",
        "ego4d-objects/box/squeezenet1_1",
        "demo-shards/zoom/squeezenet1_1",
    }
