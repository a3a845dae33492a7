"""The images of the benchmark and the predictions on them, as a page that needs no server."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from wildframe.exhibits.browse_inputs import browse_page, preprocessings_on, results_on
from wildframe.exhibits.comparisons import paired
from wildframe.exhibits.inputs import ClassNames, EncodedImages, ViewOfImages, frames
from wildframe.exhibits.page import Page
from wildframe.exhibits.registry import Context, File, exhibit
from wildframe.frames.preprocessing import Preprocessing
from wildframe.studies.imagenet_hard.inputs import DataNote
from wildframe.studies.imagenet_hard.settings import ImageNetHardStudy


def _dataset(run: Context) -> str:
    return str(run.study.benchmark)


ManifestPath = Annotated[
    Path, File("manifests_build.manifest", Path, lambda run: {"dataset": _dataset(run)})
]
Results = Annotated[Mapping[str, Path], results_on(_dataset)]
Preprocessings = Annotated[Mapping[str, Preprocessing | None], preprocessings_on(_dataset)]


@exhibit(
    "Supplement: browse",
    "every image and prediction",
    "A page to browse images by origin, class and prediction; it needs no server.",
    compares=[paired("models that are counted", shown_in="model_pairs")],
)
def browse(
    images: Annotated[EncodedImages, frames(lambda run: run.study.benchmark)],
    manifest: ManifestPath,
    results: Results,
    class_names: ClassNames,
    preprocessings: Preprocessings,
    view: ViewOfImages,
    data_note: DataNote,
) -> Page:
    """Return the page of all models of the report."""
    return browse_page(
        ImageNetHardStudy.title,
        data_note,
        images,
        manifest,
        results,
        preprocessings,
        class_names,
        view,
    )
