"""Targets of interaction maps, from boxes of hands and of the objects in them."""

import torch
from torch import Tensor

from wildframe.models.clips.networks.base import evenly_spaced

KINDS = ("hand", "object")
"""Kinds of boxes, in the order of channels."""


def interaction_maps(
    boxes: Tensor,
    kinds: Tensor,
    scores: Tensor,
    positions: Tensor,
    shape: tuple[int, int, int],
) -> Tensor:
    """Return the largest score of the boxes that overlap each cell; 0 where none does.

    A box that only touches a cell's edge does not overlap it, so that mirrored boxes give
    mirrored maps, and one outside the crop leaves no trace.

    Args:
        boxes: Sides x1, y1, x2, y2 as shares of the crop: (n, 4).
        kinds: Their indices in `KINDS`: (n,).
        scores: Their confidences, 0 to 1: (n,).
        positions: The times of the map that they are of, 0-based: (n,).
        shape: Times, rows and columns of the map.

    Returns:
        Float32 of shape (2, T, H, W), hands first.
    """
    times, height, width = shape
    boxes = boxes.double().reshape(-1, 4)
    columns = _overlap(boxes[:, 0], boxes[:, 2], width)
    rows = _overlap(boxes[:, 1], boxes[:, 3], height)
    lit = (rows[:, :, None] & columns[:, None, :]) * scores.float()[:, None, None]
    index = (kinds.long() * times + positions.long())[:, None, None].expand_as(lit)
    maps = torch.zeros(len(KINDS) * times, height, width).scatter_reduce(0, index, lit, "amax")
    return maps.reshape(len(KINDS), times, height, width)


def _overlap(starts: Tensor, stops: Tensor, cells: int) -> Tensor:
    """Say which cells of an axis each stretch overlaps: (n, cells)."""
    edges = torch.arange(cells + 1)
    return (starts[:, None] * cells < edges[1:]) & (stops[:, None] * cells > edges[:-1])


def at_times(maps: Tensor, times: int) -> Tensor:
    """Return maps (..., T, H, W) of a clip's frames at the times of features, (..., times, H, W).

    Where features have fewer times, these are the frames that a slow pathway sees.
    """
    return maps.index_select(-3, evenly_spaced(maps.shape[-3], times).to(maps.device))
