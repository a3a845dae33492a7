"""What a study can be told: one class a paper, one entry of ``studies`` in the config."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from wildframe.core.choices import Grouping, Learn, Noise, View
from wildframe.core.datasets import expanded
from wildframe.core.strict import Models, Name, Strict

LearningRate = Annotated[float, Field(gt=0)]


@dataclass(frozen=True, slots=True)
class Training:
    """A training as rules see it: on which pictures, how split, how often, how."""

    dataset: str
    view: View
    split_by: Grouping
    train_fraction: float
    seed: int
    lrs: tuple[float, ...]
    """Learning rates that are tried, one job each; the best on held-out pictures is kept."""
    options: tuple[str, ...]
    """Everything else, as options of ``wildframe models finetune``."""


def _options(settings: Strict, exclude: set[str]) -> tuple[str, ...]:
    chosen = settings.model_dump(exclude=exclude | {"dataset", "models", "lr"}, exclude_none=True)
    return tuple(f"--{name.replace('_', '-')}={value}" for name, value in chosen.items())


class FineTuning(Strict):
    """Training on one part of a dataset, examined on the other; defaults are the paper's (D)."""

    dataset: Name = Field(description="Dataset whose pictures are split; of class space in1k")
    models: Models = Field(description="Models of the zoo to start from")
    split_by: Literal["clip", "video"] = Field(
        "clip", description="What lies in one part as a whole"
    )
    train_fraction: float = Field(0.5, gt=0, lt=1, description="Share of pictures to train on")
    seed: int = Field(0, ge=0, description="Of the split and of the training")
    epochs: int = Field(50, ge=1, description="At most")
    patience: int = Field(5, ge=1, description="Epochs without a better one before stopping")
    batch_size: int = Field(128, ge=1, description="Pictures a step")
    warmup_epochs: int = Field(3, ge=0, description="Epochs at the first learning rate")
    warmup_lr: float = Field(1e-4, gt=0, description="Learning rate of the warm-up")
    lr: float = Field(5e-2, gt=0, description="Learning rate of the first epoch after it")
    decay: float = Field(
        0.1, gt=0, le=1, description="The learning rate is multiplied by this after each epoch"
    )
    momentum: float = Field(0.9, ge=0, lt=1, description="Of SGD")
    flip: float = Field(0.5, ge=0, le=1, description="Probability of a horizontal flip")
    color_jitter: float = Field(
        0.4, ge=0, lt=1, description="Brightness, contrast, saturation change by up to this factor"
    )

    @property
    def is_papers(self) -> bool:
        """Whether split and training are the paper's; of which models and by which seed is free."""
        free = {"dataset", "models", "seed"}
        papers = FineTuning(dataset=self.dataset, models=self.models)
        return self.model_dump(exclude=free) == papers.model_dump(exclude=free)

    def training(self, by: Grouping, view: View) -> Training:
        """Return the training on a split by clip, video or image."""
        return Training(
            dataset=self.dataset,
            view=view,
            split_by=by,
            train_fraction=self.train_fraction,
            seed=self.seed,
            lrs=(self.lr,),
            options=_options(self, {"split_by", "train_fraction"}),
        )


class Pretraining(Strict):
    """One architecture, trained on ImageNet-1K alone and on ImageNet-21K first (Fig. 10)."""

    name: str = Field(description="Architecture as the table names it")
    in1k: str | None = Field(None, description="Model trained on ImageNet-1K alone")
    in21k_in1k: str | None = Field(None, description="Trained on ImageNet-21K, then ImageNet-1K")


class Ego4dStudy(Strict):
    """Egocentric Data as Natural Adversarial Examples."""

    in1k: Name = Field(description="Dataset under ImageNet-1K")
    in21k: Name = Field(description="Dataset under ImageNet-21K")
    moments: Name = Field(description="Dataset under ImageNet-1K with Pre, PNR and Post frames")
    objects: Name = Field(description="Dataset under ImageNet-1K whose unit is the object")
    near: Name | None = Field(
        None,
        description="Sets around the pictures of in1k, for robustness in time; none by default",
    )
    view: View = Field("full", description="How pictures are shown to the models")
    models: Models = Field(
        description="Models of the zoo (`wildframe models list`), in the order of Fig. 7"
    )
    resolution: Models = Field(
        description="Fig. 8: one architecture at several sizes; <model>@<pixels> is a model "
        "shown another size than its own"
    )
    in21k_models: Models = Field(
        description="Fig. 9: models examined under ImageNet-21K, each through its own class list"
    )
    pretraining: list[Pretraining] = Field(description="Fig. 10", min_length=1)
    gradcam: Models = Field(description="Fig. 1: models whose attention is shown")
    beyond: Models = Field(
        description="Models of the exhibits that the paper has not: moments, and the box view"
    )
    finetuning: FineTuning

    @property
    def class_spaces(self) -> dict[str, str]:
        """The class space that each of the study's datasets must have, by setting."""
        return {
            "in1k": "in1k",
            "in21k": "in21k",
            "moments": "in1k",
            "objects": "in1k",
            "finetuning.dataset": "in1k",
        }

    def dataset(self, setting: str) -> str:
        """Return the dataset that a setting such as ``finetuning.dataset`` names."""
        return self.finetuning.dataset if "." in setting else str(getattr(self, setting))

    @property
    def pretrained(self) -> list[str]:
        """Models of Fig. 10, in the order of its two blocks."""
        named = [pair.in1k for pair in self.pretraining]
        named += [pair.in21k_in1k for pair in self.pretraining]
        return [name for name in named if name]

    @property
    def datasets(self) -> list[str]:
        """Every dataset of the study."""
        named = [self.in1k, self.in21k, self.moments, self.objects, self.finetuning.dataset]
        named += [self.near] if self.near else []
        return list(dict.fromkeys(named))

    @property
    def trainings(self) -> dict[str, Training]:
        """The trainings that models are named after: ``<model>+by-clip``."""
        return {
            f"by-{by}": self.finetuning.training(by, self.view)
            for by in (self.finetuning.split_by, "image")
        }

    @property
    def named_models(self) -> dict[str, list[str]]:
        """The models that each setting names."""
        return {
            "models": self.models,
            "resolution": self.resolution,
            "in21k_models": self.in21k_models,
            "pretraining": self.pretrained,
            "gradcam": self.gradcam,
            "beyond": self.beyond,
            "finetuning.models": self.finetuning.models,
        }

    def finetuned(self, by: Grouping) -> list[str]:
        """Return the models that training on a split gives."""
        return [f"{name}+by-{by}" for name in self.finetuning.models]

    @property
    def trained(self) -> list[str]:
        """Models that come of the trainings."""
        return [*self.finetuned(self.finetuning.split_by), *self.finetuned("image")]

    @property
    def all_models(self) -> list[str]:
        """Every model that the study runs, each once."""
        named = [name for names in self.named_models.values() for name in names]
        return list(dict.fromkeys([*named, *self.trained]))

    def models_of(self, dataset: str) -> list[str]:
        """Return the models that are scored on a dataset as a whole, in the order of exhibits."""
        named: list[str] = []
        if dataset == self.in1k:
            named += [*self.models, *self.resolution, *self.pretrained, *self.gradcam]
        if dataset == self.in21k:
            named += self.in21k_models
        if dataset in (self.moments, self.objects, self.near):
            named += self.beyond
        return list(dict.fromkeys(named))


class VideoTraining(Strict):
    """Training on frames of videos; defaults are those of ImageNet-Vid-Robust's authors.

    Their appendix tables 1 and 2 do not say momentum, flips, nor how patient the schedule is.
    """

    dataset: Name = Field(description="Dataset whose frames are split; of kind sets")
    models: Models = Field(description="Models of the zoo to start from")
    split_by: Grouping = Field("video", description="What lies in one part as a whole")
    train_fraction: float = Field(0.9, gt=0, lt=1, description="Share of pictures to train on")
    seed: int = Field(0, ge=0, description="Of the split and of the training")
    epochs: int = Field(10, ge=1, description="All are trained")
    batch_size: int = Field(32, ge=1, description="Pictures a step")
    lr: list[LearningRate] = Field(
        [1e-3, 1e-4, 1e-5], min_length=1, description="Learning rates to search; the best is kept"
    )
    decay: float = Field(
        0.1, gt=0, le=1, description="The learning rate is multiplied by this on a plateau"
    )
    patience: int = Field(
        2, ge=1, description="Epochs without a better one that are borne before the rate falls"
    )
    momentum: float = Field(0.9, ge=0, lt=1, description="Of SGD")
    flip: float = Field(0.5, ge=0, le=1, description="Probability of a horizontal flip")
    learn: Learn = Field(
        "largest", description="Which of a picture's labels is learnt: first, or the largest box's"
    )
    noise: Noise | None = Field(
        None, description="Corruption that training adds to half the pictures"
    )

    @property
    def training(self) -> Training:
        """The training as rules see it."""
        return Training(
            dataset=self.dataset,
            view="full",
            split_by=self.split_by,
            train_fraction=self.train_fraction,
            seed=self.seed,
            lrs=tuple(self.lr),
            options=(
                "--schedule=plateau",
                "--warmup-epochs=0",
                "--color-jitter=0",
                *_options(self, {"split_by", "train_fraction"}),
            ),
        )


class ModelType(Strict):
    """A row of Table 1: a way to train, and the model that stands for it."""

    name: str = Field(description="As the table names it")
    model: str = Field(description="Model of the study, also a trained one: <model>+<training>")


class Imported(Strict):
    """Predictions that were made elsewhere."""

    model: Name = Field(description="Name in tables; of no model of the zoo")
    dataset: Name = Field(description="Dataset of the study that was predicted")
    predictions: str = Field(
        description="JSON file: a list of scores for each frame, under the names of pmsets.json"
    )

    @field_validator("predictions")
    @classmethod
    def _home_is_expanded(cls, path: str) -> str:
        return expanded(path)


def _or_null(schema: dict[str, Any]) -> None:
    """Let entries be null in the JSON Schema."""
    entries = schema["patternProperties"]
    for name, entry in entries.items():
        entries[name] = {"anyOf": [entry, {"type": "null"}]}


class VidRobustStudy(Strict):
    """Do Image Classifiers Generalize Across Time? ImageNet-Vid-Robust and YTBB-Robust."""

    datasets: list[Name] = Field(
        min_length=1, description="Datasets of kind sets; every exhibit is made of each"
    )
    models: Models = Field(description="Fig. 2 and Table 3: models of the zoo")
    model_types: list[ModelType] = Field(
        min_length=1, description="Table 1 and accuracy against k: a model for each way to train"
    )
    per_class: str = Field(description="Model of the bars by class")
    gallery: str = Field(description="Model whose failures are shown (Fig. 1)")
    detectors: list[str] = Field(
        default_factory=list, description="Table 2, on datasets with boxes: detectors of the zoo"
    )
    ious: list[Literal["0.5", "0.75", "0.5:0.95"]] = Field(
        ["0.5"], min_length=1, description="Overlap that a detection needs; the first picks frames"
    )
    trainings: dict[Name, VideoTraining] = Field(
        default_factory=dict,
        description="Named trainings: <model>+<training> is what comes of one; one that is null is "
        "left out",
        json_schema_extra=_or_null,
    )
    imported: list[Imported] = Field(
        default_factory=list, description="Predictions made elsewhere, scored like the others"
    )
    published: str | None = Field(
        None,
        description="CSV of published accuracies (model,model_type,...) for effective robustness",
    )

    @field_validator("trainings", mode="before")
    @classmethod
    def _null_is_left_out(cls, trainings: Any) -> Any:
        # Configurations are merged key by key: without, none could get rid of those below it.
        if not isinstance(trainings, dict):
            return trainings
        return {name: training for name, training in trainings.items() if training is not None}

    @field_validator("published")
    @classmethod
    def _home_is_expanded(cls, path: str | None) -> str | None:
        return None if path is None else expanded(path)

    @property
    def named_models(self) -> dict[str, list[str]]:
        """The models of the zoo, trained ones among them, that each setting names."""
        imported = {source.model for source in self.imported}
        typed = [entry.model for entry in self.model_types]
        named = {
            "models": self.models,
            "model_types": typed,
            "per_class": [self.per_class],
            "gallery": [self.gallery],
        }
        others = imported | set(self.detectors)
        found = {
            setting: [name for name in names if name not in others]
            for setting, names in named.items()
        }
        return found | {
            f"trainings.{name}.models": training.models for name, training in self.trainings.items()
        }

    @property
    def trained(self) -> list[str]:
        """Models that come of the trainings."""
        return [
            f"{model}+{name}"
            for name, training in self.trainings.items()
            for model in training.models
        ]

    @property
    def all_models(self) -> list[str]:
        """Every model of the zoo that the study runs, each once."""
        named = [name for names in self.named_models.values() for name in names]
        return list(dict.fromkeys([*named, *self.trained]))

    def models_of(self, dataset: str) -> list[str]:
        """Return the models that are scored on a dataset, in the order of exhibits."""
        if dataset not in self.datasets:
            return []
        named = [*self.models, *(entry.model for entry in self.model_types)]
        named += [self.per_class, self.gallery, *self.trained, *self.detectors]
        here = {source.model: source.dataset == dataset for source in self.imported}
        here |= {source.model: True for source in self.imported if source.dataset == dataset}
        return [name for name in dict.fromkeys([*named, *here]) if here.get(name, True)]


class Studies(Strict):
    """One entry a paper; a study that is null is left out."""

    ego4d: Ego4dStudy | None = None
    vid_robust: VidRobustStudy | None = None

    @property
    def chosen(self) -> Mapping[str, Ego4dStudy | VidRobustStudy]:
        """The studies of this run, by name."""
        named = {"ego4d": self.ego4d, "vid_robust": self.vid_robust}
        return {name: study for name, study in named.items() if study is not None}
