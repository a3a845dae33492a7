"""Where weights are, or how to get them: one line a model."""

import pytest

from wildframe.doctor.models import weights
from wildframe.models import load_detectors, zoo_entry

HUB, DETECTOR = "resnet50.a1_in1k", "fasterrcnn_resnet50_fpn"


@pytest.fixture
def tell(tmp_path, monkeypatch):
    """Return a function that tells of a model of a hub, and of a detector."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))

    def look(reachable):
        monkeypatch.setattr("wildframe.doctor.models.is_reachable", lambda _: reachable)
        models = {name: zoo_entry(name) for name in (HUB, f"{HUB}@288")}
        detectors = {DETECTOR: load_detectors()[DETECTOR]}
        return list(weights(models, detectors, tmp_path / "results", [tmp_path / "mine.yaml"]))

    return look


def test_what_is_not_here_is_fetched_from_a_hub_that_answers(tell, tmp_path):
    fetch = f"`snakemake prefetch --cores 1 --configfile {tmp_path}/mine.yaml`"
    assert tell(reachable=True) == [
        ("partly", f"model {HUB}: not here, in its hub, 102 MB; {fetch} fetches it"),
        ("partly", f"detector {DETECTOR}: not here, in its hub, 167 MB; {fetch} fetches it"),
    ]
    (mark, line), _ = tell(reachable=False)
    assert mark == "missing"
    assert f"its hub cannot be reached; run {fetch} in this folder on a machine with" in line
    assert "set HF_HOME to a cache" in line


def test_what_was_prefetched_is_there(tell, tmp_path):
    made = tmp_path / "results/models"
    for name in (f"{HUB}/weights.safetensors", f"{DETECTOR}/weights.detector"):
        (made / name).parent.mkdir(parents=True)
        (made / name).touch()
    assert tell(reachable=False) == [
        ("ok", f"model {HUB}: {made}/{HUB}/weights.safetensors"),
        ("ok", f"detector {DETECTOR}: {made}/{DETECTOR}/weights.detector"),
    ]
