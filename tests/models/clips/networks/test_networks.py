"""Networks of clips: their sizes are the published ones."""

import pytest
import torch
from shapes import shapes_only

from wildframe.core.errors import UserError
from wildframe.models.clips.networks import NETWORKS, build, resnet, torchvision
from wildframe.models.clips.networks.base import evenly_spaced
from wildframe.models.clips.networks.resnet import Bottleneck, shift_channels


def on_meta(name):
    with shapes_only():
        return build(name).eval()


def features(network, *shape):
    with shapes_only():
        return [tuple(each.shape) for each in network(torch.zeros(*shape))]


def test_every_name_is_built_by_one_module():
    assert NETWORKS.keys() == resnet.BUILDERS.keys() | torchvision.BUILDERS.keys()
    assert not resnet.BUILDERS.keys() & torchvision.BUILDERS.keys()


def test_an_unknown_network_is_refused():
    with pytest.raises(UserError, match="'slow_r18' is no network of clips; choose one of tiny, "):
        build("slow_r18")


@pytest.mark.parametrize(
    ("name", "millions"),
    [
        ("slow_r50", 32.45),
        ("slowfast_r50", 34.57),
        ("slowfast_r101", 62.83),
        ("tsm_r50", 24.33),
        ("i3d_r50", 28.04),
        # torchvision's own figures, with its own heads.
        ("r3d_18", 33.37),
        ("mc3_18", 11.70),
        ("s3d", 8.32),
        ("mvit_v2_s", 34.54),
        ("swin3d_t", 28.16),
    ],
)
def test_parameters_with_a_head_of_400_classes(name, millions):
    network = on_meta(name)
    head = (sum(network.channels) + 1) * 400
    params = head + sum(parameter.numel() for parameter in network.parameters())
    assert round(params / 1e6, 2) == millions


@pytest.mark.parametrize("name", NETWORKS)
def test_features_have_the_channels_that_the_network_tells(name):
    entry = NETWORKS[name]
    network = on_meta(name)
    # One and a half times the size: tests of models show larger crops than their training.
    for crop in (entry.crop, entry.crop * 3 // 2):
        shapes = features(network, 2, 3, entry.frames, crop, crop)
        assert tuple(shape[1] for shape in shapes) == network.channels
        assert all(shape[0] == 2 and len(shape) == 5 for shape in shapes)


@pytest.mark.parametrize(
    ("name", "clip", "wanted"),
    [
        ("tiny", (1, 3, 4, 32, 32), [(1, 256, 4, 4, 4)]),
        ("slow_r50", (1, 3, 8, 224, 224), [(1, 2048, 8, 7, 7)]),
        ("slowfast_r50", (1, 3, 32, 224, 224), [(1, 2048, 8, 7, 7), (1, 256, 32, 7, 7)]),
        ("i3d_r50", (1, 3, 8, 224, 224), [(1, 2048, 4, 7, 7)]),
        ("mvit_v2_s", (1, 3, 16, 224, 224), [(1, 768, 8, 7, 7)]),
    ],
)
def test_shapes_of_features(name, clip, wanted):
    assert features(on_meta(name), *clip) == wanted


def test_slow_frames_run_from_the_first_to_the_last():
    assert evenly_spaced(32, 8).tolist() == [0, 4, 8, 13, 17, 22, 26, 31]
    assert evenly_spaced(8, 8).tolist() == list(range(8))
    assert evenly_spaced(8, 1).tolist() == [0]


def test_the_slow_pathway_sees_every_fourth_frame_and_the_fast_one_all():
    network = build("slowfast_r50").conv1.eval()
    clip = torch.randn(1, 3, 32, 16, 16, generator=torch.Generator().manual_seed(0))
    unseen = clip.clone()
    unseen[:, :, 1] += 1  # not among the slow pathway's frames
    with torch.inference_mode():
        (slow, fast), (same, other) = network((clip,)), network((unseen,))
    own = slow.shape[1] - 2 * fast.shape[1]  # the rest is handed over
    assert torch.equal(slow[:, :own], same[:, :own])
    assert not torch.equal(fast, other)
    assert not torch.equal(slow[:, own:], same[:, own:])


def test_a_shift_brings_channels_of_the_next_frame_and_of_the_one_before():
    times = torch.arange(1.0, 4).reshape(1, 1, 3, 1, 1).expand(1, 16, 3, 1, 1)
    shifted = shift_channels(times)[0, :, :, 0, 0]
    assert shifted[:2].tolist() == [[2, 3, 0]] * 2
    assert shifted[2:4].tolist() == [[0, 1, 2]] * 2
    assert shifted[4:].tolist() == [[1, 2, 3]] * 12


def test_a_block_starts_as_its_shortcut():
    features = torch.rand(1, 8, 2, 4, 4)
    assert torch.equal(Bottleneck(8, 2, 3, 1, shifts=False)(features), features)


def test_the_seed_decides_the_weights():
    def first(seed):
        torch.manual_seed(seed)
        return build("tiny").conv1.slow[0].conv.weight

    assert torch.equal(first(1), first(1))
    assert not torch.equal(first(1), first(2))


def test_tiny_learns_in_all_of_its_parts():
    torch.manual_seed(0)
    network = build("tiny")
    assert sum(parameter.numel() for parameter in network.parameters()) < 200_000
    for parameter in network.parameters():  # the last norms of blocks start at zero
        torch.nn.init.normal_(parameter, std=0.3)
    network(torch.randn(2, 3, 4, 32, 32))[0].square().mean().backward()
    assert all(parameter.grad.abs().sum() > 0 for parameter in network.parameters())
