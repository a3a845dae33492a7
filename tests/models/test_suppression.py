import numpy as np
import torch
from torchvision.ops import batched_nms

from wildframe.models.suppression import suppress


def test_by_hand():
    corners = np.array(
        [
            [0, 0, 10, 10],
            [0, 0, 10, 8],  # overlaps the first by 0.8
            [0, 0, 10, 8],  # so it does, but is of another class
            [0, 5, 10, 15],  # by a third
            [20, 20, 30, 30],
        ],
        np.float64,
    )
    classes = np.array([1, 1, 2, 1, 1])
    assert list(suppress(corners, classes, 0.5)) == [0, 2, 3, 4]
    assert list(suppress(corners, classes, 0.3)) == [0, 2, 4]
    assert list(suppress(corners, classes, 0.8)) == [0, 1, 2, 3, 4]
    assert list(suppress(corners[:0], classes[:0], 0.5)) == []


def test_it_keeps_what_torchvision_keeps():
    rng = np.random.default_rng(0)
    start = rng.integers(0, 90, (2000, 2))
    corners = np.hstack([start, start + rng.integers(1, 40, (2000, 2))]).astype(np.float64)
    classes = rng.integers(0, 5, 2000)
    scores = np.linspace(1, 0, 2000)
    for iou in (0.2, 0.5, 0.75):
        expected = batched_nms(*map(torch.from_numpy, (corners, scores, classes)), iou)
        assert list(suppress(corners, classes, iou)) == expected.tolist()
