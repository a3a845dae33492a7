"""The held-out images before and after fine-tuning, as a page that needs no server."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

from wildframe.core.schemas import IMAGE_RESULTS
from wildframe.exhibits.browse_inputs import browse_page, by_model, preprocessings_of
from wildframe.exhibits.comparisons import paired
from wildframe.exhibits.inputs import ClassNames, EncodedImages, ViewOfImages, frames
from wildframe.exhibits.page import Page
from wildframe.exhibits.registry import Context, File, exhibit
from wildframe.frames.preprocessing import Preprocessing
from wildframe.studies.ego4d.inputs import FineTuningNote, HeldOutSplit, named, viewed
from wildframe.studies.ego4d.settings import Ego4dStudy

_DATASET = "finetuning.dataset"


def _models(run: Context) -> Sequence[str]:
    return [*run.study.held_out_models(f"by-{run.study.finetuning.split_by}")]


@exhibit(
    "Supplement: browse fine tuning",
    "held-out images before and after fine-tuning",
    "A page to browse the held-out images, with the predictions of each model before and after "
    "fine-tuning; it needs no server.",
    when=lambda run: run.study.finetuning,
    compares=[paired("models that are counted", shown_in="fig11_finetuned")],
)
def browse_finetuned(
    images: Annotated[EncodedImages, frames(lambda run: run.study.finetuning.dataset)],
    manifest: Annotated[Path, File("manifests_build.manifest", Path, named(_DATASET))],
    results: Annotated[
        Mapping[str, Path],
        File("scores_image_results", by_model(IMAGE_RESULTS), viewed(_DATASET, _models), many=True),
    ],
    split: HeldOutSplit,
    class_names: ClassNames,
    preprocessings: Annotated[Mapping[str, Preprocessing | None], preprocessings_of(_models)],
    view: ViewOfImages,
    data_note: FineTuningNote,
) -> Page:
    """Return the page of the models that were fine-tuned, before and after."""
    return browse_page(
        f"{Ego4dStudy.title}: fine-tuning",
        f"{data_note}; held-out images",
        images,
        manifest,
        results,
        preprocessings,
        class_names,
        view,
        only={row["image_id"] for row in split.rows if row["part"] == "val"},
    )
