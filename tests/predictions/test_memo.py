"""Adaptation to an image, against the same step written out with autograd and torch's SGD."""

from copy import deepcopy

import numpy as np
import pytest
import torch
from frames_data import kept, lost, write_frames
from torch import nn
from torch.nn.functional import batch_norm

from wildframe.core.adaptation import Adaptation
from wildframe.core.errors import UserError
from wildframe.core.schemas import MANIFEST, PREDICTIONS
from wildframe.core.tables import read_facts, read_table, write_rows
from wildframe.frames.encode import encode
from wildframe.models import zoo_entry
from wildframe.models.weights import prepare
from wildframe.predictions.memo import (
    AdaptedInference,
    adapted_logits,
    marginal_entropy,
    mixed_statistics,
)

LR, PRIOR = 0.05, 16 / 17
CUP, DOG, FISH = "n07930864", "n02085620", "n01440764"


class TinyNet(nn.Module):
    """Two convolutions with batch normalization, whose running statistics are not the defaults."""

    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Conv2d(4, 5, 3), nn.BatchNorm2d(5)
        )
        self.head = nn.Linear(5, 6)
        for layer in (self.layers[1], self.layers[4]):
            layer.running_mean.uniform_(-1, 1)
            layer.running_var.uniform_(0.5, 2)

    def forward(self, images):
        return self.head(self.layers(images).mean(dim=(2, 3)))


@pytest.fixture
def net():
    torch.manual_seed(1)
    return TinyNet().eval()


@pytest.fixture
def inputs():
    """Copies and images of three images."""
    torch.manual_seed(2)
    return torch.randn(3, 4, 3, 9, 9), torch.randn(3, 3, 9, 9)


def by_hand(net, copies, image, steps=1, classes=slice(None)):
    """One image: forward passes, entropy and steps written out."""
    net = deepcopy(net)

    def normalized(layer, values):
        seen = values.detach().transpose(0, 1).flatten(1)
        mean = PRIOR * layer.running_mean + (1 - PRIOR) * seen.mean(dim=1)
        variance = PRIOR * layer.running_var + (1 - PRIOR) * seen.var(dim=1)
        return batch_norm(values, mean, variance, layer.weight, layer.bias, eps=layer.eps)

    def forward(images):
        first, norm, relu, second, last = net.layers
        values = normalized(last, second(relu(normalized(norm, first(images)))))
        return net.head(values.mean(dim=(2, 3)))

    optimizer = torch.optim.SGD(net.parameters(), LR)
    for _ in range(steps):
        mean = forward(copies)[:, classes].softmax(dim=1).mean(dim=0)
        entropy = -(mean * mean.log()).sum()
        optimizer.zero_grad()
        torch.autograd.backward(entropy)
        optimizer.step()
    with torch.no_grad():
        return forward(image[None])[0]


def adapted(net, copies, images, steps=1, classes=slice(None)):
    with mixed_statistics(net, 16):
        return adapted_logits(net, copies, images, LR, steps, classes)


@pytest.mark.parametrize("steps", [1, 3])
def test_a_step_is_that_of_autograd_and_sgd(net, inputs, steps):
    copies, images = inputs
    expected = by_hand(net, copies[0], images[0], steps)
    (found,) = adapted(net, copies[:1], images[:1], steps)
    torch.testing.assert_close(found, expected, atol=1e-6, rtol=0)
    # The step is no small matter here.
    with torch.no_grad():
        assert (net(images[:1])[0] - expected).abs().max() > 1e-3


def test_several_images_at_a_time_are_each_as_alone(net, inputs):
    copies, images = inputs
    together = adapted(net, copies, images, steps=2)
    alone = [adapted(net, copies[at : at + 1], images[at : at + 1], steps=2) for at in range(3)]
    torch.testing.assert_close(together, torch.cat(alone), atol=1e-6, rtol=0)


def test_the_model_is_bit_for_bit_what_it_was(net, inputs):
    before = {name: value.clone() for name, value in net.state_dict().items()}
    with torch.no_grad():
        predicted = net(inputs[1])
    adapted(net, *inputs)
    after = net.state_dict()
    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], after[name]) for name in before)
    with torch.no_grad():
        assert torch.equal(net(inputs[1]), predicted)


def test_after_an_error_the_model_is_what_it_was(net):
    before = {name: value.clone() for name, value in net.state_dict().items()}
    broken = torch.randn(1, 3, 3, 3)  # too small for the second convolution
    with pytest.raises(RuntimeError), mixed_statistics(net, 16):
        net(broken)
    assert all(torch.equal(before[name], value) for name, value in net.state_dict().items())


def test_the_entropy_may_be_of_some_classes_only(net, inputs):
    copies, images = inputs
    (found,) = adapted(net, copies[:1], images[:1], classes=[0, 2, 3])
    expected = by_hand(net, copies[0], images[0], classes=[0, 2, 3])
    torch.testing.assert_close(found, expected, atol=1e-6, rtol=0)
    assert not torch.allclose(found, adapted(net, copies[:1], images[:1])[0], atol=1e-4)


def test_entropy_by_hand():
    logits = torch.tensor([[0.5, 0.5], [0.9, 0.1]]).log()
    mean = torch.tensor([0.7, 0.3])
    expected = -(mean * mean.log()).sum()
    torch.testing.assert_close(marginal_entropy(logits), expected)
    # Certain copies that disagree are as undecided as can be; those that agree are certain.
    assert marginal_entropy(torch.tensor([[0.0, 1e5], [1e5, 0.0]])).item() == pytest.approx(
        np.log(2)
    )
    assert marginal_entropy(torch.tensor([[0.0, 1e5], [0.0, 1e5]])).item() == 0


def test_a_prior_without_end_is_ordinary_evaluation(net, inputs):
    with torch.no_grad():
        expected = net(inputs[1])
        with mixed_statistics(net, 1e12):
            torch.testing.assert_close(net(inputs[1]), expected)
        with mixed_statistics(net, 0):
            assert not torch.allclose(net(inputs[1]), expected, atol=0.1)


@pytest.fixture
def images(tmp_path, manifest_row):
    """Two readable images and one that is lost, and their manifest."""
    rng = np.random.default_rng(1)
    shapes = {"a": (80, 120), "b": (120, 80)}
    rows = [
        kept(name, encode(rng.integers(0, 256, (*shape, 3), dtype=np.uint8), "png"))
        for name, shape in shapes.items()
    ]
    (frames,), statuses = write_frames(tmp_path, [*rows, lost("c")])
    manifest = tmp_path / "manifest.parquet"
    write_rows(manifest, MANIFEST, [manifest_row(name, labels=[DOG, CUP]) for name in "abc"])
    return ["--frames", frames, "--statuses", statuses, "--manifest", manifest]


def predict(wildframe, folder, images, adaptation, *options):
    view = f'{{"kind": "full", "adapt": {adaptation}}}'
    output = folder / "memo.parquet"
    weights = folder / "weights.safetensors"
    if not weights.exists():
        prepare(zoo_entry("squeezenet1_1"), weights)
    command = ("predictions", "adapt", "squeezenet1_1", "--weights", weights, *images)
    wildframe(*command, "--view", view, "--output", output, "--device", "cpu", *options)
    rows = {row["image_id"]: row["scores"] for row in read_table(output, PREDICTIONS).to_pylist()}
    return rows, read_facts(output, PREDICTIONS)


def test_predictions_of_an_adapted_model(wildframe, tmp_path, images):
    some = Adaptation(k=2, lr=0.001).model_dump_json()
    rows, facts = predict(wildframe, tmp_path, images, some)
    assert list(rows) == ["a", "b"]
    assert '"augmentation": "rrc"' in facts["view"] or '"augmentation":"rrc"' in facts["view"]
    assert facts["model"] == "squeezenet1_1"
    again, _ = predict(wildframe, tmp_path, images, some, "--batch-size", 2)
    assert again == rows
    # A step of nearly nothing predicts what the model does.
    still = Adaptation(k=2, lr=1e-12).model_dump_json()
    unmoved, _ = predict(wildframe, tmp_path, images, still)
    plain = tmp_path / "plain.parquet"
    command = ("predictions", "run", "squeezenet1_1", "--weights", tmp_path / "weights.safetensors")
    wildframe(*command, *images, "--view", '{"kind": "full"}', "--output", plain)
    for row in read_table(plain, PREDICTIONS).to_pylist():
        assert unmoved[row["image_id"]] == pytest.approx(row["scores"], abs=1e-4)
        assert np.abs(np.array(rows[row["image_id"]]) - row["scores"]).max() > 1e-3
    restricted, facts = predict(wildframe, tmp_path, images, some, "--label-space", "vid30")
    assert restricted["a"] != rows["a"]
    assert facts["targets"] == "vid30"


@pytest.mark.parametrize("change", ["nothing", "code", "view", "boxes", "classes"])
def test_a_run_that_is_stopped_goes_on_with_the_same_settings(
    change, wildframe, tmp_path, images, manifest_row, monkeypatch
):
    monkeypatch.setattr("wildframe.predictions.adapted._IMAGES_A_PART", 1)
    adapted, stop_after = [], 1

    def count(self, images, size):
        for batch in inputs(self, images, size):
            if len(adapted) == stop_after:
                raise UserError("stopped")
            adapted.extend(batch[0])
            yield batch

    inputs = AdaptedInference.inputs
    monkeypatch.setattr(AdaptedInference, "inputs", count)
    settings, options = Adaptation(k=2, lr=0.001), ["--predictable", "labels"]
    with pytest.raises(UserError, match="stopped"):
        predict(wildframe, tmp_path, images, settings.model_dump_json(), *options)
    assert [path.name for path in tmp_path.glob("memo*")] == ["memo.parts"]
    if change == "code":
        options += ["--code", "2"]
    if change == "view":
        settings = Adaptation(k=3, lr=0.001)
    if change in ("boxes", "classes"):
        new = {"width": 7} if change == "boxes" else {"labels": [DOG, FISH]}
        write_rows(images[-1], MANIFEST, [manifest_row(name, **new) for name in "abc"])
    adapted, stop_after = [], None
    rows, _ = predict(wildframe, tmp_path, images, settings.model_dump_json(), *options)
    assert adapted == (["b"] if change == "nothing" else ["a", "b"])
    assert [path.name for path in tmp_path.glob("memo*")] == ["memo.parquet"]
    whole, _ = predict(wildframe, tmp_path, images, settings.model_dump_json(), *options)
    assert rows == whole


def test_a_view_without_adaptation_is_refused(wildframe, tmp_path, images):
    with pytest.raises(UserError, match="without adapt"):
        predict(wildframe, tmp_path, images, "null")


def test_a_function_has_no_weights_to_adapt(wildframe, tmp_path, images, monkeypatch):
    from wildframe.models.settings import ModelSettings

    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.py").write_text(
        "import torch\n\n\ndef logits(images):\n    return torch.zeros(len(images), 1000)\n"
    )
    own = {"mine": ModelSettings(function="mine:logits", label_space="in1k")}
    weights = tmp_path / "mine.safetensors"
    prepare(zoo_entry("mine", own), weights)
    output = tmp_path / "memo.parquet"
    command = ("predictions", "adapt", "mine", "--weights", weights, *images)
    with pytest.raises(UserError, match="mine: a function has no weights"):
        wildframe(*command, "--view", '{"kind": "full", "adapt": "memo"}', "--output", output)
    assert not output.exists()
