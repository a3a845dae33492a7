"""EfficientDet-Lite as a tflite file: raw heads on anchors, run by LiteRT on the CPU.

The file holds the network up to its two heads. Pre- and postprocessing are those of the
EfficientDet authors' evaluation (google/automl, ``efficientdet``): the image is scaled to fit and
padded at the right and bottom; boxes are offsets from anchors; non-maximum suppression is by class.
The anchors equal those in the file's metadata.
"""

import hashlib
from collections.abc import Sequence
from itertools import product
from pathlib import Path

import numpy as np
from PIL import Image

from wildframe.core.arrays import Floats
from wildframe.core.errors import UserError
from wildframe.core.files import require_file
from wildframe.frames.encode import Pixels
from wildframe.models.detectors import (
    MAX_DETECTIONS,
    MIN_SCORE,
    Detections,
    DetectorEntry,
    class_indices,
)
from wildframe.models.suppression import suppress

_ZERO = 127
"""Value of the padding: zero in the file's quantization, ``(x - 127) / 128``."""
_CANDIDATES = 5000
"""Best pairs of an anchor and a class that enter suppression (``MAX_DETECTION_POINTS``)."""
_LEVELS = range(3, 8)
_OCTAVES = 3
_RATIOS = (1.0, 2.0, 0.5)
_SCALE = 3.0


class EfficientDet:
    """A tflite file as a function of images."""

    def __init__(self, entry: DetectorEntry, weights: Path, threads: int) -> None:
        """Load the file that `prepare_detector` wrote.

        Raises:
            UserError: The file is absent or another detector's.
        """
        from importlib.metadata import version

        from ai_edge_litert.interpreter import Interpreter

        require_file(weights, f"make it with `wildframe models prepare-detector {entry.name}`")
        content = weights.read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        if entry.package is None or digest != entry.package.sha256:
            raise UserError(
                f"{weights}: not the file of {entry.name} (its sha256 differs); delete it and rerun"
            )
        self._entry = entry
        self._interpreter = Interpreter(model_content=content, num_threads=threads)
        self._interpreter.allocate_tensors()
        self._input = self._interpreter.get_input_details()[0]["index"]
        outputs = self._interpreter.get_output_details()
        by_width = {int(output["shape"][2]): output["index"] for output in outputs}
        self._boxes = by_width.pop(4)
        (self._scores,) = by_width.values()
        self._anchors = anchors(entry.input_size)
        self.facts = {
            "weights_sha256": digest,
            "preprocessing": f"fit{entry.input_size}-bilinear",
            "device": "cpu",
            "dtype": "int8",
            "litert_version": version("ai-edge-litert"),
        }

    def __call__(self, images: Sequence[Pixels]) -> list[Detections]:
        """Return the detections in images, RGB uint8 of shape (height, width, 3)."""
        return [self._detect(image) for image in images]

    def _detect(self, image: Pixels) -> Detections:
        shown, scale = fit(image, self._entry.input_size)
        self._interpreter.set_tensor(self._input, shown[None])
        self._interpreter.invoke()
        scores = self._interpreter.get_tensor(self._scores)[0]
        offsets = self._interpreter.get_tensor(self._boxes)[0].astype(np.float64)
        likely = np.flatnonzero(scores >= MIN_SCORE)
        best = likely[np.argsort(-scores.ravel()[likely], kind="stable")[:_CANDIDATES]]
        anchor, category = np.divmod(best, scores.shape[1])
        kept_scores = scores[anchor, category]
        corners = decode(offsets[anchor], self._anchors[anchor])
        # The file counts categories from 0, COCO from 1.
        classes = class_indices(category + 1)
        height, width = image.shape[:2]
        found = Detections(classes, kept_scores, corners / np.tile(scale, 2))
        is_box = found.is_box(width, height)
        kept: list[int] = []
        for at in suppress(corners, category, self._entry.nms_iou):
            # Of equal scores it is not the order here that decides which are the best.
            if len(kept) >= MAX_DETECTIONS and kept_scores[at] < kept_scores[kept[-1]]:
                break
            if is_box[at]:
                kept.append(at)
        return Detections(found.classes[kept], found.scores[kept], found.corners[kept])


def fit(image: Pixels, side: int) -> tuple[Pixels, Floats]:
    """Scale an image to fit into the top left of a square, and pad the rest.

    Returns:
        RGB uint8 of shape (side, side, 3), and the horizontal and vertical scale, shape (2,).
    """
    height, width = image.shape[:2]
    ratio = side / max(height, width)
    size = (max(1, int(width * ratio)), max(1, int(height * ratio)))
    shown = np.full((side, side, 3), _ZERO, np.uint8)
    resized = Image.fromarray(image).resize(size, Image.Resampling.BILINEAR)
    shown[: size[1], : size[0]] = np.asarray(resized)
    return shown, np.array([size[0] / width, size[1] / height])


def anchors(side: int) -> Floats:
    """Return EfficientDet's anchors: centre x, centre y, width, height in pixels, shape (n, 4).

    Nine a cell (three octaves times three aspect ratios) of five levels, row by row; a level's grid
    has ceil(side / 2^level) cells each way, which cover an input of this side exactly.
    """
    parts = []
    for level in _LEVELS:
        cells = -(-side // 2**level)
        stride = side / cells
        bases = _SCALE * stride * 2 ** (np.arange(_OCTAVES) / _OCTAVES)
        pairs = product(bases, _RATIOS)
        sizes = np.array([(base * ratio**0.5, base / ratio**0.5) for base, ratio in pairs])
        centres = (np.arange(cells) + 0.5) * stride
        y, x = np.meshgrid(centres, centres, indexing="ij")
        cell = np.repeat(np.stack([x.ravel(), y.ravel()], axis=1), len(sizes), axis=0)
        parts.append(np.hstack([cell, np.tile(sizes, (cells**2, 1))]))
    return np.vstack(parts)


def decode(offsets: Floats, priors: Floats) -> Floats:
    """Return the corners of boxes: left, top, right, bottom; shape (n, 4).

    Args:
        offsets: Of the centre (y, x) in anchor sizes, and logarithms of relative height and width;
            shape (n, 4).
        priors: Anchors as `anchors` gives them, shape (n, 4).
    """
    size = priors[:, 2:]
    centre = priors[:, :2] + offsets[:, 1::-1] * size
    half = np.exp(offsets[:, :1:-1]) * size / 2
    return np.hstack([centre - half, centre + half])
