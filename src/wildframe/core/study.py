"""What a study is to the stations: the settings of one paper, which a folder of `studies` derives.

Stations and rules ask a study only what this class says, so that a new paper is one new folder.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from pydantic import Field, field_validator

from wildframe.core.choices import Grouping, View
from wildframe.core.source import expanded
from wildframe.core.strict import Name, Strict


@dataclass(frozen=True, slots=True)
class Training:
    """A training as rules see it: on which images, how split, how often, how."""

    dataset: str
    view: View
    split_by: Grouping
    train_fraction: float
    seed: int
    lrs: tuple[float, ...]
    """Learning rates that are tried, one job each; the best on held-out images is kept."""
    options: tuple[str, ...]
    """Everything else, as options of ``wildframe models finetune``."""


def training_options(settings: Strict) -> tuple[str, ...]:
    """Return settings of a training as options of ``wildframe models finetune``."""
    own = {"dataset", "models", "lr", "split_by", "train_fraction"}
    chosen = settings.model_dump(exclude=own, exclude_none=True)
    return tuple(f"--{name.replace('_', '-')}={value}" for name, value in chosen.items())


class ExternalPredictions(Strict):
    """External predictions: made elsewhere, scored like the others."""

    model: Name = Field(description="Name in tables; of no model of the zoo")
    dataset: Name = Field(description="Dataset of the study that was predicted")
    predictions: str = Field(
        description="JSON file: a list of scores for each frame, under the names of pmsets.json"
    )

    @field_validator("predictions")
    @classmethod
    def _home_is_expanded(cls, path: str) -> str:
        return expanded(path)


class Run(Protocol):
    """What a study may ask of the whole configuration of a run."""

    @property
    def sources(self) -> Mapping[str, Any]:
        """Data on disk, by name."""

    @property
    def datasets(self) -> Mapping[str, Any]:
        """Test sets, by name."""

    @property
    def frames(self) -> Any:
        """How frames are taken out of videos."""

    @property
    def views(self) -> Any:
        """How images can be shown to a model."""

    @property
    def scores(self) -> Any:
        """How predictions are scored."""

    def source_of(self, dataset: str) -> Any:
        """Return the source that a dataset is made of."""

    def describe(self, *datasets: str, view: View = "full") -> str:
        """Return the data note of exhibits of these datasets."""


class Study(Strict):
    """The settings of one paper's study, and what follows from them for the stations."""

    title: ClassVar[str]
    """Title of the paper."""

    def used_datasets(self) -> list[str]:
        """Return every dataset that exhibits are made of."""
        raise NotImplementedError

    def models_of(self, dataset: str) -> list[str]:
        """Return the models that are scored on a dataset as a whole, in the order of exhibits."""
        raise NotImplementedError

    def named_models(self) -> Mapping[str, Sequence[str]]:
        """Return the models of the zoo that each setting names."""
        raise NotImplementedError

    def label_spaces(self, setting: str) -> frozenset[str] | None:
        """Return the label spaces that models of a setting may have; None for any."""
        return None

    def takes_trained(self, setting: str) -> bool:
        """Tell whether a setting may name models that come of a training."""
        return False

    def named_trainings(self) -> Mapping[str, Training]:
        """Return the trainings by the name that models carry after a plus."""
        return {}

    def trained(self) -> list[str]:
        """Return the models that come of the trainings."""
        return []

    def held_out_models(self, training: str) -> list[str]:
        """Return the models that are scored on what a training held out; none by default."""
        return []

    def named_detectors(self) -> list[str]:
        """Return the detectors that are run."""
        return []

    def overlaps(self) -> list[str]:
        """Return the overlaps (IoU) that a detection needs, the one that chooses frames first."""
        return []

    def external(self) -> list[ExternalPredictions]:
        """Return the predictions that were made elsewhere."""
        return []

    def named_files(self) -> Mapping[str, str | None]:
        """Return the other files that settings name, by setting."""
        return {}

    def require(self, run: Run) -> None:
        """Refuse settings that do not fit the rest of the configuration.

        Raises:
            ValueError: Names the setting.
        """

    def is_papers(self, run: Run, dataset: str, view: View = "full") -> bool:
        """Tell whether everything that decides a dataset's numbers is the paper's."""
        return False
