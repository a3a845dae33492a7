"""The images and the predictions on them, as a page that needs no server."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any

from wildframe.core.schemas import GRADCAMS
from wildframe.exhibits.browse_inputs import by_model, page_of
from wildframe.exhibits.comparisons import paired
from wildframe.exhibits.inputs import ClassNames
from wildframe.exhibits.page import Page
from wildframe.exhibits.registry import Context, File, exhibit
from wildframe.studies.ego4d.inputs import DataNote, evaluated, viewed
from wildframe.studies.ego4d.settings import Ego4dStudy


def _attributions(run: Context) -> list[dict[str, Any]]:
    has_zoom = run.view == "full" and run.study.framing_of(run.study.in1k)
    return [viewed("in1k")(run)] if has_zoom else []


Attributions = Annotated[
    Path | None,
    File(
        "scores_attribution.images",
        lambda paths: paths[0] if paths else None,
        _attributions,
        many=True,
    ),
]
"""What may explain failures on whole images, if a zoom view is named."""


@exhibit(
    "Supplement: browse",
    "every image and prediction",
    "A page to browse images, predictions and Grad-CAM maps; it needs no server.",
    compares=[paired("models that are counted", shown_in="model_pairs")],
)
def browse(
    page: Annotated[Callable[..., Page], page_of(lambda run: run.study.in1k, evaluated)],
    gradcams: Annotated[
        Mapping[str, Path],
        File(
            "predictions_gradcam",
            by_model(GRADCAMS),
            viewed("in1k", lambda run: run.study.gradcam),
            many=True,
        ),
    ],
    attributions: Attributions,
    class_names: ClassNames,
    data_note: DataNote,
) -> Page:
    """Return the page of all models that were evaluated."""
    return page(
        title=Ego4dStudy.title,
        data_note=data_note,
        class_names=class_names,
        gradcams=gradcams,
        attributions=attributions,
    )
