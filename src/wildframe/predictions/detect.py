"""Run one detector over the images of one dataset: whole images, as they were extracted."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from wildframe.core.progress import progress
from wildframe.core.schemas import DETECTIONS
from wildframe.core.tables import Row, write_rows
from wildframe.frames import iter_readable
from wildframe.frames.encode import Pixels, decode
from wildframe.models.detector_backends import open_detector
from wildframe.models.detectors import MAX_DETECTIONS, MIN_SCORE, DetectorEntry, Found

if TYPE_CHECKING:
    from wildframe.models.tflite import EfficientDet
    from wildframe.models.torchvision_detectors import TorchvisionDetector


def detect(
    entry: DetectorEntry,
    weights: Path,
    frames: Sequence[Path],
    output: Path,
    *,
    device_name: str,
    batch_size: int,
    threads: int,
) -> None:
    """Write what a detector finds in all readable images, in the order of the shards.

    Args:
        entry: The detector.
        weights: File that `models.detector_backends.prepare_detector` wrote.
        frames: Shards of the ``frames`` table.
        output: Detections to write.
        device_name: ``auto`` or a torch device. A tflite file runs on the CPU, whatever this says.
        batch_size: Images per forward pass.
        threads: CPU threads.

    Raises:
        UserError: The weights are absent or another detector's.
    """
    detector, facts = open_detector(entry, weights, device_name, threads)
    rows = _rows(detector, entry, frames, batch_size)
    write_rows(output, DETECTIONS, rows, config={"model": entry.name}, facts=facts)


def _rows(
    detector: "EfficientDet | TorchvisionDetector",
    entry: DetectorEntry,
    frames: Sequence[Path],
    batch_size: int,
) -> Iterator[Row]:
    for image_ids, images in _batches(frames, entry, batch_size):
        height, width = images[0].shape[:2]
        for image_id, found in zip(image_ids, detector(images), strict=True):
            yield {
                "image_id": image_id,
                "width": width,
                "height": height,
                "detections": best_boxes(found, width, height),
            }


def _batches(
    frames: Sequence[Path], entry: DetectorEntry, batch_size: int
) -> Iterator[tuple[list[str], list[Pixels]]]:
    """Yield images that follow each other and are of one size, with their ids."""
    for path in progress(frames, total=len(frames), unit="shard", label=entry.name):
        readable = (
            (row["image_id"], np.asarray(decode(row["image"]))) for row in iter_readable(path)
        )
        for _, same in groupby(readable, key=lambda one: one[1].shape):
            image_ids: list[str] = []
            images: list[Pixels] = []
            for image_id, pixels in same:
                image_ids.append(image_id)
                images.append(pixels)
                if len(images) == batch_size:
                    yield image_ids, images
                    image_ids, images = [], []
            if images:
                yield image_ids, images


def best_boxes(found: Found, width: int, height: int) -> list[Row]:
    """Return the boxes of a image that are kept, highest score first, clipped to the image.

    Of equal scores the lower class comes first, then what the detector put first.

    Args:
        found: What the detector found.
        width: Width of the image in pixels.
        height: Its height.
    """
    corners = found.corners.clip(0, [width, height, width, height])
    sizes = corners[:, 2:] - corners[:, :2]
    is_box = (found.classes >= 0) & (found.scores >= MIN_SCORE) & (sizes > 0).all(axis=1)
    order = np.lexsort((found.classes, -found.scores))
    return [
        {
            "class_index": int(found.classes[at]),
            "score": float(found.scores[at]),
            "box": {
                "x": float(corners[at, 0]),
                "y": float(corners[at, 1]),
                "width": float(sizes[at, 0]),
                "height": float(sizes[at, 1]),
            },
        }
        for at in order[is_box[order]][:MAX_DETECTIONS]
    ]
