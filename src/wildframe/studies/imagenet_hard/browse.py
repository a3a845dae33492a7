"""The images of the benchmark and the predictions on them, as a page that needs no server."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Any

from wildframe.core.schemas import IMAGE_RESULTS
from wildframe.exhibits.browse import EvaluatedModel, write_browser
from wildframe.exhibits.browse_inputs import by_model, predicted_models, preprocessings_of
from wildframe.exhibits.comparisons import paired
from wildframe.exhibits.inputs import ClassNames, EncodedImages, ViewOfImages, frames
from wildframe.exhibits.page import Page
from wildframe.exhibits.registry import Context, File, exhibit
from wildframe.frames.preprocessing import Preprocessing
from wildframe.studies.imagenet_hard.inputs import DataNote
from wildframe.studies.imagenet_hard.settings import ImageNetHardStudy


def _models(run: Context) -> list[str]:
    return predicted_models(run, run.study.benchmark)


def _benchmark(run: Context) -> dict[str, Any]:
    return {"dataset": run.study.benchmark}


@exhibit(
    "Supplement: browse",
    "every image and prediction",
    "A page to browse the images of the benchmark by origin, class and prediction; it needs no "
    "server.",
    compares=[paired("models that are counted", shown_in="model_pairs")],
)
def browse(
    images: Annotated[EncodedImages, frames(lambda run: run.study.benchmark)],
    manifest: Annotated[Path, File("manifests_build.manifest", Path, _benchmark)],
    results: Annotated[
        Mapping[str, Path],
        File(
            "scores_image_results",
            by_model(IMAGE_RESULTS),
            lambda run: _benchmark(run) | {"view": run.view, "evaluated": _models(run)},
            many=True,
        ),
    ],
    class_names: ClassNames,
    preprocessings: Annotated[Mapping[str, Preprocessing | None], preprocessings_of(_models)],
    view: ViewOfImages,
    data_note: DataNote,
) -> Page:
    """Return the page of all models of the report."""
    return Page(
        partial(
            write_browser,
            title=ImageNetHardStudy.title,
            data_note=data_note,
            manifest=manifest,
            frames=images.shards,
            statuses=images.statuses,
            models=[
                EvaluatedModel(model, results[model], preprocessing)
                for model, preprocessing in preprocessings.items()
            ],
            class_names=class_names,
            view=view,
        )
    )
