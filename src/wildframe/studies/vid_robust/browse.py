"""Anchors and their neighbours, and the predictions on them, as a page that needs no server."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Annotated

from wildframe.core.schemas import IMAGE_RESULTS
from wildframe.exhibits.browse import EvaluatedModel, write_browser
from wildframe.exhibits.browse_inputs import by_model, predicted_models, preprocessings_of
from wildframe.exhibits.comparisons import paired
from wildframe.exhibits.inputs import ViewOfImages
from wildframe.exhibits.page import Page
from wildframe.exhibits.registry import Context, File, exhibit
from wildframe.frames.preprocessing import Preprocessing
from wildframe.studies.vid_robust.cells import class_names
from wildframe.studies.vid_robust.inputs import (
    DataNote,
    FrameShards,
    SetsLabelSpace,
    datasets,
    of_dataset,
)
from wildframe.studies.vid_robust.settings import VidRobustStudy


def _models(run: Context) -> list[str]:
    return predicted_models(run, run.dataset)


@exhibit(
    "Supplement: browse",
    "every set and prediction",
    "A page to browse anchors and neighbours, the set of each as a strip, and the predictions on "
    "them; it needs no server.",
    datasets=datasets,
    compares=[paired("models that are counted", shown_in="model_pairs")],
)
def browse(
    frames: FrameShards,
    manifest: Annotated[Path, File("manifests_build.manifest", Path, of_dataset)],
    results: Annotated[
        Mapping[str, Path],
        File(
            "scores_image_results",
            by_model(IMAGE_RESULTS),
            lambda run: of_dataset(run) | {"view": run.view, "evaluated": _models(run)},
            many=True,
        ),
    ],
    preprocessings: Annotated[Mapping[str, Preprocessing | None], preprocessings_of(_models)],
    label_space: SetsLabelSpace,
    view: ViewOfImages,
    data_note: DataNote,
) -> Page:
    """Return the page of all models and detectors; detectors see whole images."""
    return Page(
        partial(
            write_browser,
            title=VidRobustStudy.title,
            data_note=data_note,
            manifest=manifest,
            frames=frames.shards,
            statuses=frames.statuses,
            models=[
                EvaluatedModel(model, results[model], preprocessing)
                for model, preprocessing in preprocessings.items()
            ],
            class_names=class_names(label_space),
            view=view,
        )
    )
