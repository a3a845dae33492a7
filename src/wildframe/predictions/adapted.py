"""Predictions of a model that is adapted to each image, in parts."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path

from wildframe.core.schemas import PREDICTIONS
from wildframe.core.tables import merge_tables
from wildframe.frames.preprocessing import iter_shown
from wildframe.frames.views import View
from wildframe.predictions.memo import AdaptedInference
from wildframe.predictions.parts import KEY, images_of, in_parts, unfinished
from wildframe.predictions.predict import predict

_IMAGES_A_PART = 32


def predict_adapted(
    adapted: AdaptedInference,
    files: tuple[Sequence[Path], Path, Path],
    view: View,
    output: Path,
    facts: Mapping[str, str],
) -> None:
    """Write the predictions of one model on its images, after adaptation to each.

    What a run of the same model, images and settings that was stopped has left is used.

    Args:
        adapted: The model; its own images are not used.
        files: Frames, statuses and manifest.
        view: How images are shown.
        output: ``PREDICTIONS`` to write; unfinished ones are beside it.
        facts: What else decides the predictions, for the metadata of the table.

    Raises:
        UserError: As in `predict`; no image could be read, or one is not in the manifest.
    """
    known = {**adapted.facts, "view": view.model_dump_json(), **facts}
    images = images_of(*files, ["width", "height", "boxes"])
    folder = output.with_suffix(".parts")
    parts = in_parts(folder, images, known | {"classes": adapted.classes}, _IMAGES_A_PART)
    part_of = unfinished(parts, PREDICTIONS)
    shown = iter_shown(*files, view, part_of.keys())
    for part, of_part in groupby(shown, key=lambda image: part_of[image[0]]):
        predict(replace(adapted, shown=of_part), part.path(PREDICTIONS), {KEY: part.key})
    written = (part.path(PREDICTIONS) for part in parts)
    merge_tables(written, output, PREDICTIONS, config={"model": adapted.entry.name}, facts=known)
    shutil.rmtree(folder)
