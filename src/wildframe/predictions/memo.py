"""MEMO: a model adapted to each image, so that its predictions on augmented copies agree.

The entropy of the mean prediction on the copies is lowered by a step of SGD; the image itself is
predicted with the weights after it, and the next image begins with the model's own. Adapted weights
are copies: those of the model never change.

Source: Zhang et al., *MEMO: Test Time Robustness via Adaptation and Augmentation*, 2022, and the
code of *ImageNet-Hard*.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from math import log
from typing import TYPE_CHECKING, Any

import numpy as np

from wildframe.core.adaptation import Adaptation
from wildframe.core.arrays import Bools
from wildframe.core.errors import UserError
from wildframe.frames.preprocessing import ShownImage
from wildframe.models.inputs import as_images, standardize
from wildframe.models.zoo import ZooEntry
from wildframe.predictions.augmentations import augment
from wildframe.predictions.inference import Inference
from wildframe.predictions.predicted import Predicted, top_classes

if TYPE_CHECKING:
    import torch

    Weights = dict[str, torch.Tensor]


@dataclass(frozen=True)
class AdaptedInference:
    """One model that is adapted to each image."""

    inference: Inference
    settings: Adaptation
    predictable: Bools
    """Which classes can be predicted, shape (classes,): of the others the entropy knows nothing."""

    @property
    def entry(self) -> ZooEntry:
        """The model, with the label space of its weights."""
        return self.inference.entry

    @property
    def facts(self) -> dict[str, str]:
        """What determines predictions, for the metadata of tables."""
        return self.inference.facts

    def predicted(self, images: Iterable[ShownImage]) -> Iterator[Predicted]:
        """Yield the same as `Inference.predicted`.

        Raises:
            UserError: The model has no weights that could be adapted.
        """
        model, settings = self.inference.model, self.settings
        if not any(True for _ in model.parameters()):
            raise UserError(
                f"{self.entry.name}: a function has no weights that could be adapted; name a model "
                "of another kind, or a view without adapt"
            )
        # As many images as their copies fill a pass; on a CPU one by one is up to 4 times faster.
        is_parallel = self.inference.device.type != "cpu"
        size = max(1, self.inference.batch_size // settings.k) if is_parallel else 1
        with mixed_statistics(model, settings.prior_strength):
            for image_ids, view_keys, copies, inputs in self.inputs(images, size):
                adapted = adapted_logits(
                    model, copies, inputs, settings.lr, settings.steps, self.classes
                )
                logits = adapted.float().cpu().numpy()
                yield Predicted(image_ids, view_keys, logits, *top_classes(logits))

    @property
    def classes(self) -> list[int]:
        """Indices of the classes that can be predicted."""
        return np.flatnonzero(self.predictable).tolist()

    def inputs(
        self, images: Iterable[ShownImage], size: int
    ) -> "Iterator[tuple[list[str], list[str], torch.Tensor, torch.Tensor]]":
        """Yield ``image_id``, ``view_key``, copies and images of so many images, as `_inputs`."""
        rest = iter(images)
        while part := list(islice(rest, size)):
            image_ids, view_keys, _ = map(list, zip(*part, strict=True))
            yield image_ids, view_keys, *self._inputs(part)

    def _inputs(self, part: list[ShownImage]) -> "tuple[torch.Tensor, torch.Tensor]":
        """Return copies (n, k, 3, crop, crop) and images (n, 3, crop, crop) as model's inputs."""
        preprocessing = self.entry.preprocessing
        copies = [
            augment(image, f"{image_id} {view_key}", self.settings, preprocessing)
            for image_id, view_key, image in part
        ]
        images = [preprocessing(image) for _, _, image in part]
        of_copies, of_images = (
            standardize(as_images(pixels, self.inference.device), self.entry)
            for pixels in (np.concatenate(copies), np.stack(images))
        )
        return of_copies.view(len(part), -1, *of_copies.shape[1:]), of_images


def adapted_logits(
    model: "torch.nn.Module",
    copies: "torch.Tensor",
    images: "torch.Tensor",
    lr: float,
    steps: int,
    classes: Sequence[int] | slice,
) -> "torch.Tensor":
    """Return the logits of images, each with weights adapted to it, shape (n, classes).

    Several images are one pass over as many copies of the weights, with the same result as one by
    one. The model is not changed.

    Args:
        model: In evaluation mode; see `mixed_statistics`.
        copies: Augmented copies of each image, shape (n, k, 3, height, width).
        images: The images, shape (n, 3, height, width).
        lr: Learning rate of a step.
        steps: Steps of SGD.
        classes: Indices of the classes that the entropy is of.
    """
    import torch
    from torch.func import functional_call, vmap

    weights = weights_of(model)

    def predict(of_image: "torch.Tensor", image: "torch.Tensor") -> "torch.Tensor":
        adapted = adapted_weights(model, weights, of_image, lr, steps, classes)
        logits: torch.Tensor = functional_call(model, adapted, (image[None],))[0]
        return logits

    with torch.no_grad():
        if len(images) == 1:
            return predict(copies[0], images[0])[None]
        # Otherwise gradients of convolutions have strides that vmap copies one by one.
        weights = {name: value.contiguous() for name, value in weights.items()}
        logits: torch.Tensor = vmap(predict)(copies.contiguous(), images.contiguous())
        return logits


def weights_of(model: "torch.nn.Module") -> "Weights":
    """Return the weights of a model by name, apart from any graph."""
    return {name: value.detach() for name, value in model.named_parameters()}


def adapted_weights(
    model: "torch.nn.Module",
    weights: "Weights",
    copies: "torch.Tensor",
    lr: float,
    steps: int,
    classes: Sequence[int] | slice,
) -> "Weights":
    """Return weights after steps that lower the entropy of the mean prediction on some copies.

    Args:
        model: In evaluation mode; see `mixed_statistics`.
        weights: Those to begin with.
        copies: Augmented copies of one image, shape (k, 3, height, width).
        lr: Learning rate of a step.
        steps: Steps of SGD.
        classes: Indices of the classes that the entropy is of.
    """
    from torch.func import functional_call, grad

    def loss(adapted: "Weights") -> "torch.Tensor":
        return marginal_entropy(functional_call(model, adapted, (copies,))[:, classes])

    for _ in range(steps):
        gradients = grad(loss)(weights)
        weights = {name: value - lr * gradients[name] for name, value in weights.items()}
    return weights


def marginal_entropy(logits: "torch.Tensor") -> "torch.Tensor":
    """Return the entropy of the mean of predictions, from logits of shape (copies, classes)."""
    import torch

    mean = logits.log_softmax(dim=1).logsumexp(dim=0) - log(len(logits))
    # The product of a probability of 0 and its logarithm would be NaN.
    mean = mean.clamp(min=torch.finfo(mean.dtype).min)
    return -(mean * mean.exp()).sum()


@contextmanager
def mixed_statistics(model: "torch.nn.Module", prior_strength: float) -> Iterator[None]:
    """Let batch normalization mix its running statistics with those of what it is shown.

    Running statistics have the weight ``prior_strength`` / (``prior_strength`` + 1). No gradient
    passes through statistics. Afterwards the model is what it was.

    Source: Schneider et al., *Improving Robustness Against Common Corruptions by Covariate Shift
    Adaptation*, 2020.
    """
    import torch

    share = prior_strength / (prior_strength + 1)
    kept: dict[Any, tuple[torch.Tensor, torch.Tensor]] = {}

    def mix(layer: Any, inputs: "tuple[torch.Tensor]") -> None:
        values = inputs[0].detach()
        variance, mean = torch.var_mean(
            values, (0, 2, 3), correction=min(1, values.numel() // values.shape[1] - 1)
        )
        kept[layer] = layer.running_mean, layer.running_var
        layer.running_mean = share * layer.running_mean + (1 - share) * mean
        layer.running_var = share * layer.running_var + (1 - share) * variance

    def restore(layer: Any, _inputs: Any, _output: Any) -> None:
        layer.running_mean, layer.running_var = kept.pop(layer)

    hooks = []
    for layer in model.modules():
        if isinstance(layer, torch.nn.BatchNorm2d) and layer.running_mean is not None:
            hooks.append(layer.register_forward_pre_hook(mix))
            hooks.append(layer.register_forward_hook(restore, always_call=True))
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()
