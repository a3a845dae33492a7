"""The configuration of a run, assembled from the settings of stations and studies."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import chain
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field, create_model, model_validator

from wildframe.configuration.studies import require_datasets, require_views
from wildframe.core.choices import Encoding, InferencePrecision, Resize, Sharing
from wildframe.core.names import STATIONS
from wildframe.core.strict import DROPS_NULL, Name, Strict, or_null
from wildframe.core.study import ClipTraining, ExternalPredictions, Study, Training
from wildframe.exhibits.lookup import exhibit_names
from wildframe.frames.views import AnyView
from wildframe.manifests.clip_settings import ClipsDataset
from wildframe.manifests.set_settings import SetsDataset
from wildframe.manifests.settings import Dataset
from wildframe.models.settings import ModelSettings
from wildframe.sources.kinds import Source
from wildframe.sources.shards import Hard, ShardsSource
from wildframe.studies.known import STUDIES


class Frames(Strict):
    """Extraction of frames from videos."""

    shards: int = Field(
        4,
        ge=1,
        le=1000,
        description="Jobs per source, or per dataset of clips; a video is in one shard",
    )
    encoding: Encoding = Field("jpeg", description="jpeg: quality 95, 4:4:4; png: lossless")
    resize: Resize = Field(
        "exact",
        description="How images are resized to the input of a model. exact: PIL's resizing, pixel "
        "for pixel that of timm's evaluation transform; fast: torchvision's, in two thirds of the "
        "time; 0.3 % of the values differ by 1 or 2 of 255. Views of many crops or with adapt "
        "are exact",
    )
    keep_preprocessed: bool = Field(
        True,
        description="Keep the preprocessed images, so that a model added later decodes nothing",
    )


class Predictions(Strict):
    """Running of models."""

    device: str = Field(
        "auto",
        pattern=r"^[a-z]+(:[0-9]+)?$",
        description="auto (the first available of cuda, mps, cpu) or a torch device",
    )
    batch_size: int = Field(32, ge=1, description="Images per forward pass")
    precision: InferencePrecision = Field(
        "fp32",
        description="Precision of inference: tf32 and bf16 are faster on GPUs, but less exact",
    )
    clip_frames: int = Field(
        64, ge=1, description="How many evenly spaced frames of a clip image models are shown"
    )
    backend: Literal["auto", "torch", "onnx"] = Field(
        "auto",
        description="onnx: models are exported and run in ONNX Runtime, on the CPU; auto: this "
        "where device is cpu and precision is fp32, else torch. A model whose export predicts "
        "other classes runs in torch",
    )

    @property
    def exports(self) -> bool:
        """Whether models are exported."""
        is_exact_cpu = self.device == "cpu" and self.precision == "fp32"
        return self.backend == "onnx" or (self.backend == "auto" and is_exact_cpu)

    @model_validator(mode="after")
    def _exports_run_on_the_cpu(self) -> "Predictions":
        if self.backend == "onnx" and self.device != "cpu":
            raise ValueError("backend: exported models run on the CPU; set device to cpu")
        if self.backend == "onnx" and self.precision != "fp32":
            raise ValueError("precision: exported models run in fp32; set it to fp32")
        return self


class Scores(Strict):
    """Scoring of predictions."""

    high_confidence: float = Field(
        0.9, ge=0, lt=1, description="An incorrect prediction above it is a high-confidence error"
    )
    resamples: int = Field(2000, ge=100, description="Bootstrap resamples for intervals of mAP")
    seed: int = Field(0, ge=0, description="Seed of the bootstrap and of tests")


class ChosenStudies(Strict):
    """The studies to run, one a paper; null disables one."""

    @property
    def chosen(self) -> Mapping[str, Study]:
        """The studies of this run, by name."""
        named = {name: getattr(self, name) for name in STUDIES}
        return {name: study for name, study in named.items() if study is not None}


_FIELDS: dict[str, Any] = {name: (study | None, None) for name, study in STUDIES.items()}
Studies = create_model("Studies", __base__=ChosenStudies, __doc__=ChosenStudies.__doc__, **_FIELDS)


DEFAULT_VIEWS = {"full": {"kind": "full"}, "box": {"kind": "box"}}
"""Views that every run has; exhibits name them."""


def _over_default_views(views: Any) -> Any:
    if not isinstance(views, dict):
        return views
    merged = {**DEFAULT_VIEWS, **views}
    for name, default in DEFAULT_VIEWS.items():
        given = views.get(name, {})
        if isinstance(given, dict):
            merged[name] = default | given
            if merged[name]["kind"] != name:
                raise ValueError(f"the view {name} is of kind {name}; give yours another name")
    return merged


class Config(Strict):
    """The whole configuration of a run."""

    sources: Annotated[dict[Name, Source], DROPS_NULL] = Field(
        description="Collections on disk, by name; null drops one of a preset",
        min_length=1,
        json_schema_extra=or_null,
    )
    datasets: Annotated[dict[Name, Dataset], DROPS_NULL] = Field(
        description="Test sets, by name; null drops one of a preset",
        min_length=1,
        json_schema_extra=or_null,
    )
    models: Annotated[dict[Name, ModelSettings], DROPS_NULL] = Field(
        default_factory=dict,
        description="Models of your own, by the name under which studies list them; null drops one "
        "of a preset",
        json_schema_extra=or_null,
    )
    frames: Frames = Frames()
    views: Annotated[dict[Name, AnyView], BeforeValidator(_over_default_views)] = Field(
        default_factory=lambda: DEFAULT_VIEWS,
        validate_default=True,
        description="Ways to show images to models, by name; full and box are always there",
    )
    predictions: Predictions = Predictions()
    scores: Scores = Scores()
    share_processes: bool = Field(
        False,
        description="Small jobs on the same data share a process, since its start takes longer "
        "than they do; jobs that share one are rerun together. On a GPU each model has its own",
    )
    studies: Studies
    pathvars: dict[
        Literal["results", "resources", "logs", "benchmarks"],
        Annotated[str, Field(pattern=r"^[A-Za-z0-9._/<>-]+$")],
    ] = Field(
        default_factory=dict,
        description="Snakemake's pathvars: other folders to write to, such as results: out",
    )

    @model_validator(mode="after")
    def _names_are_defined(self) -> "Config":
        for name, dataset in self.datasets.items():
            if dataset.source not in self.sources:
                raise ValueError(f"datasets.{name}.source: {dataset.source!r} is not in sources")
            try:
                dataset.require_source(self.sources[dataset.source])
                self._require_anchors(dataset)
            except ValueError as error:
                raise ValueError(f"datasets.{name}.{error}") from error
        for name, source in self.sources.items():
            if name in STATIONS and (source.made_of or source.is_fetched):
                raise ValueError(f"sources.{name}: its target would have a rule's name; rename it")
            if source.made_of and not source.root:
                root = {"root": f"{self.results}/exported/{name}"}
                self.sources[name] = source.model_copy(update=root)
            if (made_of := source.made_of) and (
                made_of not in self.datasets or self.source_of(made_of).made_of
            ):
                raise ValueError(
                    f"sources.{name}.exported.dataset: {made_of!r} is not a dataset of another "
                    "source, with files of its own"
                )
            if made_of and (space := self.datasets[made_of].label_space) != "in1k":
                raise ValueError(
                    f"sources.{name}.exported.dataset: {made_of!r} has labels of {space}; files of "
                    "kind shards have indices of ImageNet-1K, name a dataset with label_space in1k"
                )
            if isinstance(source, ShardsSource) and source.exported and source.exported.hard:
                self._require_zoomed(name, source.exported.dataset, source.exported.hard)
        for name, study in self.chosen.items():
            try:
                require_datasets(study, self)
                require_views(study, self, exhibit_names(name))
                study.require(self)
                study.require_adaptable(self)
                study.require_external(self)
                self._require_one_file_each(study)
            except ValueError as error:
                raise ValueError(f"studies.{name}.{error}") from error
        return self

    def _require_zoomed(self, source: str, dataset: str, hard: Hard) -> None:
        study, view = self.chosen.get(hard.study), self.views.get(hard.view)
        if not (study and view and view.has_anchors and study.zoomed_models_of(dataset)):
            raise ValueError(
                f"sources.{source}.exported.hard: {hard.study} is no study of the run that "
                f"evaluates models on {dataset}, or {hard.view} is no view of kind zoom"
            )

    def _require_one_file_each(self, study: Study) -> None:
        for one in study.external_predictions:
            if self.external[one.model][one.dataset, one.view] != one:
                raise ValueError(
                    f"external_predictions: another study names another file of {one.model} for "
                    f"{one.dataset}; give the model another name in one of them"
                )

    def _require_anchors(self, dataset: Dataset) -> None:
        if not isinstance(dataset, SetsDataset) or not dataset.anchor_dataset:
            return
        of_anchors = self.datasets.get(dataset.anchor_dataset)
        if of_anchors is None or of_anchors.source != dataset.source:
            raise ValueError(f"anchors: {dataset.anchor_dataset!r} is not a dataset of this source")
        if of_anchors.label_space != dataset.label_space:
            raise ValueError(f"label_space: the anchors are of {of_anchors.label_space}")

    @property
    def chosen(self) -> Mapping[str, Study]:
        """The studies of this run, by name."""
        studies: ChosenStudies = self.studies
        return studies.chosen

    @property
    def results(self) -> str:
        """The folder that the run writes to."""
        return self.pathvars.get("results", "results")

    @cached_property
    def trainings(self) -> dict[str, Training]:
        """Every training by name: the part of a model's name after the plus."""
        studies = self.chosen.values()
        return {name: one for study in studies for name, one in study.named_trainings().items()}

    @cached_property
    def clip_trainings(self) -> dict[str, ClipTraining]:
        """Every training of a video model, by name."""
        studies = self.chosen.values()
        return {name: one for study in studies for name, one in study.clip_trainings().items()}

    @property
    def external(self) -> dict[str, dict[tuple[str, str], ExternalPredictions]]:
        """External predictions, by model, then by dataset and view."""
        found: dict[str, dict[tuple[str, str], ExternalPredictions]] = {}
        for study in self.chosen.values():
            for one in study.external_predictions:
                found.setdefault(one.model, {})[one.dataset, one.view] = one
        return found

    @property
    def used_datasets(self) -> list[str]:
        """The datasets of the chosen studies, those of their trainings and of their anchors."""
        named = [name for study in self.chosen.values() for name in study.used_datasets()]
        named += [training.dataset for training in self.trainings.values()]
        named += filter(None, [self.source_of(name).made_of for name in named])
        anchors = (self.sets(name).anchor_dataset for name in named if name in self.sets_datasets)
        return list(dict.fromkeys([*named, *filter(None, anchors)]))

    def framed_datasets(self, source: str) -> list[str]:
        """Return the datasets whose frames are read from a source: those that the run uses.

        If it uses none of them, all: their files may be asked for by name.
        """
        of_source = [
            name
            for name, dataset in self.datasets.items()
            if dataset.source == source and dataset.kind != "clips"
        ]
        return [name for name in self.used_datasets if name in of_source] or of_source

    @property
    def learnt_clip_datasets(self) -> list[str]:
        """The datasets of clips that are learnt from or tested on."""
        shown = ((*one.learnt, *one.evaluated_on) for one in self.clip_trainings.values())
        return list(dict.fromkeys(chain.from_iterable(shown)))

    @property
    def used_clip_datasets(self) -> list[str]:
        """These, and those that are shown to teachers only."""
        taught = [one for study in self.chosen.values() for one, *_ in study.clip_teachers()]
        return list(dict.fromkeys([*self.learnt_clip_datasets, *taught]))

    @property
    def used_sources(self) -> dict[str, Source]:
        """The sources of these datasets, by name."""
        named = [*self.used_datasets, *self.used_clip_datasets]
        used = {self.datasets[name].source for name in named}
        return {name: source for name, source in self.sources.items() if name in used}

    def label_space_of(self, dataset: str) -> str:
        """Return the label space of a dataset."""
        return self.datasets[dataset].label_space

    def sources_of(self, kind: str) -> list[str]:
        """Return the sources of a kind."""
        return [name for name, source in self.sources.items() if source.kind == kind]

    def source_of(self, dataset: str) -> Source:
        """Return the source of a dataset."""
        return self.sources[self.datasets[dataset].source]

    def sharing_of(self, *datasets: str) -> Sharing:
        """Return what may be shown of images of all these datasets; exported ones as their own."""
        named = [self.source_of(name) for name in datasets]
        named += [self.source_of(source.made_of) for source in named if source.made_of]
        shares: tuple[Sharing, ...] = get_args(Sharing)
        return min((source.sharing for source in named), key=shares.index, default=shares[-1])

    def options_of(self, dataset: str) -> list[str]:
        """Return a dataset's settings as options of its ``wildframe manifests`` command."""
        return self.datasets[dataset].options(self.source_of(dataset))

    def sets(self, dataset: str) -> SetsDataset:
        """Return the settings of a dataset of kind sets."""
        found = self.datasets[dataset]
        assert isinstance(found, SetsDataset), dataset  # noqa: S101
        return found

    def clips(self, dataset: str) -> ClipsDataset:
        """Return the settings of a dataset of kind clips."""
        found = self.datasets[dataset]
        assert isinstance(found, ClipsDataset), dataset  # noqa: S101
        return found

    def sets_by(self, anchored: str) -> list[str]:
        """Return the datasets of sets whose anchors are sampled, published or of a dataset."""
        return [name for name in self.sets_datasets if self.sets(name).anchored == anchored]

    def datasets_of(self, kind: str) -> list[str]:
        """Return the datasets of a kind."""
        return [name for name, data in self.datasets.items() if data.kind == kind]

    @property
    def sets_datasets(self) -> list[str]:
        """The datasets of sets."""
        return self.datasets_of("sets")

    def has_boxes(self, dataset: str) -> bool:
        """Tell whether the frames of a dataset have annotated boxes."""
        return self.datasets[dataset].has_boxes(self.source_of(dataset))

    def evaluated_on(self, model: str, source: str) -> tuple[str, str] | None:
        """Return a dataset of a source and a view whose preprocessed images a model is shown."""
        places = self.preprocessed_for(model)
        return next((p for p in places if self.datasets[p[0]].source == source), None)

    def preprocessed_for(self, model: str) -> Iterator[tuple[str, str]]:
        """Yield the datasets and views whose preprocessed images a model is shown."""
        for study in self.chosen.values():
            for view in study.views:
                for dataset in study.used_datasets():
                    if (
                        not self.views[view].streams
                        and model in study.models_of(dataset)
                        and self.can_show(view, dataset)
                    ):
                        yield dataset, view

    def can_show(self, view: str, dataset: str) -> bool:
        """Tell whether the images of a dataset have what a view needs."""
        has_box = self.datasets[dataset].has_box_each(self.source_of(dataset))
        return has_box or not self.views[view].needs_box

    def describe(self, *datasets: str, view: str = "full") -> str:
        """Return the data note of datasets: data and settings, of each source and kind its own."""
        alike: dict[tuple[str, str], list[Dataset]] = {}
        for chosen in (self.datasets[name] for name in datasets):
            alike.setdefault((chosen.source, chosen.kind), []).append(chosen)
        return "; and ".join(
            first.describe(self.sources[source], self.views[view].data_note, others)
            for (source, _), (first, *others) in alike.items()
        )
