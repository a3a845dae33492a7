"""Checkpoints in the released key layout, made here: the published files are not at hand."""

import pickle
from pathlib import Path

import pytest
import torch
from shapes import shapes_only

from wildframe.core.errors import UserError
from wildframe.models.clips.networks import build
from wildframe.models.clips.released import read_released, released_key

CONV = ("weight",)
NORM = ("weight", "bias", "running_mean", "running_var", "num_batches_tracked")


def layers(conv, norm):
    return [*(f"{conv}.{leaf}" for leaf in CONV), *(f"{norm}.{leaf}" for leaf in NORM)]


def layout(depths, pathways):
    """Return all names of a released backbone, as PySlowFast's modules are nested."""
    names = []
    for pathway in range(pathways):
        names += layers(f"s1.pathway{pathway}_stem.conv", f"s1.pathway{pathway}_stem.bn")
        for stage, depth in enumerate(depths, 2):
            for block in range(depth):
                at = f"s{stage}.pathway{pathway}_res{block}"
                if block == 0:
                    names += layers(f"{at}.branch1", f"{at}.branch1_bn")
                for unit in "abc":
                    names += layers(f"{at}.branch2.{unit}", f"{at}.branch2.{unit}_bn")
    if pathways == 2:
        for stage in range(1, 5):
            names += layers(f"s{stage}_fuse.conv_f2s", f"s{stage}_fuse.bn")
    return names


@pytest.mark.parametrize(
    ("name", "depths", "pathways"),
    [
        ("slow_r50", (3, 4, 6, 3), 1),
        ("slowfast_r50", (3, 4, 6, 3), 2),
        ("slowfast_r101", (3, 4, 23, 3), 2),
    ],
)
def test_each_tensor_has_its_released_name(name, depths, pathways):
    with shapes_only():
        keys = build(name).state_dict()
    assert sorted(map(released_key, keys)) == sorted(layout(depths, pathways))


def test_units_layers_and_connections_are_not_mixed_up():
    assert {
        key: released_key(key)
        for key in (
            "conv1.slow.0.norm.bias",
            "res4.fast.5.shortcut.norm.weight",
            "res2.slow.0.b.norm.running_var",
            "res5.slow.2.c.conv.weight",
            "conv1.lateral.conv.weight",
            "res3.lateral.norm.bias",
        )
    } == {
        "conv1.slow.0.norm.bias": "s1.pathway0_stem.bn.bias",
        "res4.fast.5.shortcut.norm.weight": "s4.pathway1_res5.branch1_bn.weight",
        "res2.slow.0.b.norm.running_var": "s2.pathway0_res0.branch2.b_bn.running_var",
        "res5.slow.2.c.conv.weight": "s5.pathway0_res2.branch2.c.weight",
        "conv1.lateral.conv.weight": "s1_fuse.conv_f2s.weight",
        "res3.lateral.norm.bias": "s3_fuse.bn.bias",
    }


def released():
    """Return a released checkpoint of the tiny network, heads and optimizer included."""
    shapes = {released_key(key): value for key, value in build("tiny").state_dict().items()}
    drawn = torch.Generator().manual_seed(1)
    state = {
        name: torch.rand(shapes[name].shape, generator=drawn).to(shapes[name].dtype)
        for name in layout((1, 1, 1, 1), 1)
    }
    heads = {
        "head.projection.weight": torch.zeros(400, 256),
        "handobjhead.hand.weight": torch.zeros(2, 2),
        "headepic100.projections.0.bias": torch.zeros(97),
    }
    return {"epoch": 199, "model_state": state | heads, "optimizer_state": {}, "cfg": "BN:\n"}


def written(folder, content):
    torch.save(content, folder / "SLOW.pyth")
    return folder / "SLOW.pyth"


def test_a_released_checkpoint_loads_into_the_network_without_its_heads(tmp_path):
    content = released()
    network = build("tiny")
    network.load_state_dict(read_released(written(tmp_path, content), "tiny"), strict=True)
    given = content["model_state"]
    for key, value in network.state_dict().items():
        assert torch.equal(value, given[released_key(key)]), key


def test_counters_may_be_absent(tmp_path):
    content = released()
    given = content["model_state"]
    content["model_state"] = {key: given[key] for key in given if "num_batches" not in key}
    state = read_released(written(tmp_path, content), "tiny")
    assert state["res2.slow.0.a.norm.num_batches_tracked"].item() == 0


def test_missing_unexpected_and_misshapen_tensors_are_named_as_in_the_file(tmp_path):
    content = released()
    state = content["model_state"]
    del state["s3.pathway0_res0.branch2.b.weight"]
    state["s3.pathway0_nonlocal0.conv_g.weight"] = torch.zeros(1)
    state["s1.pathway0_stem.bn.bias"] = torch.zeros(3)
    with pytest.raises(UserError) as told:
        read_released(written(tmp_path, content), "tiny")
    message = str(told.value)
    assert "SLOW.pyth (model_state) does not fit tiny: " in message
    assert "s3.pathway0_res0.branch2.b.weight is missing" in message
    assert "s3.pathway0_nonlocal0.conv_g.weight is unexpected" in message
    assert "s1.pathway0_stem.bn.bias has another shape" in message


def test_a_network_of_torchvision_has_no_released_checkpoint(tmp_path):
    with pytest.raises(UserError, match="mvit_v2_s has no checkpoints of this layout"):
        read_released(written(tmp_path, released()), "mvit_v2_s")


class Malicious:
    """Touches a file when it is unpickled."""

    def __init__(self, marker):
        self.marker = marker

    def __reduce__(self):
        return Path.touch, (self.marker,)


def test_a_checkpoint_that_runs_code_is_refused(tmp_path):
    malicious = Malicious(tmp_path / "ran")
    path = written(tmp_path, released() | {"cfg": malicious})
    with pytest.raises(UserError, match="refused: it holds more than weights"):
        read_released(path, "tiny")
    assert not malicious.marker.exists()
    pickle.loads(pickle.dumps(malicious))
    assert malicious.marker.exists()
