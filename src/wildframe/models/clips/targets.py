"""Targets of interaction maps, from boxes of hands and of the objects in them."""

import torch
from torch import Tensor

from wildframe.models.clips.networks.base import evenly_spaced
from wildframe.models.clips.sampling import ClipBoxes


def interaction_maps(boxes: ClipBoxes, shape: tuple[int, int, int]) -> Tensor:
    """Return the largest score of the boxes that overlap each cell; 0 where none does.

    A box that only touches a cell's edge does not overlap it, so that mirrored boxes give
    mirrored maps, and one outside the crop leaves no trace.

    Args:
        boxes: Boxes in what is shown of a clip.
        shape: Frames of the clip, rows and columns of the map.

    Returns:
        Float32 of shape (2, T, H, W), hands first.
    """
    times, height, width = shape
    left, top, right, bottom = torch.from_numpy(boxes.sides).double().unbind(dim=1)
    columns, rows = _overlap(left, right, width), _overlap(top, bottom, height)
    scores = torch.from_numpy(boxes.scores)[:, None, None]
    lit = (rows[:, :, None] & columns[:, None, :]) * scores
    channels = torch.from_numpy(boxes.kinds * times + boxes.positions)
    index = channels[:, None, None].expand_as(lit)
    maps = torch.zeros(2 * times, height, width).scatter_reduce(0, index, lit, "amax")
    return maps.reshape(2, times, height, width)


def _overlap(starts: Tensor, stops: Tensor, cells: int) -> Tensor:
    """Say which cells of an axis each stretch overlaps: (n, cells)."""
    edges = torch.arange(cells + 1)
    return (starts[:, None] * cells < edges[1:]) & (stops[:, None] * cells > edges[:-1])


def at_times(maps: Tensor, times: int) -> Tensor:
    """Return maps (..., T, H, W) of a clip's frames at the times of features, (..., times, H, W).

    Where features have fewer times, these are the frames that a slow pathway sees.
    """
    return maps.index_select(-3, evenly_spaced(maps.shape[-3], times).to(maps.device))
