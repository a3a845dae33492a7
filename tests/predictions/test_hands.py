"""Hands: what is asked of a detector, and MediaPipe where it is installed."""

from importlib.util import find_spec

import numpy as np
import pytest

from wildframe.core.errors import UserError
from wildframe.core.schemas import INTERACTIONS
from wildframe.core.tables import read_facts, read_table
from wildframe.predictions.hands import around, detect_hands, open_mediapipe
from wildframe.predictions.interactions import import_boxes


def test_hands_are_found_once_a_frame_and_are_a_file_of_boxes(tmp_path, write_kept, write_clips):
    manifest = write_clips(
        tmp_path / "clips.parquet",
        {"clip_id": "a", "video_id": "v"},
        {"clip_id": "b", "video_id": "v"},  # the same frames of the same video
        {"clip_id": "unreadable", "video_id": "w"},
    )
    images = [np.zeros((8, 8, 3), np.uint8), np.full((8, 8, 3), 255, np.uint8)]
    kept = write_kept(tmp_path / "kept.arrow", {"a": images, "b": images}, stride=4)
    shown = []

    def detector(pixels):
        shown.append(pixels.mean())
        return [(0.1, 0.1, 0.2, 0.2, 0.6), (0.5, 0.5, 1.0, 1.0, 0.8)] if pixels.mean() > 9 else []

    boxes = tmp_path / "boxes.parquet"
    detect_hands([kept], manifest, boxes, detector, {"detector": "x"})
    rows = read_table(boxes, INTERACTIONS).to_pylist()
    keys = ("video_id", "frame", "kind", "position", "x1", "score")
    assert [tuple(row[key] for key in keys) for row in rows] == [
        ("v", 4, "hand", 0, 0.5, 0.8),
        ("v", 4, "hand", 1, 0.1, 0.6),
    ]
    assert len(shown) == 2
    assert read_facts(boxes, INTERACTIONS)["detector"] == "x"
    import_boxes(boxes, manifest, 0.7, tmp_path / "interactions.parquet")
    assert read_table(tmp_path / "interactions.parquet", INTERACTIONS).num_rows == 1


def test_a_hand_reaches_over_its_joints_but_not_over_the_frame():
    assert around(np.array([[0.2, 0.5], [0.4, 1.0]])) == pytest.approx((0.18, 0.45, 0.42, 1))


@pytest.mark.skipif(find_spec("mediapipe") is not None, reason="mediapipe is installed")
def test_where_mediapipe_is_absent_it_is_said_how_to_get_it():
    with pytest.raises(UserError, match=r"envs/hands.txt"):
        open_mediapipe(0.5)


@pytest.mark.skipif(find_spec("mediapipe") is None, reason="needs the environment envs/hands.txt")
def test_mediapipe_finds_no_hand_in_noise():
    detect, facts = open_mediapipe(0.5)
    assert detect(np.random.default_rng(0).integers(0, 255, (96, 128, 3), np.uint8)) == []
    assert facts["detector"].startswith("mediapipe 0.10")
