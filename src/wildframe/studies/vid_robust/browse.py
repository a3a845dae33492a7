"""Anchors and their neighbours, and the predictions on them, as a page that needs no server."""

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

from wildframe.exhibits.browse_inputs import browse_page, preprocessings_on, results_on
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


def _dataset(run: Context) -> str:
    return run.dataset


ManifestPath = Annotated[Path, File("manifests_build.manifest", Path, of_dataset)]
Results = Annotated[Mapping[str, Path], results_on(_dataset)]
Preprocessings = Annotated[Mapping[str, Preprocessing | None], preprocessings_on(_dataset)]


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
    manifest: ManifestPath,
    results: Results,
    preprocessings: Preprocessings,
    label_space: SetsLabelSpace,
    view: ViewOfImages,
    data_note: DataNote,
) -> Page:
    """Return the page of all models and detectors; detectors see whole images."""
    return browse_page(
        VidRobustStudy.title,
        data_note,
        frames,
        manifest,
        results,
        preprocessings,
        class_names(label_space),
        view,
    )
