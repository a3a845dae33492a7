"""The fields of ``studies.ego_exo``: what its trainings follow from."""

from itertools import chain
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from wildframe.core.choices import ClipDecay, LossForm, Precision
from wildframe.core.strict import DROPS_NULL, Name, Strict, named_once
from wildframe.core.study import Study
from wildframe.models.clips.recipe import WEIGHTS, problem_of
from wildframe.studies.ego_exo.methods import METHODS, Part, Term

Seeds = Annotated[list[int], Field(min_length=1), AfterValidator(named_once("seed"))]
Weight = Annotated[float, Field(ge=0)]


def _known(method: str) -> str:
    if method not in METHODS:
        raise ValueError(f"{method!r} is no method; choose from {', '.join(METHODS)}")
    return method


MethodName = Annotated[
    str, AfterValidator(_known), Field(json_schema_extra={"enum": sorted(METHODS)})
]


MethodList = Annotated[list[MethodName], AfterValidator(named_once("method"))]


def _whole_percent(share: float) -> float:
    # Names of trainings and Fig. S1 have it in percent.
    if share != round(100 * share) / 100:
        raise ValueError(f"{share} is no whole percent; write a share from 0.01 to 0.99")
    return share


Fraction = Annotated[float, Field(gt=0, lt=1), AfterValidator(_whole_percent)]

FractionList = Annotated[list[Fraction], AfterValidator(named_once("share"))]


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


class EgoExoFields(Study):
    """The settings of the study, without what follows from them: see `settings`."""

    third_person: Name = Field(
        description="Dataset of kind clips of one action each, for pre-training: Kinetics; clips "
        "of several actions are not learnt from"
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
    fractions: FractionList = Field(
        default_factory=list,
        description="Fig. S1: shares of the training videos, in whole percents, beside all",
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
