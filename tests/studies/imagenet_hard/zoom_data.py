"""Results on crops of tiny sets, from which the scores of the study are made."""

from pathlib import Path

import numpy as np

from wildframe.core.schemas import ZOOM_CROPS, ZOOM_SCORES
from wildframe.exhibits.inputs import TableFile
from wildframe.scores.zoom import CropKey, ZoomResults, score_crops, score_zoom
from wildframe.studies.imagenet_hard.inputs import ZoomTable

GRID = [CropKey(size, row, col) for size in (128, 256) for row in range(3) for col in range(3)]
"""Eighteen crops; the one crop is the fourteenth."""


def correct_on(*crops_of_image):
    """Return which crops of which images are correct, shape (images, 18)."""
    flags = np.zeros((len(crops_of_image), len(GRID)), bool)
    for image, crops in enumerate(crops_of_image):
        for crop in crops:
            flags[image, GRID.index(CropKey(*crop))] = True
    return flags


def results(model, correct, classes=100):
    """Return results on images of 300 x 300 pixels, each of its own clip."""
    names = [f"i{at}" for at in range(len(correct))]
    return ZoomResults(
        model, names, names, GRID, correct, [(300, 300)] * len(correct), classes, "full"
    )


def zoom_table(*several):
    """Return the table of scores of some results."""
    rows = [{"dataset": "d"} | row for one in several for row in score_zoom(one, 0)]
    assert {name for row in rows for name in row} == set(ZOOM_SCORES.schema.names)
    return ZoomTable(Path("zoom.parquet"), rows)


def crops_table(*several):
    """Return the table of crops of some results."""
    rows = [row for one in several for row in score_crops(one)]
    assert {name for row in rows for name in row} == set(ZOOM_CROPS.schema.names)
    return TableFile(Path("crops.parquet"), rows, {})


ONE, TOP, SMALL = (256, 1, 1), (256, 0, 1), (128, 1, 1)

FOUR = correct_on([ONE], [TOP], [TOP, SMALL], [])
"""Of four images the one crop solves one, the top crop two, all crops three."""
