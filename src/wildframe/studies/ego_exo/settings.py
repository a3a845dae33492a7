"""Settings of the study: ``studies.ego_exo`` in the config."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import chain, combinations
from typing import Annotated, ClassVar, Literal

from pydantic import AfterValidator, Field, model_validator

from wildframe.core.choices import ClipDecay, LossForm, Precision
from wildframe.core.strict import DROPS_NULL, Name, Strict, named_once
from wildframe.core.study import ClipTraining, Failures, RunConfig, Study
from wildframe.models.clips.networks import NETWORKS
from wildframe.models.clips.recipe import WEIGHTS, problem_of
from wildframe.studies.ego_exo.methods import MAPS, METHODS, FineTuning, Part, Term
from wildframe.studies.ego_exo.trainings import (
    classifier_name,
    clip_trainings,
    comparisons,
    ensembles,
    finetunings,
)

Seeds = Annotated[list[int], Field(min_length=1), AfterValidator(named_once("seed"))]
Share = Annotated[float, Field(gt=0, lt=1)]
Weight = Annotated[float, Field(ge=0)]


def _known(method: str) -> str:
    if method not in METHODS:
        raise ValueError(f"{method!r} is no method; choose from {', '.join(METHODS)}")
    return method


MethodName = Annotated[
    str, AfterValidator(_known), Field(json_schema_extra={"enum": sorted(METHODS)})
]


MethodList = Annotated[list[MethodName], AfterValidator(named_once("method"))]

PAPERS_EPOCHS = 200
"""Of pre-training; fewer are another experiment."""

PAPERS_FINETUNING: Mapping[Part, int] = {"multi_label": 60, "verb_noun": 30, "verb_noun_100": 30}
"""Epochs of fine-tuning."""

RELEASED_AUXILIARY: Mapping[Part, float] = {"multi_label": 0.1, "verb_noun": 3, "verb_noun_100": 3}
"""Weights of both interaction maps in fine-tuning, of the released form of their loss."""

PAPERS_NETWORKS: Mapping[str, str] = {
    "R50": "slowfast_r50",
    "R101": "slowfast_r101",
    "I3D": "i3d_r50",
    "TSM": "tsm_r50",
}
"""Networks by the paper's names."""


class ClipSchedule(Strict):
    """How long and how fast a network learns: SGD with Nesterov's momentum of 0.9."""

    epochs: int = Field(ge=1, description="Number of epochs")
    batch_size: int = Field(ge=1, description="Clips per step, on all GPUs together")
    lr: float = Field(gt=0, description="Learning rate after the warm-up")
    decay: ClipDecay = Field("cosine", description="cosine, or steps: to a tenth at decay_epochs")
    decay_epochs: list[int] = Field(
        default_factory=list,
        description="Of steps: epochs after which the learning rate falls to a tenth",
    )
    warmup_epochs: int = Field(0, ge=0, description="Epochs in which it first grows linearly")
    warmup_lr: float = Field(0.01, gt=0, description="Learning rate that it grows from")
    dropout: float = Field(
        0.5, ge=0, lt=1, description="Share of features dropped before the classifiers"
    )
    weight_decay: float = Field(1e-4, ge=0, description="Weight decay, except of biases and norms")
    precision: Precision = Field("fp32", description="bf16: mixed precision, on CUDA")
    gpus: int = Field(1, ge=1, description="GPUs that share each step, where there are GPUs")

    @model_validator(mode="after")
    def _fits_its_epochs(self) -> "ClipSchedule":
        schedule = self.epochs, self.decay, self.decay_epochs, self.warmup_epochs
        if problem := problem_of(*schedule):
            raise ValueError(problem)
        return self

    def options(self) -> list[str]:
        """Return it as options of ``wildframe models train-clips``."""
        chosen = self.model_dump(exclude={"decay_epochs", "gpus"})
        options = [f"--{name.replace('_', '-')}={value}" for name, value in chosen.items()]
        steps = ",".join(map(str, self.decay_epochs))
        return options + ([f"--decay-epochs={steps}"] if steps else [])


class Sampling(Strict):
    """Which frames of a clip a network sees; by default those that it was made for."""

    frames: int | None = Field(None, ge=1, description="Frames")
    stride: int | None = Field(None, ge=1, description="Step from one frame to the next")
    crop: int | None = Field(None, ge=16, description="Side of the crop in pixels")

    def options(self) -> list[str]:
        """Return what is set as options of ``wildframe models train-clips``."""
        return [f"--{name}={value}" for name, value in self.model_dump(exclude_none=True).items()]


class Views(Strict):
    """The views of a clip that predictions are aggregated over."""

    clips: int = Field(10, ge=1, description="Stretches, spread over the time of the clip")
    crops: Literal[1, 3] = Field(3, description="Crops of each: the middle, or both ends, too")


class Downstream(Strict):
    """A data set of first-person clips that networks are fine-tuned and evaluated on."""

    dataset: Name = Field(description="Dataset of kind clips")
    schedule: ClipSchedule = Field(description="Fine-tuning")
    methods: MethodList | None = Field(
        None,
        description="Methods of the study that are fine-tuned on it; by default those that the "
        "paper has for it",
    )
    auxiliary_weight: float | None = Field(
        None,
        gt=0,
        description="Weight of both interaction maps, whose loss has the released form, in "
        "fine-tuning with auxiliary losses, which needs interactions of the dataset; null leaves "
        "that out",
    )


class FailurePredictors(Strict):
    """Whether egocentricity predicts failures of image models on the clips of a test set."""

    clips: Name = Field(description="Dataset of kind clips: those that the images are frames of")
    images: Name = Field(description="Dataset of the images; its study evaluates the models")
    models: list[str] = Field(min_length=1, description="Models of that study")


class EgoExoStudy(Study):
    """Ego-Exo: egocentric signals distilled into third-person pre-training."""

    title: ClassVar[str] = (
        "Ego-Exo: Transferring Visual Representations from Third-person to First-person Videos"
    )

    third_person: Name = Field(
        description="Dataset of kind clips with actions, for pre-training: Kinetics"
    )
    pretraining: ClipSchedule = Field(description="Schedule of pre-training")
    first_person: Name | None = Field(
        None, description="First-only: dataset with verbs and nouns, for pre-training"
    )
    pairs: Name | None = Field(
        None, description="Joint-embed: dataset of clips in pairs of both viewpoints"
    )
    embedding: ClipSchedule | None = Field(
        None, description="Schedule of Joint-embed, which follows pre-training"
    )
    viewpoints: Name | None = Field(
        None, description="Ego-Score: dataset of clips of both viewpoints, for its classifier"
    )
    ego_classifier: ClipSchedule | None = Field(None, description="Schedule of this classifier")
    object_teacher: str | None = Field(None, description="Object-Score: a model of images")
    object_initial: str | None = Field(
        None,
        description="Table S4: a model of images that the network of the ablations starts from; "
        "of slow_r50 a ResNet-50",
    )
    multi_label: Downstream | None = Field(
        None, description="Dataset of several actions a clip: C-Ego in the tables"
    )
    verb_noun: Downstream | None = Field(
        None, description="Dataset of verbs and nouns: EPIC in the tables"
    )
    verb_noun_100: Downstream | None = Field(
        None, description="Tables 5 and S2, Fig. S1: dataset of verbs and nouns; EPIC-Kitchens-100"
    )
    methods: MethodList = Field(
        default_factory=lambda: [*METHODS],
        description="Rows of the tables of ablations that are trained",
    )
    network: str = Field("slow_r50", description="Network of the ablations")
    backbones: Annotated[dict[Literal["R50", "R101"], str], DROPS_NULL] = Field(
        default_factory=dict,
        description="Tables 4 to 6, S1 and S2: networks by the paper's name; null drops one",
    )
    other_backbones: Annotated[dict[Literal["I3D", "TSM"], str], DROPS_NULL] = Field(
        default_factory=dict,
        description="Table S6: networks by the paper's name; null drops one",
    )
    fractions: list[Share] = Field(
        default_factory=list, description="Fig. S1: shares of the training videos, beside all"
    )
    pretraining_seeds: Seeds = Field([0], description="Seeds of pre-training and of the classifier")
    seeds: Seeds = Field([0], description="Seeds of fine-tuning")
    loss: LossForm = Field(
        "paper", description="Form of the losses in pre-training: as written, or as released"
    )
    weights: dict[Term, Weight] = Field(
        default_factory=dict,
        description="Weights of the terms in pre-training; those that are not named are the "
        "published ones of the form: action is 1, or, as released, 0.5 beside signals",
    )
    temperature: float = Field(
        1, gt=0, description="What the logits behind Ego-Score and Object-Score are divided by"
    )
    sampling: Sampling = Field(Sampling(), description="Frames that networks see")
    test_views: Views = Field(Views(), description="Views of test clips")
    failure_predictors: FailurePredictors | None = Field(
        None, description="Regression of failures on egocentricity; null leaves it out"
    )

    @property
    def term_weights(self) -> dict[str, float]:
        """Weights of all terms in pre-training with signals."""
        return dict(chain(WEIGHTS[self.loss].items(), self.weights.items()))

    def parts(self) -> dict[Part, Downstream]:
        """Return the data sets that networks are fine-tuned on, by what they have in tables."""
        named: dict[Part, Downstream | None] = {
            "multi_label": self.multi_label,
            "verb_noun": self.verb_noun,
            "verb_noun_100": self.verb_noun_100,
        }
        return {part: found for part, found in named.items() if found}

    def used_datasets(self) -> list[str]:
        """Return the dataset of images whose failures are predicted."""
        return [self.failure_predictors.images] if self.failure_predictors else []

    def models_of(self, dataset: str) -> list[str]:
        """Models of images are teachers here and evaluated by other studies."""
        return []

    def named_models(self) -> dict[str, list[str]]:
        """Return the models of images: the teacher of objects, and that which a row starts from."""
        settings = ("object_teacher", "object_initial")
        return {name: [*filter(None, [getattr(self, name)])] for name in settings}

    def predictions_needed(self, setting: str) -> None:
        """Teachers are run, so that external models cannot be named."""

    @cached_property
    def finetunings(self) -> Mapping[FineTuning, str]:
        """Names of the trainings that are evaluated, by what they are."""
        return finetunings(self)

    def clip_trainings(self) -> dict[str, ClipTraining]:
        """Return the trainings by name, those that others start from or learn from first."""
        return self._trainings

    @cached_property
    def _trainings(self) -> dict[str, ClipTraining]:
        return clip_trainings(self)

    def clip_teachers(self) -> list[tuple[str, str, str]]:
        """Return the teachers whose pseudo-labels are wanted, those that are only shown, too."""
        predicting = self.failure_predictors
        shown = [self.third_person, *([predicting.clips] if predicting else [])]
        teachers = self._teachers().items()
        named = [(dataset, *teacher) for dataset in shown for teacher in teachers]
        return list(dict.fromkeys([*super().clip_teachers(), *named]))

    def failures_of(self, dataset: str) -> Failures | None:
        """Return what failures on the dataset of images are regressed on."""
        predicting = self.failure_predictors
        if not predicting or dataset != predicting.images:
            return None
        return Failures(tuple(predicting.models), predicting.clips, self._teachers())

    def _teachers(self) -> dict[str, str]:
        """Return the teachers that the settings name, of any dataset."""
        named = {
            "ego": classifier_name(self) if self.viewpoints else None,
            "object": self.object_teacher,
            "interaction": "",
        }
        return {kind: name for kind, name in named.items() if name is not None}

    def clip_comparisons(self) -> list[tuple[str, str]]:
        """Return the pairs of trainings that are compared."""
        return comparisons(self)

    def clip_ensembles(self) -> dict[str, list[str]]:
        """Return the ensembles of Tables S1 and S2."""
        return ensembles(self)

    def require(self, config: RunConfig) -> None:
        """Refuse datasets that do not fit, and methods that lack what they learn from.

        Raises:
            ValueError: Names the setting.
        """
        for setting, name in self._named_datasets():
            if name not in config.datasets:
                raise ValueError(f"{setting}: {name!r} is not in datasets")
            if config.datasets[name].kind != "clips":
                raise ValueError(f"{setting}: {name!r} is not of kind clips")
        for data, schedule in (("viewpoints", "ego_classifier"), ("pairs", "embedding")):
            if bool(getattr(self, data)) != bool(getattr(self, schedule)):
                missing = schedule if getattr(self, data) else data
                raise ValueError(f"{missing}: it is missing; {data} and {schedule} belong together")
        for setting, network in self._named_networks():
            if network not in NETWORKS:
                raise ValueError(
                    f"{setting}: {network!r} is no network of clips; choose from "
                    f"{', '.join(NETWORKS)}"
                )
        self._require_parts_apart()
        if self.failure_predictors:
            self._require_predictors()
        for method in self.methods:
            for setting, value in self._needs(method, config):
                if not value:
                    raise ValueError(
                        f"methods: {method} needs {setting}; set it, or leave {method} out"
                    )
        for part in dict.fromkeys(one.part for one in self.finetunings if one.auxiliary):
            dataset = self.parts()[part].dataset
            if not config.datasets[dataset].interactions:
                raise ValueError(
                    f"{part}.auxiliary_weight: it needs datasets.{dataset}.interactions; set that, "
                    "or auxiliary_weight to null"
                )

    def _needs(self, method: str, config: RunConfig) -> Iterator[tuple[str, str | None]]:
        """Yield the settings that a method cannot do without, and their values."""
        one = METHODS[method]
        if one.learns_from != "nothing":
            yield one.learns_from, getattr(self, one.learns_from)
        if one.embeds_pairs:
            yield "pairs", self.pairs
        signals = {*one.distils, *one.appends}
        if "ego" in signals:
            yield "viewpoints", self.viewpoints
        if "object" in signals:
            yield "object_teacher", self.object_teacher
        if signals & {*MAPS}:
            boxes = config.datasets[self.third_person].interactions
            yield f"datasets.{self.third_person}.interactions", boxes

    def _named_networks(self) -> list[tuple[str, str]]:
        return [
            ("network", self.network),
            *((f"backbones.{name}", one) for name, one in self.backbones.items()),
            *((f"other_backbones.{name}", one) for name, one in self.other_backbones.items()),
        ]

    def _require_predictors(self) -> None:
        for setting in ("viewpoints", "object_teacher"):
            if not getattr(self, setting):
                raise ValueError(f"failure_predictors: it needs {setting}")

    def _require_parts_apart(self) -> None:
        """Refuse one dataset in two parts, whose trainings would have the same names."""
        parts = self.parts()
        for first, second in combinations(parts, 2):
            of_verbs = {first, second} == {"verb_noun", "verb_noun_100"}
            is_same = of_verbs and parts[first] == parts[second]
            if parts[first].dataset == parts[second].dataset and not is_same:
                raise ValueError(
                    f"{second}.dataset: {first} names it, too; define another dataset of the "
                    "same source"
                )

    def _named_datasets(self) -> list[tuple[str, str]]:
        predicting = self.failure_predictors
        named = [
            ("third_person", self.third_person),
            ("first_person", self.first_person),
            ("pairs", self.pairs),
            ("viewpoints", self.viewpoints),
            *((f"{part}.dataset", one.dataset) for part, one in self.parts().items()),
            ("failure_predictors.clips", predicting and predicting.clips),
        ]
        return [(setting, name) for setting, name in named if name]

    def is_papers(self, config: RunConfig, dataset: str, view: str = "full") -> bool:
        """Tell whether the paper's numbers compare: data, networks, weights and schedules."""
        names = [self.third_person, dataset]
        networks = chain(self.backbones.items(), self.other_backbones.items())
        return (
            all(config.source_of(name).compare_with_paper for name in names)
            and self.network == "slow_r50"
            and all(PAPERS_NETWORKS[name] == network for name, network in networks)
            and self.pretraining.epochs == PAPERS_EPOCHS
            and all(
                part.schedule.epochs == PAPERS_FINETUNING[name]
                and part.auxiliary_weight in (None, RELEASED_AUXILIARY[name])
                for name, part in self.parts().items()
                if part.dataset == dataset
            )
            and (self.term_weights, self.temperature) == (WEIGHTS[self.loss], 1)
            # Named, it is that of actions without signals, too.
            and self.weights.get("action", 1) == 1
            and not self.sampling.options()
            and self.test_views == Views()
        )
