"""Models by reference, and of the user's own, as a run plans and runs them."""

import json
import re
import shutil

import pytest

from wildframe.core.files import user_cache

pytestmark = pytest.mark.workflow

MINE = """
extends: [demo_ego4d]
share_processes: false
models:
  mine:
    architecture: timm/test_resnet
    checkpoint: trained.pth
    label_space: pets.csv
    input_size: 64
  bright:
    function: own_model:by_brightness
    label_space: pets.csv
    input_size: 64
studies:
  ego4d:
    models: [squeezenet1_1, timm/resnet18.a1_in1k, timm/resnet18.a1_in1k@160, mine, bright]
"""
FUNCTION = """
import torch

def by_brightness(images):
    brightness = images.mean((1, 2, 3))
    return 10 * torch.stack([1 - brightness, brightness], 1)
"""


@pytest.fixture
def own(workspace, monkeypatch):
    """A run with models of all kinds, its files beside the config."""
    import timm
    import torch

    folder, kept = workspace.folder, workspace.folder / "cache/wildframe"
    kept.mkdir(parents=True)
    # Hashes of code are known, facts of models are not.
    for path in user_cache().glob("code-*"):
        shutil.copy(path, kept)
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
    torch.save(timm.create_model("test_resnet", num_classes=2).state_dict(), folder / "trained.pth")
    (folder / "pets.csv").write_text("index,wnid\n0,n03063599\n1,n02084071\n")
    (folder / "own_model.py").write_text(FUNCTION)
    (folder / "mine.yaml").write_text(MINE)
    return workspace


def test_models_plan_by_reference_sizes_share_weights_and_all_stand_in_fig_7(own):
    output = own.run("-n", "-p", "ego4d_fig7_zero_shot_in1k", "--configfile", "mine.yaml")
    weights = "results/models/timm/resnet18.a1_in1k/weights.safetensors"
    assert f"wildframe models prepare timm/resnet18.a1_in1k  --output {weights}" in output
    assert output.count("wildframe models prepare timm/resnet18") == 1
    runs = re.findall(r"wildframe predictions run timm/resnet18.a1_in1k@160 .*", output)
    assert len(runs) == 1
    assert f"--weights={weights}" in runs[0]
    # The facts are kept: planning imports neither timm nor torch.
    kept = list((own.folder / "cache/wildframe/models").iterdir())
    assert {re.sub(r"\.[0-9a-f]{16}\.json$", "", path.name) for path in kept} == {
        "timm--resnet18.a1_in1k",
        "timm--test_resnet",
    }

    (command,) = [line for line in output.splitlines() if "exhibits make ego4d fig7" in line]
    told = json.loads(re.search(r"'--set=models=(\[.*?\])' ", command)[1])
    names = [one if isinstance(one, str) else one["name"] for one in told]
    assert names[:2] == ["squeezenet1_1", "timm/resnet18.a1_in1k"]
    assert names[2:] == ["timm/resnet18.a1_in1k@160", "mine", "bright"]
    results = "results/scores/ego4d-in1k/full/timm/resnet18.a1_in1k.parquet"
    assert f"--output {results}" in output


def test_changed_files_of_ones_own_rerun_what_hangs_on_them(own):
    weights = [f"results/models/{name}/weights.safetensors" for name in ("mine", "bright")]

    def plan():
        return own.plan(*weights, "--configfile", "mine.yaml")

    own.run(*weights, "--configfile", "mine.yaml")
    assert not plan()
    (own.folder / "own_model.py").write_text(f"{FUNCTION}\n# edited\n")
    (own.folder / "trained.pth").write_bytes((own.folder / "trained.pth").read_bytes() + b"\0")
    assert plan()["models_prepare"] == 2


def test_prefetch_gets_the_weights_of_models_and_detectors_and_nothing_else(workspace):
    """Data need not be there: a login node may not have them."""
    mine = "extends: [vid_robust, own_images]\n"
    (workspace.folder / "mine.yaml").write_text(mine)
    planned = workspace.plan("prefetch", "--configfile", "mine.yaml")
    assert planned.pop("total") == sum(planned.values())
    assert planned.keys() == {"models_prepare", "models_prepare_detector", "prefetch"}
    listed = workspace.run("prefetch", "-n", "--printshellcmds", "--configfile", "mine.yaml")
    assert "wildframe models prepare squeezenet1_1 " in listed
    assert listed.count("wildframe models prepare ") == planned["models_prepare"]
