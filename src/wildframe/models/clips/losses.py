"""Losses of "Ego-Exo", in the form of the paper and in that of its released code."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from wildframe.core.choices import LossForm


def distillation_loss(
    logits: Tensor, teacher: Tensor, form: LossForm, temperature: float
) -> Tensor:
    """Return how far the student's distribution is from its teacher's, as a mean over clips.

    Args:
        logits: The student's: (B, classes).
        teacher: The teacher's mean logits: (B, classes).
        form: paper: `soft_cross_entropy`; released: `distillation_kl`.
        temperature: The teacher's logits are divided by it.
    """
    loss = soft_cross_entropy if form == "paper" else distillation_kl
    return loss(logits, teacher, temperature)


def soft_cross_entropy(logits: Tensor, teacher: Tensor, temperature: float) -> Tensor:
    """Return the cross entropy with the teacher's probabilities (equations 1 to 4)."""
    return functional.cross_entropy(logits, (teacher / temperature).softmax(dim=1))


def distillation_kl(logits: Tensor, teacher: Tensor, temperature: float) -> Tensor:
    """Return the divergence of the teacher's from the student's softened distribution.

    The squared temperature keeps the size of the gradient. At temperature 1 the gradient is that
    of `soft_cross_entropy`; the value is smaller by the teacher's entropy.
    """
    student = (logits / temperature).log_softmax(dim=1)
    softened = (teacher / temperature).log_softmax(dim=1)
    divergence = functional.kl_div(student, softened, reduction="batchmean", log_target=True)
    return divergence * temperature**2


def interaction_loss(logits: Tensor, maps: Tensor, form: LossForm) -> Tensor:
    """Return the losses of the maps of hands and of objects: (2,).

    Args:
        logits: Of `InteractionHead`: (B, 2, T, H, W).
        maps: Targets, 0 to 1, of the same shape.
        form: paper: minus the sum over cells of target times log probability (equation 6), which
            no cell without a box enters, as a mean over clips; released: binary cross entropy,
            as a mean over clips and cells.
    """
    logits = logits.float()  # half precision would lose the logarithms
    if form == "paper":
        return -(maps * functional.logsigmoid(logits)).sum(dim=(2, 3, 4)).mean(dim=0)
    entropies = functional.binary_cross_entropy_with_logits(logits, maps, reduction="none")
    return entropies.mean(dim=(0, 2, 3, 4))


def total(terms: Mapping[str, Tensor], weights: Mapping[str, float]) -> Tensor:
    """Return the weighted sum of the terms, each of which needs its weight."""
    return torch.stack([weights[name] * value for name, value in terms.items()]).sum()


class _Reversal(torch.autograd.Function):
    @staticmethod
    def forward(context: Any, features: Tensor) -> Tensor:
        return features.view_as(features)

    @staticmethod
    def backward(context: Any, *gradients: Tensor) -> Tensor:
        return -gradients[0]


def reverse_gradient(features: Tensor) -> Tensor:
    """Return the features themselves, whose gradient is reversed (domain adaptation)."""
    reversed_: Tensor = _Reversal.apply(features)
    return reversed_


def triplet_loss(anchors: Tensor, positives: Tensor, pairs: Tensor, margin: float = 1.0) -> Tensor:
    """Return by how much a clip's partner fails to be nearer than the partners of others.

    Args:
        anchors: Embeddings of clips of one viewpoint: (B, D).
        positives: Those of their partners of the other viewpoint: (B, D).
        pairs: A number of each pair: partners of an equal number are not told apart.
        margin: Distance by which a partner shall be nearer.

    Returns:
        Mean over all triplets of the batch; 0 if it has none.
    """
    distances = torch.cdist(anchors, positives)
    excess = functional.relu(distances.diagonal()[:, None] - distances + margin)
    negative = pairs[:, None] != pairs[None, :]
    return (excess * negative).sum() / negative.sum().clamp(min=1)
