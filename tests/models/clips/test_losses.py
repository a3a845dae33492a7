"""Losses: values worked out by hand, and gradients."""

from math import log

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from wildframe.models.clips.losses import (
    distillation_kl,
    distillation_loss,
    interaction_loss,
    reverse_gradient,
    soft_cross_entropy,
    total,
    triplet_loss,
)
from wildframe.models.clips.recipe import WEIGHTS

_LOGITS = st.lists(st.floats(-8, 8, width=32), min_size=3, max_size=3)


@given(_LOGITS, _LOGITS)
def test_kl_and_soft_cross_entropy_have_the_same_gradient(student, teacher):
    gradients, values = [], []
    targets = torch.tensor([teacher], dtype=torch.float64)
    for loss in (soft_cross_entropy, distillation_kl):
        logits = torch.tensor([student], dtype=torch.float64, requires_grad=True)
        value = loss(logits, targets, 1.0)
        value.backward()
        gradients.append(logits.grad)
        values.append(value)
    torch.testing.assert_close(*gradients)
    share = targets.softmax(dim=1)
    entropy = -(share * targets.log_softmax(dim=1)).sum()
    torch.testing.assert_close(values[0] - values[1], entropy)


def test_the_teachers_mean_logits_become_probabilities_at_the_temperature():
    # Two clips of a video, [2, -1] and [0, 1]: the mean is [1, 0], its softmax [.7311, .2689].
    teacher = torch.tensor([[1.0, 0.0]])
    logits = torch.log(torch.tensor([[0.5, 0.5]]))
    assert soft_cross_entropy(logits, teacher, 1.0).item() == pytest.approx(log(2))
    certain = torch.tensor([[0.0, -100.0]])
    assert soft_cross_entropy(certain, teacher, 1.0).item() == pytest.approx(26.8941, abs=1e-3)
    assert soft_cross_entropy(certain, teacher, 0.5).item() == pytest.approx(11.9203, abs=1e-3)


def test_a_student_that_agrees_has_no_divergence_at_any_temperature():
    logits = torch.tensor([[1.0, -2.0, 0.5]])
    assert distillation_kl(logits, logits, 3.0).item() == pytest.approx(0, abs=1e-6)


def batch():
    """Two clips of 2 classes, one time of 1 x 2 cells; every probability is one half."""
    logits = torch.zeros(2, 2)
    teacher = torch.tensor([[log(3), 0.0], [log(3), 0.0]])  # probabilities 3/4, 1/4
    maps = torch.tensor([[[1.0, 0.5], [0.0, 0.0]], [[0.0, 0.0], [0.5, 0.0]]])
    return logits, teacher, torch.zeros(2, 2, 1, 1, 2), maps.reshape(2, 2, 1, 1, 2)


def terms(form):
    logits, teacher, map_logits, maps = batch()
    hand, hand_object = interaction_loss(map_logits, maps, form)
    distilled = distillation_loss(logits, teacher, form, 1.0)
    action = torch.nn.functional.cross_entropy(logits, torch.tensor([0, 1]))
    return {
        "action": action,
        "ego": distilled,
        "object": distilled,
        "hand": hand,
        "hand_object": hand_object,
    }


def test_the_papers_total_of_a_fixed_batch():
    # Targets of hands sum to 1.5 over two clips, those of objects to 0.5; each costs log 2.
    hand, hand_object = 0.75 * log(2), 0.25 * log(2)
    found = terms("paper")
    assert found["hand"].item() == pytest.approx(hand)
    assert found["hand_object"].item() == pytest.approx(hand_object)
    wanted = log(2) + 0.1 * log(2) + 0.5 * log(2) + hand + hand_object
    assert total(found, WEIGHTS["paper"]).item() == pytest.approx(wanted)


def test_the_released_total_of_a_fixed_batch():
    # At a probability of one half each cell costs log 2, whatever its target.
    divergence = log(2) - (0.75 * log(4 / 3) + 0.25 * log(4))
    wanted = 0.5 * log(2) + 0.6 * divergence + log(2) + log(2)
    assert total(terms("released"), WEIGHTS["released"]).item() == pytest.approx(wanted)


def test_a_cell_without_a_box_enters_the_released_loss_only():
    logits = torch.full((1, 2, 1, 1, 1), 5.0)
    empty = torch.zeros_like(logits)
    assert interaction_loss(logits, empty, "paper").tolist() == [0, 0]
    assert interaction_loss(logits, empty, "released").tolist() == pytest.approx(
        [log(1 + torch.e**5)] * 2
    )


def test_a_subset_of_terms_is_weighted_and_none_goes_without_a_weight():
    found = {"action": torch.tensor(2.0), "hand": torch.tensor(3.0)}
    assert total(found, {"action": 1.0, "hand": 0.1, "ego": 9.0}).item() == pytest.approx(2.3)
    with pytest.raises(KeyError):
        total(found, {"action": 1.0})


def test_a_reversed_gradient_has_the_other_sign():
    features = torch.tensor([1.0, -2.0], requires_grad=True)
    outputs = reverse_gradient(features)
    assert torch.equal(outputs, features)
    (outputs * torch.tensor([4.0, 6.0])).sum().backward()
    assert features.grad.tolist() == [-4.0, -6.0]


def test_a_partner_must_be_nearer_than_the_partners_of_others():
    anchors = torch.tensor([[0.0], [10.0]])
    positives = torch.tensor([[1.0], [2.0]])
    # Of anchor 0: 1 away from its own, 2 from the other's, margin 2: 1 too much.
    # Of anchor 1: 8 away from its own, 9 from the other's: also 1.
    assert triplet_loss(anchors, positives, torch.tensor([0, 1]), 2.0).item() == 1.0
    assert triplet_loss(anchors, positives, torch.tensor([0, 1]), 0.5).item() == 0.0


def test_clips_of_one_pair_are_no_negatives_of_each_other():
    anchors = torch.tensor([[0.0], [10.0]], requires_grad=True)
    loss = triplet_loss(anchors, anchors.detach() + 1, torch.tensor([7, 7]))
    loss.backward()
    assert loss.item() == 0.0
    assert not anchors.grad.any()
