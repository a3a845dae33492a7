"""The held-out images before and after fine-tuning, as a page that needs no server."""

from collections.abc import Callable, Sequence
from typing import Annotated

from wildframe.exhibits.browse_inputs import page_of
from wildframe.exhibits.comparisons import paired
from wildframe.exhibits.inputs import ClassNames
from wildframe.exhibits.page import Page
from wildframe.exhibits.registry import Context, exhibit
from wildframe.studies.ego4d.inputs import FineTuningNote, HeldOutSplit
from wildframe.studies.ego4d.settings import Ego4dStudy


def _dataset(run: Context) -> str:
    return str(run.study.finetuning.dataset)


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
    page: Annotated[Callable[..., Page], page_of(_dataset, _models)],
    split: HeldOutSplit,
    class_names: ClassNames,
    data_note: FineTuningNote,
) -> Page:
    """Return the page of the models that were fine-tuned, before and after."""
    return page(
        title=f"{Ego4dStudy.title}: fine-tuning",
        data_note=f"{data_note}; held-out images",
        class_names=class_names,
        only={row["image_id"] for row in split.rows if row["part"] == "val"},
    )
