"""Networks of clips that start from the weights of a ResNet."""

import re

import pytest
import torch
from shapes import shapes_only
from torchvision import models

from wildframe.core.errors import UserError
from wildframe.models.clips.inflated import inflate, inflated_key
from wildframe.models.clips.learner import ClipModel, load_backbone, load_model
from wildframe.models.clips.networks import build
from wildframe.models.weights import load_state, save

# Kernels over time reach so far from a frame of slow_r50: one frame a block of res4 and res5.
REACH = 6 + 3
SLOW = "the network of clips slow_r50"


@pytest.mark.parametrize(
    ("key", "ours"),
    [
        ("conv1.weight", "conv1.slow.0.conv.weight"),
        ("bn1.running_mean", "conv1.slow.0.norm.running_mean"),
        ("layer1.0.conv1.weight", "res2.slow.0.a.conv.weight"),
        ("layer4.2.bn3.bias", "res5.slow.2.c.norm.bias"),
        ("layer2.0.downsample.0.weight", "res3.slow.0.shortcut.conv.weight"),
        ("layer2.0.downsample.1.running_var", "res3.slow.0.shortcut.norm.running_var"),
    ],
)
def test_tensors_have_our_names(key, ours):
    assert inflated_key(key) == ours


def test_of_a_still_clip_the_features_are_those_of_the_image(tmp_path):
    torch.manual_seed(0)
    image_model = models.resnet50().eval()
    for name, seen in image_model.named_buffers():
        if name.endswith("running_mean"):
            seen.uniform_(-0.1, 0.1)
    save(image_model, {"model": "resnet50"}, tmp_path / "resnet50.safetensors")
    model = ClipModel("slow_r50", {"action": 2})
    load_backbone(model, "slow_r50", tmp_path / "resnet50.safetensors")
    image = torch.randn(1, 3, 32, 32)
    with torch.inference_mode():
        clip = image[:, :, None].expand(-1, -1, 2 * REACH + 1, -1, -1)
        (features,) = model.eval().backbone(clip)
        body = torch.nn.Sequential(*list(image_model.children())[:-2])
        torch.testing.assert_close(features[:, :, REACH], body(image), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("model", ["resnet18", "resnet101", "squeezenet1_1"])
def test_another_model_of_images_is_refused(model):
    with shapes_only():
        state = getattr(models, model)().state_dict()
    with pytest.raises(UserError, match=r"w\.safetensors does not fit the network of clips slow"):
        load_state(build("slow_r50"), inflate(state, "slow_r50"), "w.safetensors", SLOW)


@pytest.mark.parametrize("facts", [{"model": "mine"}, {"network": "tiny"}])
def test_weights_that_do_not_fit_are_left_to_the_user(tmp_path, facts):
    save(torch.nn.Linear(2, 2), facts, tmp_path / "mine.safetensors")
    with pytest.raises(UserError) as told:
        load_backbone(ClipModel("tiny", {"action": 2}), "tiny", tmp_path / "mine.safetensors")
    assert re.search(
        r"mine\.safetensors does not fit the network of clips tiny: conv1\S* is missing "
        r"\(first of \d+\).*; correct one of the two$",
        str(told.value),
    )


def test_a_training_that_does_not_fit_is_made_anew(tmp_path):
    facts = {"network": "tiny", "task": "action", "classes": {"action": ["go"]}, "appended": 0}
    save(torch.nn.Linear(2, 2), facts, tmp_path / "mine.safetensors")
    with pytest.raises(
        UserError, match=r"^\S*mine\.safetensors does not fit .*; delete it and rerun$"
    ):
        load_model(tmp_path / "mine.safetensors")
