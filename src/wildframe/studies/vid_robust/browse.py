"""Anchors and their neighbours, and the predictions on them, as a page that needs no server."""

from collections.abc import Callable
from typing import Annotated

from wildframe.exhibits.browse_inputs import page_of
from wildframe.exhibits.comparisons import paired
from wildframe.exhibits.page import Page
from wildframe.exhibits.registry import Context, exhibit
from wildframe.studies.vid_robust.cells import class_names
from wildframe.studies.vid_robust.inputs import DataNote, SetsLabelSpace, datasets, evaluated
from wildframe.studies.vid_robust.settings import VidRobustStudy


def _dataset(run: Context) -> str:
    return run.dataset


@exhibit(
    "Supplement: browse",
    "every set and prediction",
    "A page to browse anchors and neighbours, the set of each as a strip, and the predictions on "
    "them; it needs no server.",
    datasets=datasets,
    compares=[paired("models that are counted", shown_in="model_pairs")],
)
def browse(
    page: Annotated[Callable[..., Page], page_of(_dataset, evaluated)],
    label_space: SetsLabelSpace,
    data_note: DataNote,
) -> Page:
    """Return the page of all models and detectors; detectors see whole images."""
    names = class_names(label_space)
    return page(title=VidRobustStudy.title, data_note=data_note, class_names=names)
