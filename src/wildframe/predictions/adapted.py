"""Predictions of a model that is adapted to each image, in parts."""

import shutil
from collections.abc import Mapping
from itertools import groupby
from pathlib import Path

from wildframe.core.schemas import PREDICTIONS
from wildframe.core.tables import merge_tables
from wildframe.frames.preprocessing import Shown
from wildframe.frames.views import View
from wildframe.predictions.memo import AdaptedInference
from wildframe.predictions.parts import KEY, images_of, in_parts, unfinished
from wildframe.predictions.predict import predict

_IMAGES_A_PART = 32


def predict_adapted(
    adapted: AdaptedInference,
    shown: Shown[View],
    output: Path,
    facts: Mapping[str, str],
) -> None:
    """Write the predictions of one model on its images, after adaptation to each.

    What a run of the same model, images and settings that was stopped has left is used.

    Args:
        adapted: The model.
        shown: The images.
        output: ``PREDICTIONS`` to write; unfinished ones are beside it.
        facts: What else decides the predictions, for the metadata of the table.

    Raises:
        UserError: As in `predict`; no image could be read, or one is not in the manifest.
    """
    known = {**adapted.facts, "view": shown.view.model_dump_json(), **facts}
    images = images_of(shown, ["width", "height", "boxes"])
    folder = output.with_suffix(".parts")
    parts = in_parts(folder, images, known | {"classes": adapted.classes}, _IMAGES_A_PART)
    part_of = unfinished(parts, PREDICTIONS)
    found = shown.images(part_of.keys())
    for part, of_part in groupby(found, key=lambda image: part_of[image[0]]):
        predict(adapted, of_part, part.path(PREDICTIONS), {KEY: part.key})
    written = (part.path(PREDICTIONS) for part in parts)
    merge_tables(written, output, PREDICTIONS, config={"model": adapted.entry.name}, facts=known)
    shutil.rmtree(folder)
