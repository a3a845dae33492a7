"""The images of the benchmark and the predictions on them, as a page that needs no server."""

from collections.abc import Callable
from typing import Annotated

from wildframe.exhibits.browse_inputs import page_of
from wildframe.exhibits.comparisons import paired
from wildframe.exhibits.inputs import ClassNames, predicted_models
from wildframe.exhibits.page import Page
from wildframe.exhibits.registry import Context, exhibit
from wildframe.studies.imagenet_hard.inputs import DataNote
from wildframe.studies.imagenet_hard.settings import ImageNetHardStudy


def _dataset(run: Context) -> str:
    return str(run.study.benchmark)


@exhibit(
    "Supplement: browse",
    "every image and prediction",
    "A page to browse images by origin, class and prediction; it needs no server.",
    compares=[paired("models that are counted", shown_in="model_pairs")],
)
def browse(
    page: Annotated[Callable[..., Page], page_of(_dataset, predicted_models(_dataset))],
    class_names: ClassNames,
    data_note: DataNote,
) -> Page:
    """Return the page of all models of the report."""
    return page(title=ImageNetHardStudy.title, data_note=data_note, class_names=class_names)
