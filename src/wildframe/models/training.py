"""A model in training, epoch by epoch: SGD with momentum on the cross entropy.

Images are cropped and flipped, and their colours jittered (*Egocentric Data as Natural Adversarial
Examples*, D), or corrupted (ImageNet-Vid-Robust, appendix). A random crop is one of the
preprocessed image, which models are evaluated on, and not of the whole frame. The randomness of an
epoch depends on the seed and the number of the epoch alone. Auxiliary classifiers, as of GoogLeNet,
are not trained.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from wildframe.core.errors import UserError
from wildframe.models.examples import Examples
from wildframe.models.inputs import as_images, normalize, standardize
from wildframe.models.jitter import jitter
from wildframe.models.noise import corrupt
from wildframe.models.schedule import Schedule
from wildframe.models.zoo import ZooEntry


class Trainer:
    """A model in training, its optimizer and, on CUDA, the scale of its gradients.

    On CUDA the forward pass is in mixed precision, in training and in evaluation; on other devices
    all is float32.
    """

    def __init__(
        self, entry: ZooEntry, model: torch.nn.Module, schedule: Schedule, device: torch.device
    ) -> None:
        """Move a model, with the weights to start from, to a device."""
        self._entry, self._schedule, self._device = entry, schedule, device
        # On a CPU, convolutions are 1.3 to 2.3 times faster in this memory format.
        self.model = model.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        self._optimizer = torch.optim.SGD(
            parameter_groups(self.model, schedule.weight_decay),
            schedule.lr,
            momentum=schedule.momentum,
            # Without momentum there is none to look ahead with.
            nesterov=schedule.nesterov and schedule.momentum > 0,
        )
        self._mixed = device.type == "cuda"
        self._scaler = torch.amp.GradScaler(device.type, enabled=self._mixed)

    def train(self, examples: Examples, epoch: int, learning_rate: float) -> float:
        """Train for one epoch (1-based) and return its mean cross entropy with first labels.

        Raises:
            UserError: Training diverged.
        """
        # Independent of earlier epochs, and of other seeds.
        seeds = np.random.SeedSequence([self._schedule.seed, epoch]).generate_state(1, np.uint64)
        torch.manual_seed(int(seeds[0]))
        for group in self._optimizer.param_groups:
            group["lr"] = learning_rate
        self.model.train()
        order = torch.randperm(len(examples)).numpy()
        total = torch.zeros((), device=self._device)
        # Of about equal size: a small last batch would mislead batch normalization.
        batches = math.ceil(len(order) / self._schedule.batch_size)
        for positions in np.array_split(order, batches):
            pixels, firsts = examples.take(positions.tolist())
            images = as_images(pixels, self._device)
            images = augment(
                images,
                self._schedule.flip,
                self._schedule.color_jitter,
                self._schedule.smallest_crop,
            )
            if self._schedule.noise:
                images = corrupt(images, self._schedule.noise)
            labels = torch.from_numpy(firsts).to(self._device)
            with self._precision():
                outputs = self.model(standardize(images, self._entry))
                loss = cross_entropy(
                    # torchvision's models of auxiliary classifiers return theirs, too.
                    getattr(outputs, "logits", outputs),
                    labels,
                    label_smoothing=self._schedule.label_smoothing,
                )
            self._optimizer.zero_grad()
            self._scaler.scale(loss).backward()  # type: ignore[no-untyped-call]
            self._scaler.step(self._optimizer)
            self._scaler.update()
            total += loss.detach() * len(positions)
        # On CUDA the scaler skips steps that would spoil weights: there the loss tells.
        values = [total, *self.model.state_dict().values()]
        if not all(bool(value.isfinite().all()) for value in values):
            raise UserError(
                f"{self._entry.name}: training diverged in epoch {epoch}; lower the lr of the "
                "training in the config"
            )
        return float(total) / len(order)

    def evaluate(self, examples: Examples) -> int:
        """Return the number of images whose top-1 prediction is one of their labels."""
        self.model.eval()
        correct = 0
        for pixels, labels in examples.batches(self._schedule.batch_size):
            with torch.inference_mode(), self._precision():
                logits = self.model(normalize(pixels, self._entry, self._device))
            predicted = logits.float().cpu().numpy().argmax(axis=1).tolist()
            correct += sum(top in own for top, own in zip(predicted, labels, strict=True))
        return correct

    def _precision(self) -> torch.autocast:
        return torch.autocast(self._device.type, torch.float16, enabled=self._mixed)

    def weights(self) -> dict[str, torch.Tensor]:
        """Return a copy of the weights on the CPU."""
        state: dict[str, torch.Tensor] = self.model.state_dict()
        state.update({key: value.cpu().clone() for key, value in state.items()})
        return state  # with the versions of layers, which MNASNet asks for

    def state(self) -> dict[str, Any]:
        """Return the state that the next epoch starts from."""
        return {
            "weights": self.weights(),
            "optimizer": self._optimizer.state_dict(),
            "scaler": self._scaler.state_dict(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Restore a state that `state` returned."""
        self.model.load_state_dict(state["weights"])
        self._optimizer.load_state_dict(state["optimizer"])
        self._scaler.load_state_dict(state["scaler"])


def parameter_groups(model: torch.nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """Return the weights that decay, and those that do not, as in timm: biases, norms, and others.

    Args:
        model: Its ``no_weight_decay``, if any, returns the names of the others.
        weight_decay: Weight decay of all but these.
    """
    others = model.no_weight_decay() if hasattr(model, "no_weight_decay") else ()  # type: ignore[operator]
    groups: dict[bool, list[torch.nn.Parameter]] = {True: [], False: []}
    for name, parameter in model.named_parameters():
        groups[parameter.ndim > 1 and name not in others].append(parameter)
    return [
        {"params": parameters, "weight_decay": weight_decay if decays else 0}
        for decays, parameters in groups.items()
    ]


def augment(
    images: torch.Tensor, flip: float, color_jitter: float, smallest_crop: float = 1
) -> torch.Tensor:
    """Return images cropped, flipped and jittered at random, with torch's global generator.

    Args:
        images: RGB uint8 of shape (n, 3, height, width).
        flip: Probability of a horizontal flip of an image.
        color_jitter: Brightness, contrast and saturation are each multiplied, in random order,
            by a factor of up to this distance from 1.
        smallest_crop: A crop of an image has at least this share of its area, and sides of up to
            4 to 3; it is resized to the image's size. 1 crops nothing.
    """
    if smallest_crop < 1:
        from torchvision.transforms import RandomResizedCrop

        crop = RandomResizedCrop(images.shape[-2:], scale=(smallest_crop, 1), antialias=True)
        images = torch.stack([crop(image) for image in images])
    flipped = (torch.rand(len(images), 1, 1, 1) < flip).to(images.device)
    images = torch.where(flipped, images.flip(-1), images)
    return jitter(images, color_jitter) if color_jitter else images
