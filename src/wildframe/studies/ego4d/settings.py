"""Settings of the study: ``studies.ego4d`` in the config."""

from typing import Any, ClassVar, Literal

from pydantic import Field, model_validator

from wildframe.core.choices import Grouping
from wildframe.core.strict import Models, Name, OptionalModels, Strict
from wildframe.core.study import Framing, RunConfig, Study, Training, training_options
from wildframe.core.targets import is_own
from wildframe.manifests.set_settings import SetsDataset
from wildframe.manifests.settings import ImagesDataset, MomentsDataset
from wildframe.models.schedule import late_warm_up
from wildframe.sources.ego4d import Ego4dSource

Recipe = Literal["as_printed", "timm_2022"]

_RECIPES: dict[Recipe, tuple[str, ...]] = {
    "as_printed": ("--schedule=exponential",),
    "timm_2022": (
        "--schedule=cosine",
        "--nesterov",
        "--weight-decay=2e-05",
        "--label-smoothing=0.1",
        "--smallest-crop=0.08",
    ),
}
"""Options of ``wildframe models finetune`` that the settings of a training leave open."""


class FineTuning(Strict):
    """Training on one part of a dataset, evaluated on the other; defaults are section D's.

    The paper's numbers are the defaults of timm's train script of 2022, and the paper used timm.
    It does not say whether it used that script, in which they mean something else.
    """

    recipe: Recipe = Field(
        "as_printed",
        description="What the numbers of the training mean. as_printed: what they are called. "
        "timm_2022: what they do in timm's train script, where decay does nothing: a linear "
        "warm-up, a cosine, random crops of 8 to 100 % of the image, label smoothing 0.1, weight "
        "decay 2e-5, Nesterov's momentum",
    )
    dataset: Name = Field(
        description="Dataset whose images are split for training; of label space in1k"
    )
    models: Models = Field(description="Models of the zoo to start from")
    split_by: Literal["clip", "video"] = Field("clip", description="Unit kept within one split")
    train_fraction: float = Field(0.5, gt=0, lt=1, description="Share of images to train on")
    seed: int = Field(0, ge=0, description="Seed of the split and the training")
    epochs: int = Field(50, ge=1, description="Maximum number of epochs")
    patience: int = Field(5, ge=1, description="Patience of early stopping, in epochs")
    batch_size: int = Field(128, ge=1, description="Images per step")
    warmup_epochs: int = Field(3, ge=0, description="Epochs of warm-up")
    warmup_lr: float = Field(1e-4, gt=0, description="Learning rate of the warm-up")
    lr: float = Field(5e-2, gt=0, description="Learning rate of the first epoch after warm-up")
    decay: float = Field(0.1, gt=0, le=1, description="Factor of the learning rate per epoch")
    momentum: float = Field(0.9, ge=0, lt=1, description="Momentum of SGD")
    flip: float = Field(0.5, ge=0, le=1, description="Probability of a horizontal flip")
    color_jitter: float = Field(
        0.4, ge=0, lt=1, description="Largest relative change of brightness, contrast, saturation"
    )

    @model_validator(mode="after")
    def _ends_its_warm_up(self) -> "FineTuning":
        if problem := late_warm_up(self.epochs, self.warmup_epochs):
            raise ValueError(problem)
        return self

    @property
    def is_papers(self) -> bool:
        """Whether split and training are the paper's, with whatever recipe, models and seed."""
        free = {"recipe", "dataset", "models", "seed"}
        papers = FineTuning(dataset=self.dataset, models=self.models)
        return self.model_dump(exclude=free) == papers.model_dump(exclude=free)

    def training(self, by: Grouping, view: str) -> Training:
        """Return the training on a split by clip, video or image."""
        return Training(
            dataset=self.dataset,
            view=view,
            split_by=by,
            train_fraction=self.train_fraction,
            seed=self.seed,
            lrs=(self.lr,),
            options=(*_RECIPES[self.recipe], *training_options(self)),
        )


class Pretraining(Strict):
    """One architecture, trained on ImageNet-1K alone and on ImageNet-21K first (Fig. 10)."""

    name: str = Field(description="Architecture as the table names it")
    in1k: str | None = Field(None, description="Model trained on ImageNet-1K alone")
    in21k_in1k: str | None = Field(
        None, description="Model trained on ImageNet-21K, then on ImageNet-1K"
    )


_PAPERS_LABELS: dict[str, dict[str, Any]] = {
    "in1k": {"pick": "paper"},
    "in21k": {"pick": "all", "synsets": "first"},
}
"""The paper's choices of labels by label space; all others are the defaults."""


def _without_order(dataset: MomentsDataset) -> dict[str, Any]:
    """Return the settings of a dataset; of boxes, the order does not matter."""
    return dataset.model_dump() | {"object_types": set(dataset.object_types)}


def _require_dataset(config: RunConfig, setting: str, name: str, kinds: tuple[type, ...]) -> None:
    dataset: Any = config.datasets[name]
    kind, label_space = dataset.kind, dataset.label_space
    if not isinstance(dataset, kinds):
        raise ValueError(f"{setting}: {name!r} is of kind {kind}, which does not fit")
    space = "in21k" if setting == "in21k" else "in1k"
    if label_space != space and not (setting == "in1k" and is_own(label_space)):
        raise ValueError(f"{setting}: {name!r} is not of label space {space}")


class Ego4dStudy(Study):
    """Egocentric Data as Natural Adversarial Examples; what is left out has no exhibits."""

    title: ClassVar[str] = "Egocentric Data as Natural Adversarial Examples"

    in1k: Name = Field(description="Dataset under ImageNet-1K")
    in21k: Name | None = Field(None, description="The same images under ImageNet-21K")
    moments: Name | None = Field(
        None, description="Dataset under ImageNet-1K with Pre, PNR and Post frames"
    )
    objects: Name | None = Field(
        None, description="Dataset under ImageNet-1K whose unit is the object"
    )
    neighbours: Name | None = Field(
        None,
        description="Sets of neighbours of the images of in1k, for robustness in time",
    )
    models: Models = Field(
        description="Models of the zoo (`wildframe models list`), in the order of Fig. 7"
    )
    resolution: OptionalModels = Field(
        default_factory=list,
        description="Fig. 8: one architecture at several input sizes; <model>@<pixels> is a model "
        "at another size than its own",
    )
    in21k_models: OptionalModels = Field(
        default_factory=list,
        description="Fig. 9: models evaluated under ImageNet-21K, each through its own class list",
    )
    pretraining: list[Pretraining] = Field(default_factory=list, description="Fig. 10")
    gradcam: OptionalModels = Field(
        default_factory=list, description="Fig. 1: models whose Grad-CAM maps are shown"
    )
    secondary_models: OptionalModels = Field(
        default_factory=list,
        description="Models of supplementary exhibits: moments, box view, framing and robustness "
        "in time",
    )
    zoom: Name | None = Field(
        None,
        description="View of kind zoom that secondary_models are shown the images of in1k in, for "
        "framing and attribution",
    )
    finetuning: FineTuning | None = None

    @property
    def pretrained(self) -> list[str]:
        """Models of Fig. 10, in the order of its two blocks."""
        blocks = zip(*((pair.in1k, pair.in21k_in1k) for pair in self.pretraining), strict=True)
        return [name for block in blocks for name in block if name]

    def used_datasets(self) -> list[str]:
        """Return every dataset of the study."""
        trained = self.finetuning.dataset if self.finetuning else None
        named = (self.in1k, self.in21k, self.moments, self.objects, trained, self.neighbours)
        return list(dict.fromkeys(filter(None, named)))

    def named_trainings(self) -> dict[str, Training]:
        """Return the trainings that models are named after: ``<model>+by-clip``."""
        if self.finetuning is None:
            return {}
        return {
            f"by-{by}": self.finetuning.training(by, self.views[0])
            for by in (self.finetuning.split_by, "image")
        }

    def named_models(self) -> dict[str, list[str]]:
        """Return the models that each setting names."""
        return {
            "models": self.models,
            "resolution": self.resolution,
            "in21k_models": self.in21k_models,
            "pretraining": self.pretrained,
            "gradcam": self.gradcam,
            "secondary_models": self.secondary_models,
            "finetuning.models": self._trained_models,
        }

    @property
    def _trained_models(self) -> list[str]:
        return self.finetuning.models if self.finetuning else []

    def predictions_needed(self, setting: str) -> list[tuple[str, str]] | None:
        """External models are shown in tables of accuracy; others need a model's weights."""
        shown: dict[str, list[str | None]] = {
            "models": [self.in1k],
            "resolution": [self.in1k],
            "in21k_models": [self.in21k],
            "secondary_models": [self.moments, self.neighbours],
        }
        if setting not in shown:
            return None
        needed = [(name, view) for name in shown[setting] if name for view in self.views]
        if setting == "secondary_models" and self.objects:
            needed.append((self.objects, "full"))
        return needed

    def label_spaces(self, setting: str) -> frozenset[str] | None:
        """Only Fig. 9 takes models of other label spaces than ImageNet-1K."""
        return None if setting == "in21k_models" else frozenset({"in1k"})

    def explained(self) -> frozenset[str]:
        """Fig. 1 shows Grad-CAM maps."""
        return frozenset({"gradcam"})

    def framing_of(self, dataset: str) -> Framing | None:
        """Images under ImageNet-1K are zoomed, for models that are run here."""
        if self.zoom is None or dataset != self.in1k:
            return None
        run = [name for name in self.secondary_models if name not in self.external_models]
        return Framing(tuple(run), self.zoom, self.neighbours)

    def crops_of(self, dataset: str) -> tuple[str, tuple[str, ...]] | None:
        """Images that are framed otherwise are zoomed."""
        framing = self.framing_of(dataset)
        return (framing.zoom, framing.models) if framing else None

    def trained(self) -> list[str]:
        """Return the models that both trainings make."""
        return [
            f"{name}+{training}"
            for training in self.named_trainings()
            for name in self._trained_models
        ]

    def held_out_models(self, training: str) -> list[str]:
        """Return the models before and after a training."""
        models = self._trained_models
        return [*models, *(f"{name}+{training}" for name in models)]

    def models_of(self, dataset: str) -> list[str]:
        """Return the models that are scored on a dataset as a whole, in the order of exhibits."""
        named: list[str] = []
        if dataset == self.in1k:
            named += [*self.models, *self.resolution, *self.pretrained, *self.gradcam]
        if dataset == self.in21k:
            named += self.in21k_models
        if dataset in (self.moments, self.objects, self.neighbours):
            named += self.secondary_models
        return list(dict.fromkeys(named))

    def require(self, config: RunConfig) -> None:
        """Refuse datasets that do not fit the study's exhibits.

        Raises:
            ValueError: Names the setting.
        """
        trained = self.finetuning.dataset if self.finetuning else None
        any_kind = {"in1k": self.in1k, "in21k": self.in21k, "finetuning.dataset": trained}
        of_moments = {"moments": self.moments, "objects": self.objects}
        for setting, name in (any_kind | of_moments).items():
            kinds = (MomentsDataset,) if setting in of_moments else (MomentsDataset, ImagesDataset)
            if name is not None:
                _require_dataset(config, setting, name, kinds)
        if self.objects and config.datasets[self.objects].unit != "object":
            raise ValueError(f"objects: the unit of {self.objects!r} is not object")
        if self.in21k:
            in1k, in21k = config.datasets[self.in1k], config.datasets[self.in21k]
            shared = {"kind", "source", "roles", "object_types", "unit", "split"}
            if in1k.model_dump(include=shared) != in21k.model_dump(include=shared):
                raise ValueError(
                    "in1k and in21k must have the same source, roles, object_types and unit, or "
                    "split"
                )
        elif self.in21k_models:
            raise ValueError("in21k_models: they need a dataset in21k; name one, or no models")
        self._require_neighbours(config)
        self._require_zoom(config)
        for setting in ("moments", "objects", "neighbours"):
            if getattr(self, setting) and not self.secondary_models:
                raise ValueError(f"{setting}: secondary_models names no model to show it for")

    def _require_zoom(self, config: RunConfig) -> None:
        framing = self.framing_of(self.in1k)
        if framing is None:
            return
        view = config.views.get(framing.zoom)
        if view is None or not view.has_anchors:
            raise ValueError(f"zoom: {framing.zoom!r} is not a view of kind zoom")
        if not framing.models:
            raise ValueError("zoom: secondary_models names no model that is run here")
        images = config.datasets[self.in1k]
        # Sets are joined to images by the frame that both are named for.
        shares_frames = isinstance(images, MomentsDataset) and (
            len(images.roles) > 1 or images.unit == "object"
        )
        if framing.neighbours and shares_frames:
            raise ValueError(
                f"zoom: neighbours explain failures on frames, and {self.in1k!r} may have several "
                "images of one; leave out zoom or neighbours, or give it one role and unit: image"
            )

    def _require_neighbours(self, config: RunConfig) -> None:
        if self.neighbours is not None:
            neighbours = config.datasets[self.neighbours]
            if not isinstance(neighbours, SetsDataset):
                raise ValueError(f"neighbours: {self.neighbours!r} is not a dataset of kind sets")
            if neighbours.anchor_dataset != self.in1k:
                raise ValueError(f"neighbours: the anchors of {self.neighbours!r} are not in1k")

    def is_papers(self, config: RunConfig, dataset: str, view: str = "full") -> bool:
        """Tell whether the paper's numbers compare: data, images, labels and view are its own."""
        source, chosen = config.source_of(dataset), config.datasets[dataset]
        if not (isinstance(source, Ego4dSource) and isinstance(chosen, MomentsDataset)):
            return False
        papers = MomentsDataset(
            source=chosen.source,
            label_space=chosen.label_space,
            **_PAPERS_LABELS.get(chosen.label_space, {}),
        )
        return (
            source.compare_with_paper
            and (source.version, source.split) == ("v1", "train")
            and (source.media, source.rate) == ("clips", "30")
            and config.frames.encoding == "jpeg"
            and config.views[view].kind == "full"
            and chosen.label_space in _PAPERS_LABELS
            and _without_order(chosen) == _without_order(papers)
        )
