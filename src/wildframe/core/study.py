"""The base class of studies: the settings of one paper, which a folder of `studies` derives.

Stations and rules use nothing else of a study, so that a new paper is one new folder.
"""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Protocol

from pydantic import AfterValidator, Field

from wildframe.core.choices import Grouping
from wildframe.core.strict import HomePath, Name, Strict, named_once


@dataclass(frozen=True, slots=True)
class Training:
    """A training as rules see it."""

    dataset: str
    view: str
    split_by: Grouping
    train_fraction: float
    seed: int
    lrs: tuple[float, ...]
    """Learning rates to try, one job each; the best on held-out images is kept."""
    options: tuple[str, ...]
    """Everything else, as options of ``wildframe models finetune``."""


def training_options(settings: Strict) -> tuple[str, ...]:
    """Return settings of a training as options of ``wildframe models finetune``."""
    own = {"dataset", "models", "lr", "split_by", "train_fraction"}
    chosen = settings.model_dump(exclude=own, exclude_none=True)
    return tuple(f"--{name.replace('_', '-')}={value}" for name, value in chosen.items())


class ExternalPredictions(Strict):
    """Predictions made outside of wildframe, scored like the others."""

    model: Name = Field(description="Name in tables; not that of a model of the zoo")
    dataset: Name = Field(description="Dataset of the study that the predictions are of")
    predictions: HomePath = Field(
        description="JSON file: a list of scores for each frame, named as in pmsets.json"
    )


class Run(Protocol):
    """What a study may use of the configuration of a run."""

    @property
    def datasets(self) -> Mapping[str, Any]:
        """Test sets, by name."""

    @property
    def frames(self) -> Any:
        """Settings of frame extraction."""

    @property
    def views(self) -> Mapping[str, Any]:
        """Views, by name."""

    @property
    def scores(self) -> Any:
        """Settings of scoring."""

    def source_of(self, dataset: str) -> Any:
        """Return the source of a dataset."""

    def can_show(self, view: str, dataset: str) -> bool:
        """Tell whether the images of a dataset have what a view needs."""

    def describe(self, *datasets: str, view: str = "full") -> str:
        """Return the data note of exhibits of these datasets."""


class Study(Strict):
    """The settings of one paper's study, and what follows from them for the stations."""

    title: ClassVar[str]
    """Title of the paper."""

    views: Annotated[list[Name], Field(min_length=1), AfterValidator(named_once("view"))] = Field(
        ["full"],
        description="How images are shown to the models. Exhibits of the first view, which models "
        "are also trained with, have the plain names; those of a further view are in a folder of "
        "its name",
    )

    @abstractmethod
    def used_datasets(self) -> list[str]:
        """Return every dataset that exhibits are made of."""

    @abstractmethod
    def models_of(self, dataset: str) -> list[str]:
        """Return the models that are scored on a dataset as a whole, in the order of exhibits."""

    @abstractmethod
    def named_models(self) -> Mapping[str, Sequence[str]]:
        """Return the models of the zoo by setting."""

    def label_spaces(self, setting: str) -> frozenset[str] | None:
        """Return the label spaces that a setting's models may have; None for any."""
        return None

    def explained(self) -> frozenset[str]:
        """Return the settings that name models whose Grad-CAM maps are shown."""
        return frozenset()

    def takes_trained(self, setting: str) -> bool:
        """Tell whether a setting may name fine-tuned models."""
        return False

    def named_trainings(self) -> Mapping[str, Training]:
        """Return the trainings by name: the part of a model's name after the plus."""
        return {}

    def trained(self) -> list[str]:
        """Return the fine-tuned models."""
        return []

    def held_out_models(self, training: str) -> list[str]:
        """Return the models that are scored on the images held out of a training."""
        return []

    def named_detectors(self) -> list[str]:
        """Return the detectors to run."""
        return []

    def iou_thresholds(self) -> list[str]:
        """Return the IoU thresholds of detection; the worst frames are chosen at the first."""
        return []

    def external(self) -> list[ExternalPredictions]:
        """Return the external predictions."""
        return []

    def named_files(self) -> Mapping[str, str | None]:
        """Return the other input files, by setting."""
        return {}

    def require(self, run: Run) -> None:
        """Raise a `ValueError` that names a setting that does not fit the configuration."""

    def is_papers(self, run: Run, dataset: str, view: str = "full") -> bool:
        """Tell whether data and choices are the paper's, so that its numbers compare."""
        return False
