"""The images and the predictions on them, as a page that needs no server."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

from wildframe.core.contracts import Contract
from wildframe.core.errors import UserError
from wildframe.core.pages import page_sha256
from wildframe.core.schemas import GRADCAMS, IMAGE_RESULTS
from wildframe.exhibits.browse import EvaluatedModel, write_browser
from wildframe.exhibits.comparisons import paired
from wildframe.exhibits.inputs import ClassNames, ViewOfImages
from wildframe.exhibits.page import Page
from wildframe.exhibits.registry import Context, File, Setting, exhibit
from wildframe.frames.preprocessing import Preprocessing
from wildframe.scores import model_of
from wildframe.studies.ego4d.inputs import (
    DataNote,
    Images,
    evaluated,
    named,
    viewed,
)
from wildframe.studies.ego4d.settings import Ego4dStudy


def preprocessings_of(models: Callable[[Context], Sequence[str]]) -> Setting:
    """Return the setting of the preprocessing of each model by name; None of an external one."""

    def names(run: Context) -> dict[str, str | None]:
        external = run.study.external_models
        return {
            model: None if model in external else str(run.models[model].preprocessing)
            for model in models(run)
        }

    return Setting(
        names,
        dict[str, str | None],
        _parse_preprocessings,
        watch=lambda run: page_sha256("browse"),
    )


def _parse_preprocessings(names: Mapping[str, str | None]) -> dict[str, Preprocessing | None]:
    return {model: Preprocessing.parse(name) if name else None for model, name in names.items()}


def by_model(contract: Contract) -> Callable[[Sequence[Path]], dict[str, Path]]:
    """Return a reader of the names of tables, by the model that each is of."""

    def read(paths: Sequence[Path]) -> dict[str, Path]:
        return {model_of(path, contract): path for path in paths}

    return read


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
    return Page(
        partial(
            write_browser,
            title=Ego4dStudy.title,
            data_note=data_note,
            manifest=manifest,
            frames=frames.shards,
            statuses=frames.statuses,
            models=[
                EvaluatedModel(model, results[model], preprocessing, gradcams.get(model))
                for model, preprocessing in preprocessings.items()
            ],
            class_names=class_names,
            view=view,
        )
    )
