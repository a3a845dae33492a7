"""Detectors of torchvision with its COCO weights."""

from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import numpy as np
import torch
import torchvision
from torchvision.ops import FrozenBatchNorm2d

from wildframe.core.files import require_file
from wildframe.frames.encode import Pixels
from wildframe.models.detectors import (
    MAX_DETECTIONS,
    MIN_SCORE,
    Detections,
    DetectorEntry,
    class_indices,
)
from wildframe.models.device import set_up_torch
from wildframe.models.forward import InParts
from wildframe.models.hub import torchvision_weights
from wildframe.models.weights import load_own, load_state, require_params, sha256_tensors


def build_detector(entry: DetectorEntry) -> torch.nn.Module:
    """Return the architecture of a detector, as torchvision builds it for trained weights."""
    model: torch.nn.Module = torchvision.models.get_model(
        entry.name, weights=None, weights_backbone=None
    )
    if entry.frozen_eps is not None:
        _freeze(model, entry.frozen_eps)
    # Faster R-CNN has in its second stage what the others have at the top.
    head = getattr(model, "roi_heads", model)
    head.score_thresh = MIN_SCORE
    head.nms_thresh = entry.nms_iou
    head.detections_per_img = MAX_DETECTIONS
    return model.eval()


def fetch(entry: DetectorEntry) -> torch.nn.Module:
    """Return a detector with torchvision's weights, from its hub or the hub's cache.

    Raises:
        UserError: The weights are not available, or are not those of the entry.
    """
    weights = torchvision.models.get_model_weights(entry.name)["COCO_V1"]
    state = torchvision_weights(entry.name, weights.url)
    model = load_state(build_detector(entry), state, weights.url, entry.name)
    require_params(model, entry.params, f"{entry.name}: {weights.url}")
    return model


class TorchvisionDetector:
    """A detector on a device as a function of images."""

    def __init__(self, entry: DetectorEntry, weights: Path, device_name: str, threads: int) -> None:
        """Load the weights that `prepare_detector` wrote.

        Raises:
            UserError: The weights are absent, unsound or another detector's.
        """
        self.device = set_up_torch(device_name, threads)
        require_file(weights, f"make it with `wildframe models prepare-detector {entry.name}`")
        model = load_own(build_detector(entry), weights, entry.name)
        self.facts = {
            "weights_sha256": sha256_tensors(model),
            "preprocessing": "torchvision",
            "device": str(self.device),
            "dtype": "float32",
            "torch_version": torch.__version__,
            "torchvision_version": torchvision.__version__,
        }
        self.model = model.to(self.device)
        self._in_parts = InParts(self._detect, entry.name)

    def __call__(self, images: Sequence[Pixels]) -> list[Detections]:
        """Return the detections in images of one size, RGB uint8 of shape (height, width, 3).

        Images of several sizes would be padded to the largest, which changes the detections.
        """
        return list(chain.from_iterable(self._in_parts(images)))

    def _detect(self, images: Sequence[Pixels]) -> list[Detections]:
        batch = [
            torch.from_numpy(np.array(image)).to(self.device).permute(2, 0, 1).float().div(255)
            for image in images
        ]
        with torch.inference_mode():
            results = self.model(batch)
        return [
            Detections(
                class_indices(result["labels"].cpu().numpy()),
                result["scores"].cpu().numpy().astype(np.float32),
                result["boxes"].cpu().numpy().astype(np.float64),
            )
            for result in results
        ]


def _freeze(module: torch.nn.Module, eps: float) -> None:
    """Replace batch normalization by the frozen kind that torchvision builds for trained weights.

    Its own builders choose the kind by whether weights are asked for, which would fetch them.
    """
    for name, child in module.named_children():
        if isinstance(child, torch.nn.BatchNorm2d):
            setattr(module, name, FrozenBatchNorm2d(child.num_features, eps))
        else:
            _freeze(child, eps)
