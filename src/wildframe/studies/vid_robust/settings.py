"""Settings of the study: ``studies.vid_robust`` in the config."""

from itertools import chain
from typing import Annotated, ClassVar, Literal

from pydantic import Field, field_validator

from wildframe.core.choices import Grouping, Learn, Noise
from wildframe.core.strict import DROPS_NULL, HomePath, Models, Name, Strict, or_null
from wildframe.core.study import RunConfig, Study, Training, training_options
from wildframe.manifests.set_settings import SetsDataset

LearningRate = Annotated[float, Field(gt=0)]


class VideoTraining(Strict):
    """Training on frames of videos; defaults are those of ImageNet-Vid-Robust's authors.

    Their appendix tables 1 and 2 do not state momentum, flips and patience.
    """

    dataset: Name = Field(description="Dataset whose images are split for training; of kind sets")
    models: Models = Field(description="Models of the zoo to start from")
    split_by: Grouping = Field("video", description="Unit kept within one split")
    train_fraction: float = Field(0.9, gt=0, lt=1, description="Share of images to train on")
    seed: int = Field(0, ge=0, description="Seed of the split and the training")
    epochs: int = Field(10, ge=1, description="Number of epochs")
    batch_size: int = Field(32, ge=1, description="Images per step")
    lr: list[LearningRate] = Field(
        [1e-3, 1e-4, 1e-5], min_length=1, description="Learning rates to search; the best is kept"
    )
    decay: float = Field(
        0.1, gt=0, le=1, description="Factor of the learning rate on a plateau of accuracy"
    )
    patience: int = Field(2, ge=1, description="Patience of the schedule, in epochs")
    momentum: float = Field(0.9, ge=0, lt=1, description="Momentum of SGD")
    flip: float = Field(0.5, ge=0, le=1, description="Probability of a horizontal flip")
    learn: Learn = Field(
        "largest", description="Label to train on, of several: first, or that of the largest box"
    )
    noise: Noise | None = Field(None, description="Corruption of half of the training images")

    def training(self, view: str) -> Training:
        """Return the training as rules see it."""
        schedule = ("--schedule=plateau", "--warmup-epochs=0", "--color-jitter=0")
        return Training(
            dataset=self.dataset,
            view=view,
            split_by=self.split_by,
            train_fraction=self.train_fraction,
            seed=self.seed,
            lrs=tuple(self.lr),
            options=(*schedule, *training_options(self)),
        )


class ModelType(Strict):
    """A row of Table 1: a way to train, and the model that stands for it."""

    name: str = Field(description="Name of the row")
    model: str = Field(description="Model of the study, also a trained one: <model>+<training>")


class VidRobustStudy(Study):
    """Do Image Classifiers Generalize Across Time? ImageNet-Vid-Robust and YTBB-Robust."""

    title: ClassVar[str] = "Do Image Classifiers Generalize Across Time?"

    datasets: list[Name] = Field(
        min_length=1, description="Datasets of kind sets; every exhibit is made of each"
    )
    models: Models = Field(description="Fig. 2 and Table 3: models of the zoo")
    model_types: list[ModelType] = Field(
        min_length=1, description="Table 1 and accuracy by distance: one model per way to train"
    )
    per_class: str = Field(description="Model of accuracy by class")
    gallery: str = Field(description="Fig. 1: model whose failures are shown")
    detectors: list[str] = Field(
        default_factory=list, description="Table 2, on datasets with boxes: detectors of the zoo"
    )
    ious: list[Literal["0.5", "0.75", "0.5:0.95"]] = Field(
        ["0.5"], min_length=1, description="IoU thresholds; the first one decides the worst frames"
    )
    trainings: Annotated[dict[Name, VideoTraining], DROPS_NULL] = Field(
        default_factory=dict,
        description="Trainings by name; each makes models <model>+<training>. null leaves one out",
        json_schema_extra=or_null,
    )
    published: HomePath | None = Field(
        None,
        description="CSV of published accuracies (model,model_type,...) for effective robustness",
    )

    @field_validator("model_types")
    @classmethod
    def _names_differ(cls, entries: list[ModelType]) -> list[ModelType]:
        names = [entry.name for entry in entries]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"{name!r} is given twice; name each row once")
        return entries

    def used_datasets(self) -> list[str]:
        """Return the datasets that every exhibit is made of."""
        return self.datasets

    def named_models(self) -> dict[str, list[str]]:
        """Return the models that each setting names, but for detectors."""
        named = {"models": self.models, **self._single_models}
        trainings = {f"trainings.{name}.models": one.models for name, one in self.trainings.items()}
        return {
            setting: [name for name in names if name not in self.detectors]
            for setting, names in named.items()
        } | trainings

    @property
    def _single_models(self) -> dict[str, list[str]]:
        """Models by the settings that name them one by one."""
        return {
            "model_types": [entry.model for entry in self.model_types],
            "per_class": [self.per_class],
            "gallery": [self.gallery],
        }

    def takes_trained(self, setting: str) -> bool:
        """Trained models can be named wherever training does not start."""
        return not setting.startswith("trainings.")

    def named_trainings(self) -> dict[str, Training]:
        """Return the trainings by name."""
        return {name: one.training(self.views[0]) for name, one in self.trainings.items()}

    def trained(self) -> list[str]:
        """Return the models that the trainings make."""
        return [
            f"{model}+{name}"
            for name, training in self.trainings.items()
            for model in training.models
        ]

    def named_detectors(self) -> list[str]:
        """Return the detectors of Table 2."""
        return self.detectors

    def iou_thresholds(self) -> list[str]:
        """Return the overlaps of Table 2."""
        return [*self.ious]

    def named_files(self) -> dict[str, str | None]:
        """Return the files that settings name."""
        return {**super().named_files(), "published": self.published}

    def predictions_needed(self, setting: str) -> list[tuple[str, str]] | None:
        """Exhibits of one model are of every dataset; others show a model where it is evaluated."""
        if setting.startswith("trainings."):
            return None
        if setting == "models":
            return []
        return [(dataset, view) for dataset in self.datasets for view in self.views]

    def models_of(self, dataset: str) -> list[str]:
        """Return the models that are scored on a dataset, in the order of exhibits."""
        if dataset not in self.datasets:
            return []
        given = [one for one in self.external_predictions if one.view in self.views]
        here = {one.model for one in given if one.dataset == dataset}
        named = [*self.models, *chain.from_iterable(self._single_models.values())]
        named += [*self.trained(), *self.detectors]
        named += [one.model for one in self.external_predictions]
        external = self.external_models
        return [name for name in dict.fromkeys(named) if name in here or name not in external]

    def with_boxes(self, config: RunConfig) -> list[str]:
        """Return the datasets that detectors are run on: those with annotated boxes."""
        if not self.detectors:
            return []
        return [
            name
            for name in self.datasets
            if config.datasets[name].has_boxes(config.source_of(name))
        ]

    def require(self, config: RunConfig) -> None:
        """Refuse what does not fit the datasets of the run.

        Raises:
            ValueError: Names the setting.
        """
        used = {"datasets": self.datasets} | {
            f"trainings.{name}.dataset": [training.dataset]
            for name, training in self.trainings.items()
        }
        for setting, names in used.items():
            for name in names:
                if not isinstance(config.datasets[name], SetsDataset):
                    raise ValueError(f"{setting}: {name!r} is not a dataset of kind sets")
        for name, training in self.trainings.items():
            if training.dataset in self.datasets:
                raise ValueError(
                    f"trainings.{name}.dataset: {training.dataset!r} is evaluated, too; train on "
                    "a dataset of other videos"
                )
            # Other files beside those of trainings have these names.
            if name in ("weights", "funnel", "sets") or name.startswith("by-"):
                raise ValueError(f"trainings: choose another name than {name}")

    def is_papers(self, config: RunConfig, dataset: str, view: str = "full") -> bool:
        """Tell whether the paper's numbers compare; it has none of YTBB-Robust."""
        source, chosen = config.source_of(dataset), config.datasets[dataset]
        return (
            source.compare_with_paper
            and config.views[view].kind == "full"
            and chosen.anchors == "published"
            and (chosen.label_space, chosen.label_source) == ("vid30", "frame")
            and (chosen.merge, chosen.restrict_to_label_space) == ("max", True)
            and (chosen.window.frames, chosen.step) == (10, 1)
            and chosen.unreadable == "refuse"
        )
