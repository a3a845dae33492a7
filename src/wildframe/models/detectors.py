"""Detectors: those that a config can name, as facts in a file."""

from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import yaml
from pydantic import model_validator

from wildframe.core.errors import UserError
from wildframe.core.strict import Strict
from wildframe.models.zoo import PackageFile

MAX_DETECTIONS = 100
"""Boxes kept of an image, those of the highest scores, as in COCO (cocodataset.org, Detection)."""
MIN_SCORE = 0.01
"""Boxes below are dropped. Low, since average precision needs the tail (Detectron: 0.05)."""

_GAPS = {12, 26, 29, 30, 45, 66, 68, 69, 71, 83}
COCO_IDS = tuple(number for number in range(1, 91) if number not in _GAPS)
"""COCO's category id of each of its 80 classes: ids run to 90, and ten are not in use."""


class DetectorEntry(Strict):
    """What a detector is; ``data/detectors.yaml`` explains the fields."""

    name: str
    backend: Literal["tflite", "torchvision"]
    package: PackageFile | None = None
    label_space: Literal["coco80"] = "coco80"
    params: int
    input_size: int
    nms_iou: float
    frozen_eps: float | None = None

    @model_validator(mode="after")
    def _packages_are_named(self) -> "DetectorEntry":
        if (self.backend == "tflite") != (self.package is not None):
            raise ValueError(f"{self.name}: tflite detectors name a package, others do not")
        return self

    @property
    def source(self) -> str:
        """``package`` or ``hub``."""
        return "package" if self.package else "hub"

    @property
    def facts(self) -> dict[str, Any]:
        """What determines detections."""
        return self.model_dump(mode="json")


@dataclass(frozen=True, slots=True)
class Detections:
    """The detections in one image, n boxes in any order."""

    classes: npt.NDArray[np.int64]
    """Indices of the label space; negative for an id that is no class; shape (n,)."""
    scores: npt.NDArray[np.float32]
    """Shape (n,)."""
    corners: npt.NDArray[np.float64]
    """Left, top, right and bottom in pixels of the image; shape (n, 4)."""

    def clipped(self, width: int, height: int) -> npt.NDArray[np.float64]:
        """Return the corners within an image of this size in pixels."""
        return self.corners.clip(0, [width, height, width, height])

    def is_box(self, width: int, height: int) -> npt.NDArray[np.bool_]:
        """Tell which are boxes of a class within an image of this size, and not too unsure."""
        left, top, right, bottom = self.clipped(width, height).T
        is_box: npt.NDArray[np.bool_] = (right > left) & (bottom > top)
        return is_box & (self.classes >= 0) & (self.scores >= MIN_SCORE)


@cache
def load_detectors() -> dict[str, DetectorEntry]:
    """Return all detectors by name, in the order of the data file."""
    text = (resources.files("wildframe") / "data" / "detectors.yaml").read_text(encoding="utf-8")
    entries = [DetectorEntry.model_validate(entry) for entry in yaml.safe_load(text)]
    return {entry.name: entry for entry in entries}


def detector_entry(name: str) -> DetectorEntry:
    """Return a detector by name.

    Raises:
        UserError: No such detector.
    """
    if name not in load_detectors():
        raise UserError(f"{name}: no such detector; choose from {', '.join(load_detectors())}")
    return load_detectors()[name]


def class_indices(category_ids: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Return indices of ``coco80`` for COCO's category ids; -1 for ids that are not in use."""
    index_of = np.full(max(COCO_IDS) + 1, -1, np.int64)
    index_of[list(COCO_IDS)] = np.arange(len(COCO_IDS))
    indices: npt.NDArray[np.int64] = index_of[np.asarray(category_ids, np.int64)]
    return indices
