"""What the study can be told: ``studies.vid_robust`` in the config."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, field_validator

from wildframe.core.choices import Grouping, Learn, Noise, View
from wildframe.core.source import expanded
from wildframe.core.strict import Models, Name, Strict
from wildframe.core.study import ExternalPredictions, Run, Study, Training, training_options
from wildframe.manifests.settings import SetsDataset

LearningRate = Annotated[float, Field(gt=0)]


class VideoTraining(Strict):
    """Training on frames of videos; defaults are those of ImageNet-Vid-Robust's authors.

    Their appendix tables 1 and 2 do not say momentum, flips, nor how patient the schedule is.
    """

    dataset: Name = Field(description="Dataset whose frames are split; of kind sets")
    models: Models = Field(description="Models of the zoo to start from")
    split_by: Grouping = Field("video", description="What lies in one part as a whole")
    train_fraction: float = Field(0.9, gt=0, lt=1, description="Share of images to train on")
    seed: int = Field(0, ge=0, description="Of the split and of the training")
    epochs: int = Field(10, ge=1, description="All are trained")
    batch_size: int = Field(32, ge=1, description="Images a step")
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
        "largest", description="Which of a image's labels is learnt: first, or the largest box's"
    )
    noise: Noise | None = Field(
        None, description="Corruption that training adds to half the images"
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
                *training_options(self),
            ),
        )


class ModelType(Strict):
    """A row of Table 1: a way to train, and the model that stands for it."""

    name: str = Field(description="As the table names it")
    model: str = Field(description="Model of the study, also a trained one: <model>+<training>")


def _or_null(schema: dict[str, Any]) -> None:
    """Let entries be null in the JSON Schema."""
    entries = schema["patternProperties"]
    for name, entry in entries.items():
        entries[name] = {"anyOf": [entry, {"type": "null"}]}


class VidRobustStudy(Study):
    """Do Image Classifiers Generalize Across Time? ImageNet-Vid-Robust and YTBB-Robust."""

    title: ClassVar[str] = "Do Image Classifiers Generalize Across Time?"

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
    external_predictions: list[ExternalPredictions] = Field(
        default_factory=list, description="Predictions made elsewhere, scored like the others"
    )
    published: str | None = Field(
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

    def used_datasets(self) -> list[str]:
        """Return the datasets that every exhibit is made of."""
        return self.datasets

    def named_models(self) -> dict[str, list[str]]:
        """Return the models of the zoo, trained ones among them, that each setting names."""
        external = {source.model for source in self.external_predictions}
        typed = [entry.model for entry in self.model_types]
        named = {
            "models": self.models,
            "model_types": typed,
            "per_class": [self.per_class],
            "gallery": [self.gallery],
        }
        others = external | set(self.detectors)
        found = {
            setting: [name for name in names if name not in others]
            for setting, names in named.items()
        }
        return found | {
            f"trainings.{name}.models": training.models for name, training in self.trainings.items()
        }

    def takes_trained(self, setting: str) -> bool:
        """Trained models can stand wherever training does not start."""
        return not setting.startswith("trainings.")

    def named_trainings(self) -> dict[str, Training]:
        """Return the trainings by name."""
        return {name: training.training for name, training in self.trainings.items()}

    def trained(self) -> list[str]:
        """Return the models that come of the trainings."""
        return [
            f"{model}+{name}"
            for name, training in self.trainings.items()
            for model in training.models
        ]

    def named_detectors(self) -> list[str]:
        """Return the detectors of Table 2."""
        return self.detectors

    def overlaps(self) -> list[str]:
        """Return the overlaps of Table 2."""
        return [*self.ious]

    def external(self) -> list[ExternalPredictions]:
        """Return the predictions that were made elsewhere."""
        return self.external_predictions

    def named_files(self) -> dict[str, str | None]:
        """Return the files that settings name."""
        files = {
            f"external {one.model} of {one.dataset}": one.predictions
            for one in self.external_predictions
        }
        return files | {"published": self.published}

    def models_of(self, dataset: str) -> list[str]:
        """Return the models that are scored on a dataset, in the order of exhibits."""
        if dataset not in self.datasets:
            return []
        named = [*self.models, *(entry.model for entry in self.model_types)]
        named += [self.per_class, self.gallery, *self.trained(), *self.detectors]
        here = {source.model: source.dataset == dataset for source in self.external_predictions}
        here |= {
            source.model: True for source in self.external_predictions if source.dataset == dataset
        }
        return [name for name in dict.fromkeys([*named, *here]) if here.get(name, True)]

    def with_boxes(self, run: Run) -> list[str]:
        """Return the datasets that detectors are run on: those with boxes to find."""
        if not self.detectors:
            return []
        return [name for name in self.datasets if run.datasets[name].has_boxes(run.source_of(name))]

    def require(self, run: Run) -> None:
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
                if not isinstance(run.datasets.get(name), SetsDataset):
                    raise ValueError(f"{setting}: {name!r} is no dataset of kind sets")
        for name in self.trainings:
            # Names of other files that stand beside those of trainings.
            if name in ("weights", "funnel", "sets") or name.startswith("by-"):
                raise ValueError(f"trainings: choose another name than {name}")
        self._require_imported()

    def _require_imported(self) -> None:
        given = [(source.model, source.dataset) for source in self.external_predictions]
        for model, dataset in given:
            if dataset not in self.datasets:
                raise ValueError(f"external_predictions: {dataset!r} is no dataset of the study")
            if given.count((model, dataset)) > 1:
                raise ValueError(
                    f"external_predictions: {model} is given twice for {dataset}; name one file"
                )
        # Their exhibits are made of every dataset.
        typed = [entry.model for entry in self.model_types]
        named = {"per_class": [self.per_class], "gallery": [self.gallery], "model_types": typed}
        for setting, models in named.items():
            for model in {model for model, _ in given}.intersection(models):
                for dataset in self.datasets:
                    if (model, dataset) not in given:
                        raise ValueError(
                            f"{setting}: {model} has no external predictions of {dataset}, which "
                            "this exhibit is made of, too"
                        )

    def is_papers(self, run: Run, dataset: str, view: View = "full") -> bool:
        """Tell whether the paper's numbers compare; it has none of YTBB-Robust."""
        source, chosen = run.source_of(dataset), run.datasets[dataset]
        return (
            source.compare_with_paper
            and chosen.anchors == "published"
            and (chosen.label_space, chosen.label_source) == ("vid30", "frame")
            and (chosen.merge, chosen.restrict_to_label_space) == ("max", True)
            and (chosen.window.frames, chosen.step) == (10, 1)
            and chosen.unreadable == "refuse"
        )
