"""Exports: the same predictions as torch, or none at all."""

import json
from collections.abc import Sequence

import numpy as np
import pytest
import torch

from wildframe.core.errors import UserError
from wildframe.models import zoo_entry
from wildframe.models.exported import disagreement, export, open_exported, torch_facts
from wildframe.models.inputs import normalize
from wildframe.models.weights import build

SIDE, IMAGES = 64, 6
ENTRY = zoo_entry(f"squeezenet1_1@{SIDE}")  # BGR: normalization is part of the graph
ORIGIN = {"entry": ENTRY.facts, "weights": {"tensors": "a hash"}}


@pytest.fixture(scope="module")
def images():
    rng = np.random.default_rng(5)
    return [rng.integers(0, 256, (SIDE, SIDE, 3), dtype=np.uint8) for _ in range(IMAGES)]


@pytest.fixture
def exported(tmp_path, images):
    """Return a function that exports a model and returns its two files."""

    def run(model):
        files = tmp_path / "model.onnx", tmp_path / "model.json"
        export(model.eval(), ENTRY, ORIGIN, images, *files)
        return files

    return run


class Layers(torch.nn.Module):
    """Three logits of an image: the means of its channels."""

    def forward(self, images):
        return self.after(images.mean(dim=(2, 3)))

    def after(self, logits):
        return logits


def test_logits_are_those_of_torch_for_any_batch(exported, images):
    torch.manual_seed(0)
    model = build(ENTRY).eval()
    files = exported(model)
    run, facts = open_exported(*files, threads=1)
    assert disagreement(files[1], ORIGIN) is None
    assert facts["agrees_with_torch"].startswith(f"top-1 on {IMAGES} of {IMAGES} images, logits ")
    assert facts.items() > torch_facts(model, ENTRY).items()
    assert facts["backend"].startswith("onnxruntime ")
    for batch in (images[:1], images[:5], images):
        pixels = np.stack(batch)
        with torch.inference_mode():
            expected = model(normalize(pixels, ENTRY, torch.device("cpu"))).numpy()
        np.testing.assert_allclose(run(pixels), expected, atol=1e-4)


def test_the_same_model_gives_the_same_bytes(exported):
    first = [path.read_bytes() for path in exported(Layers())]
    assert [path.read_bytes() for path in exported(Layers())] == first


def test_an_export_that_predicts_otherwise_is_not_used(exported):
    class OfTheBatch(Layers):
        def after(self, logits):
            return logits if len(logits) == 1 else -logits  # one is what the graph is traced with

    reason = disagreement(exported(OfTheBatch())[1], ORIGIN)
    assert reason == f"its export has the top-1 of torch on 0 of {IMAGES}"


def test_a_model_without_an_export_says_why(exported):
    class Eigenvalues(Layers):
        def after(self, logits):
            return torch.linalg.eigvals(logits[:, :, None] * torch.eye(3)).real

    onnx, facts = exported(Eigenvalues())
    assert onnx.read_bytes() == b""
    assert "it cannot be exported (" in disagreement(facts, ORIGIN)
    assert "eigvals" in disagreement(facts, ORIGIN)


@pytest.mark.parametrize(
    "other",
    [
        {"entry": ENTRY.facts, "weights": {"tensors": "another hash"}},
        {"entry": ENTRY.facts | {"mean": [0, 0, 0]}, "weights": {"tensors": "a hash"}},
    ],
)
def test_an_export_of_other_weights_or_settings_is_not_used(exported, other):
    files = exported(Layers())
    assert disagreement(files[1], other) == "its export is of other weights or settings"


def test_a_damaged_image_is_no_problem_of_the_model(tmp_path):
    class Damaged(Sequence):
        def __len__(self):
            return IMAGES

        def __getitem__(self, position):
            raise UserError("sample.arrow: not a sound Arrow file")

    files = tmp_path / "model.onnx", tmp_path / "model.json"
    with pytest.raises(UserError, match=r"sample\.arrow"):
        export(Layers().eval(), ENTRY, ORIGIN, Damaged(), *files)
    assert list(tmp_path.iterdir()) == []


def test_a_damaged_export_is_refused_by_name(exported):
    onnx, facts = exported(Layers())
    onnx.write_bytes(onnx.read_bytes()[:-1])
    with pytest.raises(UserError, match=r"model\.onnx: not the file .*delete both"):
        open_exported(onnx, facts, threads=1)
    onnx.unlink()
    with pytest.raises(UserError, match=r"model\.onnx: no such file"):
        open_exported(onnx, facts, threads=1)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"images": 1}', json.dumps({"sha256": ""})])
def test_other_facts_are_refused_by_name(tmp_path, text):
    facts = tmp_path / "facts.json"
    facts.write_text(text)
    with pytest.raises(UserError, match=r"facts\.json: not the facts of an export"):
        disagreement(facts, ORIGIN)
