"""What a study can be told: one class a paper, one entry of ``studies`` in the config."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from wildframe.core.choices import Grouping, View

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")]
"""Of a source or dataset. No dot: it would run into the names of other tables."""


def _named_once(models: list[str]) -> list[str]:
    if len(set(models)) < len(models):
        raise ValueError("a model is named twice")
    return models


Models = Annotated[list[str], Field(min_length=1), AfterValidator(_named_once)]
"""Of the zoo, in the order of tables."""


class Strict(BaseModel):
    """A part of the configuration: immutable, and a key that it does not know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


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

    @property
    def schedule(self) -> list[str]:
        """The training itself as options of ``wildframe models finetune``."""
        excluded = {"dataset", "models", "split_by", "train_fraction"}
        settings = self.model_dump(exclude=excluded)
        return [f"--{name.replace('_', '-')}={value}" for name, value in settings.items()]


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

    def finetuned(self, by: Grouping) -> list[str]:
        """Return the models that training on a split gives."""
        return [f"{name}+by-{by}" for name in self.finetuning.models]

    @property
    def all_models(self) -> list[str]:
        """Every model that the study runs, each once."""
        named = [*self.models, *self.resolution, *self.in21k_models, *self.pretrained]
        named += [*self.gradcam, *self.beyond, *self.finetuning.models]
        named += [*self.finetuned(self.finetuning.split_by), *self.finetuned("image")]
        return list(dict.fromkeys(named))

    def models_of(self, dataset: str) -> list[str]:
        """Return the models that are scored on a dataset as a whole, in the order of exhibits."""
        named: list[str] = []
        if dataset == self.in1k:
            named += [*self.models, *self.resolution, *self.pretrained, *self.gradcam]
        if dataset == self.in21k:
            named += self.in21k_models
        if dataset in (self.moments, self.objects):
            named += self.beyond
        return list(dict.fromkeys(named))


class Studies(Strict):
    """One entry a paper."""

    ego4d: Ego4dStudy
