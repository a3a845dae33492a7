"""A network of clips with the heads that it is evaluated by, and with those that only teach it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from wildframe import __version__
from wildframe.core.errors import UserError
from wildframe.models.clips.heads import InteractionHead, PooledHeads, pooled
from wildframe.models.clips.inflated import inflate
from wildframe.models.clips.losses import reverse_gradient
from wildframe.models.clips.networks import build
from wildframe.models.clips.recipe import Recipe
from wildframe.models.clips.released import read_released
from wildframe.models.clips.tasks import HEADS, ClassIndices
from wildframe.models.weights import load_own, load_state, read_state, save, weights_facts


class ClipModel(nn.Module):
    """What of a training is kept: a backbone and the heads of its task."""

    def __init__(
        self, network: str, classes: Mapping[str, int], dropout: float = 0, appended: int = 0
    ) -> None:
        """Build it, with weights from torch's global generator.

        Args:
            network: Name of the backbone.
            classes: Number of classes of each head.
            dropout: Share of the pooled features that is dropped in training.
            appended: Size of the embeddings of teachers that are appended to the features.
        """
        super().__init__()
        self.appended = appended
        self.backbone = build(network)
        self.heads = PooledHeads(self.backbone.channels, classes, dropout, appended)

    def forward(self, clips: Tensor, appended: Tensor | None) -> tuple[dict[str, Tensor], Tensor]:
        """Return logits by head, and pooled features (B, C), of clips (B, 3, T, H, W)."""
        features = self.backbone(clips)
        return self.heads(features, appended), pooled(features)


class Learner(nn.Module):
    """A model and the heads that only teach its backbone, which are never kept."""

    def __init__(
        self,
        model: ClipModel,
        dropout: float,
        *,
        distilled: Mapping[str, int],
        maps: bool,
        domains: bool,
    ) -> None:
        """Build the heads.

        Args:
            model: What is kept.
            dropout: Share of the pooled features that is dropped in training.
            distilled: Number of classes of each teacher of classes.
            maps: Whether it learns maps of hands and objects.
            domains: Whether its features are to be the same of labelled and of unlabelled clips.
        """
        super().__init__()
        channels = model.backbone.channels
        self.model = model
        self.distilled = PooledHeads(channels, distilled, dropout)
        self.maps = InteractionHead(channels) if maps else None
        self.domains = PooledHeads(channels, {"domain": 2}) if domains else None

    def forward(
        self, clips: Tensor, labelled: int, appended: Tensor | None = None
    ) -> dict[str, Tensor]:
        """Return what the losses are of, all in float32.

        Args:
            clips: Labelled clips, then others: (B, 3, T, H, W).
            labelled: Number of the labelled ones, which alone have logits of classes and maps.
            appended: Of the labelled clips, embeddings of teachers: (labelled, D).

        Returns:
            Logits by head, of ``maps`` (labelled, 2, T, H, W) and of ``domain`` (B, 2), and the
            ``embedding`` (B, C).
        """
        features = self.model.backbone(clips)
        own = tuple(pathway[:labelled] for pathway in features)
        outputs = self.model.heads(own, appended) | self.distilled(own)
        if self.maps is not None:
            outputs["maps"] = self.maps(own)
        if self.domains is not None:
            outputs |= self.domains(tuple(map(reverse_gradient, features)))
        outputs["embedding"] = pooled(features)
        return {name: output.float() for name, output in outputs.items()}


def save_model(model: ClipModel, classes: ClassIndices, recipe: Recipe, output: Path) -> None:
    """Write a model, and what it takes to build it and to show it clips."""
    facts = {
        "network": recipe.network,
        "task": recipe.task,
        "classes": {
            head: sorted(of_head, key=of_head.__getitem__) for head, of_head in classes.items()
        },
        "frames": recipe.frames,
        "stride": recipe.stride,
        "crop": recipe.crop,
        "appended": model.appended,
        "torch": torch.__version__,
        "wildframe": __version__,
    }
    save(model, facts, output)


def load_model(weights: Path) -> tuple[ClipModel, dict[str, Any]]:
    """Return a model that `save_model` wrote, in evaluation mode, and its facts.

    Raises:
        UserError: The file is absent, unsound or of something else.
    """
    facts = weights_facts(weights)
    if "classes" not in facts:
        raise UserError(
            f"{weights}: no weights of a network of clips; "
            "make it with `wildframe models train-clips`"
        )
    classes = {head: len(facts["classes"][head]) for head in HEADS[facts["task"]]}
    model = ClipModel(facts["network"], classes, appended=facts["appended"])
    load_own(model, weights, _told(facts["network"]))
    return model, facts


def load_backbone(model: ClipModel, network: str, weights: Path) -> None:
    """Give a model the backbone of another training, whatever its heads, or that of a ResNet.

    Args:
        model: Of the network.
        network: Its name.
        weights: safetensors file of ours, of a network of clips or a model of images, or a
            checkpoint in PySlowFast's keys.

    Raises:
        UserError: The file is absent, unsound or of another network.
    """
    load_state(model.backbone, _backbone(network, weights), str(weights), _told(network))


def _backbone(network: str, weights: Path) -> dict[str, Tensor]:
    if weights.suffix != ".safetensors":
        return read_released(weights, network)
    facts = weights_facts(weights)
    if "network" not in facts:
        return inflate(read_state(weights), network)
    if facts["network"] != network:
        raise UserError(
            f"{weights}: it is of the network {facts['network']}, not of {network}; start from "
            "a training of that network"
        )
    prefix = "backbone."
    return {
        key.removeprefix(prefix): value
        for key, value in read_state(weights).items()
        if key.startswith(prefix)
    }


def _told(network: str) -> str:
    return f"the network of clips {network}"
