"""Predictions of a model that is adapted to each image, in parts."""

from collections.abc import Mapping
from pathlib import Path

from wildframe.core.schemas import PREDICTIONS
from wildframe.frames.preprocessing import Shown
from wildframe.frames.views import View
from wildframe.predictions.memo import AdaptedInference
from wildframe.predictions.parts import Parts, images_of
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
    decisive = known | {"classes": adapted.classes}
    parts = Parts(output, images, decisive, _IMAGES_A_PART, PREDICTIONS)
    for part, of_part in parts.of(shown.images(parts.wanted)):
        predict(adapted, of_part, part.path(PREDICTIONS), part.facts)
    parts.merge((PREDICTIONS, output), config={"model": adapted.entry.name}, facts=known)
