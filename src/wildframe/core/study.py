"""The base class of studies: the settings of one paper, which a folder of `studies` derives.

Stations and rules use nothing else of a study, so that a new paper is one new folder.
"""

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Annotated, Any, ClassVar, Protocol

from pydantic import AfterValidator, Field, field_validator

from wildframe.core.choices import ClipTask, Grouping
from wildframe.core.files import require_file
from wildframe.core.strict import HomePath, Name, Strict, named_once
from wildframe.core.target_settings import ScoreSpaceSetting
from wildframe.core.targets import is_own


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


@dataclass(frozen=True, slots=True)
class Framing:
    """What is tried to tell how much of a drop is framing, as rules see it."""

    models: tuple[str, ...]
    """Models that are shown the images cropped."""
    zoom: str
    """The zoom view whose crops they are shown."""
    neighbours: str | None
    """Sets whose anchors are the images; these models are evaluated on them, too."""


@dataclass(frozen=True, slots=True)
class ClipTraining:
    """A training of a video model on clips, as rules see it; one job a seed."""

    network: str
    """A network of ``models.clips.networks``."""
    dataset: str
    """Dataset of kind clips whose training clips it learns from."""
    task: ClipTask
    """What it learns of them: action, multi_label, verb_noun or viewpoint."""
    seeds: tuple[int, ...]
    options: tuple[str, ...]
    """Everything else, as options of ``wildframe models train-clips``."""
    batch_size: int
    """Clips a step, on all GPUs together."""
    frames: int
    """Frames of a clip that the network sees."""
    crop: int
    """Side of the square that it sees of each, in pixels."""
    initial: str | None = None
    """Training whose backbone of the same seed it starts from, or the first seed's."""
    initial_model: str | None = None
    """Model of images whose weights it starts from instead, inflated."""
    teachers: Mapping[str, str] = field(default_factory=dict)
    """Pseudo-labels that it distils: of ``ego`` the training of the classifier, of ``object`` the
    model of images, of ``interaction`` nothing, since its boxes are the dataset's."""
    appended: Mapping[str, str] = field(default_factory=dict)
    """Teachers, likewise, whose outputs are appended to its features."""
    unlabelled: str | None = None
    """Dataset of first-person clips that its features are adapted to (domain adaptation)."""
    pairs: str | None = None
    """Dataset of clips in pairs of viewpoints that are embedded jointly."""
    evaluated_on: tuple[str, ...] = ()
    """Datasets whose test clips it predicts."""
    views: tuple[int, int] = (1, 1)
    """Stretches of a clip that it predicts, and crops of each."""
    gpus: int = 1
    """GPUs that share its steps, where there are GPUs."""

    @property
    def learnt(self) -> tuple[str, ...]:
        """Datasets whose training clips it is shown."""
        return tuple(filter(None, (self.dataset, self.unlabelled, self.pairs)))

    @property
    def clips_mb(self) -> int:
        """Memory of the clips that wait for the network, in MB."""
        streams = 1 + bool(self.unlabelled) + bool(self.pairs)
        # Measured: up to ten steps of each stream, of which two are loaded ahead.
        clips = 10 * streams * self.batch_size * 12 * self.frames * self.crop**2 // 2**20
        return round(clips, -2)

    @property
    def view_mb(self) -> float:
        """Memory of one view of a clip that it predicts, as bytes, in MB."""
        # Of crops of 224 pixels in training, views have 256.
        return 3 * self.frames * (self.crop * 256 // 224) ** 2 / 2**20


@dataclass(frozen=True, slots=True)
class Failures:
    """What failures of models of images are regressed on, as rules see it."""

    models: tuple[str, ...]
    """Models of images."""
    clips: str
    """Dataset of the clips that the images are of."""
    teachers: Mapping[str, str]
    """Of these clips, as of a `ClipTraining`."""


def training_options(settings: Strict) -> tuple[str, ...]:
    """Return settings of a training as options of ``wildframe models finetune``."""
    own = {"dataset", "models", "recipe", "lr", "split_by", "train_fraction"}
    chosen = settings.model_dump(exclude=own, exclude_none=True)
    return tuple(f"--{name.replace('_', '-')}={value}" for name, value in chosen.items())


EXTERNAL_SUFFIXES = (".csv", ".parquet", ".json")
"""Formats of external predictions."""


class ExternalPredictions(Strict):
    """Predictions made outside of wildframe, scored like the others."""

    model: Name = Field(
        description="Name in tables, and in the lists of models; not that of a model of the zoo"
    )
    dataset: Name = Field(description="Dataset of the study that the predictions are of")
    view: Name = Field("full", description="View of the images that the model was shown")
    predictions: HomePath = Field(
        description="File (.csv, .parquet or .json): for each image scores, or the most probable "
        "classes; `wildframe predictions template` writes one to fill in"
    )
    label_space: ScoreSpaceSetting | None = Field(
        None,
        description="Label space of the scores or classes; by default that of the dataset, or in1k "
        "if there are 1,000 scores",
    )

    @field_validator("predictions")
    @classmethod
    def _suffix_is_known(cls, path: str) -> str:
        if PurePath(path).suffix not in EXTERNAL_SUFFIXES:
            raise ValueError(f"{path!r}: the suffix is none of {', '.join(EXTERNAL_SUFFIXES)}")
        return path

    def file(self) -> Path:
        """Return the file of the predictions; raise a `UserError` if it is not there."""
        remedy = f"create it, or correct external_predictions of {self.model} for {self.dataset}"
        return require_file(Path(self.predictions), remedy)


class RunConfig(Protocol):
    """What a study may use of the configuration of a run."""

    @property
    def datasets(self) -> Mapping[str, Any]:
        """Test sets, by name."""

    @property
    def frames(self) -> Any:
        """Settings of frame extraction."""

    @property
    def models(self) -> Mapping[str, Any]:
        """Models of one's own, by name."""

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
        """Return the data note of exhibits of these datasets, of each source and kind its own."""


class Study(Strict):
    """The settings of one paper's study, and what follows from them for the stations."""

    title: ClassVar[str]
    """Title of the paper."""

    external_predictions: list[ExternalPredictions] = Field(
        default_factory=list, description="External predictions, scored like the others"
    )
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

    def shown_of(self, dataset: str) -> list[tuple[str, Sequence[str]]]:
        """Return the views of a dataset, each with the models that are run on all of it."""
        return [(view, self.models_of(dataset)) for view in self.views]

    def zoomed_models_of(self, dataset: str) -> list[str]:
        """Return the models that are scored on the crops of a dataset under a zoom view."""
        return self.models_of(dataset)

    @abstractmethod
    def named_models(self) -> Mapping[str, Sequence[str]]:
        """Return the models by setting: those of the zoo, and external ones."""

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

    def framing_of(self, dataset: str) -> Framing | None:
        """Return how else the images of a dataset are framed; None if they are not."""
        return None

    def crops_of(self, dataset: str) -> tuple[str, Sequence[str]] | None:
        """Return a zoom view, and models that are shown the crops of a dataset; None without."""
        return None

    def held_out_models(self, training: str) -> list[str]:
        """Return the models that are scored on the images held out of a training."""
        return []

    def clip_trainings(self) -> Mapping[str, ClipTraining]:
        """Return the trainings of video models, by name; those that others start from first."""
        return {}

    def clip_comparisons(self) -> Sequence[tuple[str, str]]:
        """Return pairs of trainings of video models, or of ensembles, that are to be compared."""
        return ()

    def clip_ensembles(self) -> Mapping[str, Sequence[str]]:
        """Return ensembles by name: trainings of video models whose probabilities are averaged."""
        return {}

    def clip_teachers(self) -> Sequence[tuple[str, str, str]]:
        """Return dataset, kind and name of the teachers whose pseudo-labels are wanted.

        By default those that trainings distil, or whose outputs they append.
        """
        found = (
            (training.dataset, kind, name)
            for training in self.clip_trainings().values()
            for teachers in (training.teachers, training.appended)
            for kind, name in teachers.items()
        )
        return tuple(dict.fromkeys(found))

    def failures_of(self, dataset: str) -> Failures | None:
        """Return what failures on a dataset of images are regressed on; None if they are not."""
        return None

    def named_detectors(self) -> list[str]:
        """Return the detectors to run."""
        return []

    def iou_thresholds(self) -> list[str]:
        """Return the IoU thresholds of detection; the worst frames are chosen at the first."""
        return []

    @property
    def external_models(self) -> frozenset[str]:
        """Names of the models of which only predictions are given."""
        return frozenset(one.model for one in self.external_predictions)

    def predictions_needed(self, setting: str) -> Sequence[tuple[str, str]] | None:
        """Return dataset and view of what external models of a setting must have predicted.

        None if the models of the setting are run here, so that external ones cannot be named.
        """
        return [(dataset, view) for dataset in self.used_datasets() for view in self.views]

    def named_files(self) -> Mapping[str, str | None]:
        """Return the other input files, by setting."""
        return {
            f"external {one.model} of {one.dataset}": one.predictions
            for one in self.external_predictions
        }

    def require(self, config: RunConfig) -> None:
        """Raise a `ValueError` that names a setting that does not fit the configuration."""

    def models_adapted(self, config: RunConfig) -> Mapping[str, Sequence[str]]:
        """Return the models that are adapted to each image, by the setting that asks for it."""
        adapting = [name for name in self.views if config.views[name].adapt]
        shown = [
            one for one in self.used_datasets() if any(config.can_show(v, one) for v in adapting)
        ]
        return {"views": [model for dataset in shown for model in self.models_of(dataset)]}

    def require_adaptable(self, config: RunConfig) -> None:
        """Raise a `ValueError` that names a model without weights that could be adapted."""
        functions = {name for name, model in config.models.items() if model.function}
        for setting, models in self.models_adapted(config).items():
            for model in models:
                if model.partition("@")[0] in functions:
                    raise ValueError(
                        f"{setting}: {model}: a function has no weights that could be adapted to "
                        "an image; name a model of another kind, or a view without adapt"
                    )

    def require_external(self, config: RunConfig) -> None:
        """Raise a `ValueError` where external predictions are missing, superfluous or doubled."""
        given = [(one.model, one.dataset, one.view) for one in self.external_predictions]
        for one in self.external_predictions:
            model, dataset, view = one.model, one.dataset, one.view
            if dataset not in self.used_datasets():
                raise ValueError(f"external_predictions: {dataset!r} is not a dataset of the study")
            if given.count((model, dataset, view)) > 1:
                raise ValueError(
                    f"external_predictions: {model} is given twice for {dataset}; name one file"
                )
            if model not in self.models_of(dataset):
                views = ", or give those of view " + " or ".join(self.views)
                raise ValueError(
                    f"external_predictions: {model} of {dataset} is in no exhibit; name it in a "
                    f"list of models that are evaluated on {dataset}"
                    + (views if view not in self.views else "")
                )
            scored, space = config.datasets[dataset].scored_space, one.label_space
            if space and is_own(space) and scored not in (None, space):
                raise ValueError(
                    f"external_predictions: those of {model} are in {space}, but {dataset} is "
                    f"scored in {scored}; write them in that label space, or in ImageNet's"
                )
            if not config.can_show(view, dataset):
                raise ValueError(
                    f"external_predictions: images of {dataset} do not have what the view {view} "
                    f"shows; leave {model} out there"
                )
        for setting, names in self.named_models().items():
            for model in self.external_models.intersection(names):
                self._require_predictions(setting, model, config)

    def _require_predictions(self, setting: str, model: str, config: RunConfig) -> None:
        """Raise a `ValueError` if a setting needs what is not given of an external model."""
        needed, spaces = self.predictions_needed(setting), self.label_spaces(setting)
        if needed is None:
            raise ValueError(
                f"{setting}: {model} has external predictions only, and models named here are run "
                "or trained; name a model of the zoo"
            )
        of_model = [one for one in self.external_predictions if one.model == model]
        given = {(one.dataset, one.view) for one in of_model}
        for dataset, view in needed:
            if config.can_show(view, dataset) and (dataset, view) not in given:
                of_view = "" if view == "full" else f" under the view {view}"
                raise ValueError(
                    f"{setting}: {model} has no external predictions of {dataset}{of_view}, which "
                    "this exhibit needs, too"
                )
        for one in of_model:
            known = {*(spaces or ()), config.datasets[one.dataset].label_space}
            if spaces and one.label_space and one.label_space not in known:
                raise ValueError(
                    f"{setting}: {model} has the label space {one.label_space}; models of this "
                    f"setting have {' or '.join(sorted(known))}"
                )

    def is_papers(self, config: RunConfig, dataset: str, view: str = "full") -> bool:
        """Tell whether data and choices are the paper's, so that its numbers compare."""
        return False
