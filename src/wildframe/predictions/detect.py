"""Run one detector on the images of one dataset: whole images, as they were extracted."""

from collections.abc import Iterator, Sequence
from itertools import groupby, islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from wildframe.core.schemas import DETECTIONS
from wildframe.core.tables import Row, write_rows
from wildframe.frames import iter_images
from wildframe.frames.encode import Pixels, decode
from wildframe.models.detector_backends import open_detector
from wildframe.models.detectors import MAX_DETECTIONS, Detections, DetectorEntry

if TYPE_CHECKING:
    from wildframe.models.tflite import EfficientDet
    from wildframe.models.torchvision_detectors import TorchvisionDetector


def detect(
    entry: DetectorEntry,
    weights: Path,
    frames: Sequence[Path],
    statuses: Path,
    output: Path,
    *,
    device_name: str,
    batch_size: int,
    threads: int,
) -> None:
    """Write the detections in all readable images of a dataset, in the order of their frames.

    Args:
        entry: The detector.
        weights: Its weights.
        frames: All shards of the source.
        statuses: STATUSES of the dataset.
        output: Table to write.
        device_name: As `open_detector`.
        batch_size: Images at a time on a GPU.
        threads: As `open_detector`.

    Raises:
        UserError: The weights are absent or another detector's.
    """
    detector, facts = open_detector(entry, weights, device_name, threads)
    # Faster R-CNN takes 0.8 GB more on a CPU for each further image.
    at_a_time = 1 if facts["device"] == "cpu" else batch_size
    rows = _rows(detector, entry, frames, statuses, at_a_time)
    write_rows(output, DETECTIONS, rows, config={"model": entry.name}, facts=facts)


def _rows(
    detector: "EfficientDet | TorchvisionDetector",
    entry: DetectorEntry,
    frames: Sequence[Path],
    statuses: Path,
    batch_size: int,
) -> Iterator[Row]:
    for image_ids, images in _batches(frames, statuses, entry, batch_size):
        height, width = images[0].shape[:2]
        for image_id, detections in zip(image_ids, detector(images), strict=True):
            yield {
                "image_id": image_id,
                "width": width,
                "height": height,
                "detections": best_boxes(detections, width, height),
            }


def _batches(
    frames: Sequence[Path], statuses: Path, entry: DetectorEntry, batch_size: int
) -> Iterator[tuple[list[str], list[Pixels]]]:
    """Yield consecutive images of one size, with their ids."""
    readable = (
        (row["image_id"], np.asarray(decode(image)))
        for row, image in iter_images(frames, statuses, label=entry.name)
    )
    for _, same_size in groupby(readable, key=lambda pair: pair[1].shape):
        while batch := list(islice(same_size, batch_size)):
            image_ids, images = zip(*batch, strict=True)
            yield list(image_ids), list(images)


def best_boxes(detections: Detections, width: int, height: int) -> list[Row]:
    """Return the boxes to keep, highest score first, clipped to an image of this size in pixels.

    Ties go to the lower class, then to the order of the detector.
    """
    corners = detections.clipped(width, height)
    sizes = corners[:, 2:] - corners[:, :2]
    boxes = np.hstack([corners[:, :2], sizes]).tolist()
    order = np.lexsort((detections.classes, -detections.scores))
    is_box = detections.is_box(width, height)
    return [
        {
            "class_index": int(detections.classes[at]),
            "score": float(detections.scores[at]),
            "box": dict(zip(("x", "y", "width", "height"), boxes[at], strict=True)),
        }
        for at in order[is_box[order]][:MAX_DETECTIONS]
    ]
