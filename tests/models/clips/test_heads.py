"""Heads: what they return, and that they leave the backbone as it is."""

import torch

from wildframe.models.clips.heads import InteractionHead, PooledHeads, pooled
from wildframe.models.clips.networks import build

FEATURES = (
    torch.arange(16.0).reshape(1, 2, 2, 2, 2),
    torch.ones(1, 1, 4, 2, 2),
)


def test_features_of_all_pathways_are_pooled_over_time_and_space():
    assert pooled(FEATURES).tolist() == [[3.5, 11.5, 1.0]]


def test_each_head_has_its_classes():
    heads = PooledHeads((2, 1), {"action": 4, "ego": 2})
    assert sorted(heads.state_dict()) == ["action.bias", "action.weight", "ego.bias", "ego.weight"]
    logits = heads(FEATURES)
    assert {name: tuple(each.shape) for name, each in logits.items()} == {
        "action": (1, 4),
        "ego": (1, 2),
    }


def test_pooling_before_the_layer_equals_the_mean_of_a_layer_at_each_position():
    torch.manual_seed(0)
    heads = PooledHeads((2,), {"action": 3}).eval()
    features = torch.randn(2, 2, 3, 4, 5)
    each = heads["action"](features.movedim(1, -1)).mean(dim=(1, 2, 3))
    torch.testing.assert_close(heads((features,))["action"], each)


def test_embeddings_of_teachers_are_appended_to_pooled_features():
    heads = PooledHeads((2, 1), {"verb": 1}, appended=2)
    torch.nn.init.ones_(heads["verb"].weight)
    assert heads(FEATURES, torch.tensor([[10.0, 100.0]]))["verb"].item() == 126.0


def test_dropout_is_shared_by_the_heads_and_off_in_evaluation():
    heads = PooledHeads((8,), {"a": 1, "b": 1}, dropout=0.5)
    for head in heads.values():
        torch.nn.init.ones_(head.weight)
    features = (torch.ones(1, 8, 1, 1, 1),)
    torch.manual_seed(0)
    seen = [heads(features) for _ in range(8)]
    assert all(torch.equal(each["a"], each["b"]) for each in seen)
    assert len({each["a"].item() for each in seen}) > 1
    assert heads.eval()(features)["a"].item() == 8.0


def test_interaction_maps_have_the_slow_features_times_and_cells():
    head = InteractionHead((2048, 256))
    assert {key: tuple(value.shape) for key, value in head.state_dict().items()} == {
        "0.weight": (512, 2048, 1, 3, 3),
        "0.bias": (512,),
        "2.weight": (2, 512, 1, 1, 1),
        "2.bias": (2,),
    }
    features = torch.zeros(1, 2048, 2, 3, 3), torch.zeros(1, 256, 8, 3, 3)
    assert head(features).shape == (1, 2, 2, 3, 3)


def test_a_backbone_is_the_same_with_and_without_auxiliary_heads():
    torch.manual_seed(0)
    alone = build("tiny").state_dict()
    torch.manual_seed(0)
    backbone = build("tiny")
    heads = PooledHeads(backbone.channels, {"action": 3, "ego": 2, "object": 1000})
    maps = InteractionHead(backbone.channels)
    features = backbone(torch.randn(2, 3, 4, 32, 32))
    loss = sum(each.sum() for each in heads(features).values()) + maps(features).sum()
    loss.backward()
    kept = backbone.state_dict()
    assert {key: value.shape for key, value in kept.items()} == {
        key: value.shape for key, value in alone.items()
    }
    running = ("running_mean", "running_var", "num_batches_tracked")
    assert all(torch.equal(kept[key], alone[key]) for key in kept if not key.endswith(running))
