"""Non-maximum suppression by class, as ``torchvision.ops.batched_nms`` does it, without torch."""

from collections.abc import Iterator

import numpy as np

from wildframe.core.arrays import Floats, Integers


def suppress(corners: Floats, classes: Integers, max_iou: float) -> Iterator[int]:
    """Yield the positions of boxes that no better one of their class overlaps, best first.

    Who needs only the best need not have the others found.

    Args:
        corners: Left, top, right and bottom, by descending score; shape (n, 4).
        classes: Shape (n,).
        max_iou: Boxes that overlap a better one by more are dropped.
    """
    areas = np.prod(corners[:, 2:] - corners[:, :2], axis=1)
    others = {index: np.flatnonzero(classes == index) for index in np.unique(classes).tolist()}
    is_kept = np.ones(len(corners), bool)
    for at, index in enumerate(classes.tolist()):
        if is_kept[at]:
            yield at
            same = others[index]
            low = np.maximum(corners[at, :2], corners[same, :2])
            high = np.minimum(corners[at, 2:], corners[same, 2:])
            shared = np.prod(np.maximum(high - low, 0), axis=1)
            is_kept[same[shared > max_iou * (areas[at] + areas[same] - shared)]] = False
