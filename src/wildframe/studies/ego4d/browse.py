"""The images and the predictions on them, as a page that needs no server."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from wildframe.core.errors import UserError
from wildframe.core.schemas import GRADCAMS, IMAGE_RESULTS
from wildframe.exhibits.browse_inputs import browse_page, by_model, preprocessings_of
from wildframe.exhibits.comparisons import paired
from wildframe.exhibits.inputs import ClassNames, ViewOfImages
from wildframe.exhibits.page import Page
from wildframe.exhibits.registry import Context, File, exhibit
from wildframe.frames.preprocessing import Preprocessing
from wildframe.studies.ego4d.inputs import DataNote, Images, evaluated, named, viewed
from wildframe.studies.ego4d.settings import Ego4dStudy


def _attributions(run: Context) -> list[dict[str, Any]]:
    is_examined = run.view == "full" and run.study.framing_of(run.study.in1k)
    return [viewed("in1k")(run)] if is_examined else []


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
    frames: Images,
    manifest: Annotated[Path, File("manifests_build.manifest", Path, named("in1k"))],
    results: Annotated[
        Mapping[str, Path],
        File("scores_image_results", by_model(IMAGE_RESULTS), viewed("in1k", evaluated), many=True),
    ],
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
    preprocessings: Annotated[Mapping[str, Preprocessing | None], preprocessings_of(evaluated)],
    view: ViewOfImages,
    data_note: DataNote,
) -> Page:
    """Return the page of all models that were evaluated.

    Raises:
        UserError: Maps or a preprocessing are of a model without results.
    """
    for model, path in gradcams.items():
        if model not in results:
            raise UserError(f"{path}: no results of {model} are given; name them, too")
    if missing := [model for model in preprocessings if model not in results]:
        raise UserError(f"preprocessings: no results of {missing[0]} are given; name them, too")
    return browse_page(
        Ego4dStudy.title,
        data_note,
        frames,
        manifest,
        results,
        preprocessings,
        class_names,
        view,
        gradcams=gradcams,
        attributions=attributions,
    )
