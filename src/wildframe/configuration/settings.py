"""The configuration of a run as a whole: what stations and studies declare, put together."""

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Literal, get_args

from pydantic import Field, create_model, model_validator

from wildframe.core.choices import Encoding, View
from wildframe.core.strict import Name, Strict
from wildframe.core.study import ExternalPredictions, Study, Training
from wildframe.manifests.settings import Dataset, SetsDataset
from wildframe.sources.kinds import Source
from wildframe.studies import STUDIES


class Frames(Strict):
    """How images are taken out of videos."""

    shards: int = Field(4, ge=1, le=1000, description="Jobs per dataset; a clip stays in one")
    encoding: Encoding = Field("jpeg", description="jpeg: quality 95, 4:4:4; png: lossless")
    keep_preprocessed: bool = Field(
        True,
        description="Keep the resized images that models of one preprocessing share, so that "
        "a model added later decodes nothing",
    )


class Predictions(Strict):
    """How models are run."""

    device: str = Field(
        "auto",
        pattern=r"^[a-z]+(:[0-9]+)?$",
        description="auto (cuda, mps, cpu in this order) or a torch device",
    )
    batch_size: int = Field(32, ge=1, description="Images per forward pass")


class BoxView(Strict):
    """Images cut to the annotated object."""

    margin: float = Field(
        0.1, ge=0, le=1, description="Added on each side, as a share of the box's longer side"
    )


class Views(Strict):
    """How images can be shown to a model; ``full`` needs no settings."""

    box: BoxView = BoxView()


class Scores(Strict):
    """How predictions are judged."""

    high_confidence: float = Field(
        0.9, ge=0, lt=1, description="A wrong prediction above it is a high-confidence error"
    )
    resamples: int = Field(2000, ge=100, description="Of clips, for bootstrap intervals")
    seed: int = Field(0, ge=0, description="Of the bootstrap")


class ChosenStudies(Strict):
    """One entry a paper; a study that is null is left out."""

    @property
    def chosen(self) -> Mapping[str, Study]:
        """The studies of this run, by name."""
        named = {name: getattr(self, name) for name in STUDIES}
        return {name: study for name, study in named.items() if study is not None}


_FIELDS: dict[str, Any] = {name: (study | None, None) for name, study in STUDIES.items()}
Studies = create_model("Studies", __base__=ChosenStudies, __doc__=ChosenStudies.__doc__, **_FIELDS)


class Config(Strict):
    """The whole configuration of a run."""

    sources: dict[Name, Source] = Field(description="Data on disk, by name", min_length=1)
    datasets: dict[Name, Dataset] = Field(description="Test sets made of it", min_length=1)
    frames: Frames = Frames()
    views: Views = Views()
    predictions: Predictions = Predictions()
    scores: Scores = Scores()
    studies: Studies
    pathvars: dict[
        Literal["results", "resources", "logs", "benchmarks"],
        Annotated[str, Field(pattern=r"^[A-Za-z0-9._/<>-]+$")],
    ] = Field(
        default_factory=dict, description="Other folders, by Snakemake's pathvars: results: out"
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
        for name, study in self.chosen.items():
            try:
                study.require(self)
            except ValueError as error:
                raise ValueError(f"studies.{name}.{error}") from error
        return self

    def _require_anchors(self, dataset: Dataset) -> None:
        if not isinstance(dataset, SetsDataset) or not dataset.anchor_dataset:
            return
        of_anchors = self.datasets.get(dataset.anchor_dataset)
        if of_anchors is None or of_anchors.source != dataset.source:
            raise ValueError(f"anchors: {dataset.anchor_dataset!r} is no dataset of this source")
        if of_anchors.label_space != dataset.label_space:
            raise ValueError(f"label_space: the anchors are of {of_anchors.label_space}")

    @property
    def chosen(self) -> Mapping[str, Study]:
        """The studies of this run, by name."""
        studies: ChosenStudies = self.studies
        return studies.chosen

    @property
    def view_names(self) -> tuple[str, ...]:
        """Names of the views."""
        return get_args(View)

    @cached_property
    def trainings(self) -> dict[str, Training]:
        """Every training by the name that models carry after a plus."""
        studies = self.chosen.values()
        return {name: one for study in studies for name, one in study.named_trainings().items()}

    @property
    def external(self) -> dict[str, dict[str, ExternalPredictions]]:
        """Predictions that were made elsewhere, by the name of their model, then by dataset."""
        found: dict[str, dict[str, ExternalPredictions]] = {}
        for study in self.chosen.values():
            for source in study.external():
                found.setdefault(source.model, {})[source.dataset] = source
        return found

    @property
    def used_datasets(self) -> list[str]:
        """The datasets that the studies of this run are about, and those that these are made of."""
        named = [name for study in self.chosen.values() for name in study.used_datasets()]
        named += [training.dataset for training in self.trainings.values()]
        anchor_dataset = (
            self.sets(name).anchor_dataset for name in named if name in self.sets_datasets
        )
        return list(dict.fromkeys([*named, *(name for name in anchor_dataset if name)]))

    @property
    def used_sources(self) -> dict[str, Source]:
        """The sources of these datasets, by name."""
        used = {self.datasets[name].source for name in self.used_datasets}
        return {name: source for name, source in self.sources.items() if name in used}

    def label_space_of(self, training: str) -> str:
        """Return the classes that a training learns: those of its dataset's labels."""
        return self.datasets[self.trainings[training].dataset].label_space

    def sources_of(self, kind: str) -> list[str]:
        """Return the sources of a kind."""
        return [name for name, source in self.sources.items() if source.kind == kind]

    def source_of(self, dataset: str) -> Source:
        """Return the source that a dataset is made of."""
        return self.sources[self.datasets[dataset].source]

    def options_of(self, dataset: str) -> list[str]:
        """Return a dataset's choices as options of its ``wildframe manifests`` command."""
        return self.datasets[dataset].options(self.source_of(dataset))

    def sets(self, dataset: str) -> SetsDataset:
        """Return a dataset that must be of kind sets."""
        found = self.datasets[dataset]
        assert isinstance(found, SetsDataset), dataset  # noqa: S101
        return found

    def sets_by(self, anchored: str) -> list[str]:
        """Return the datasets of sets whose anchors are sampled, published or around."""
        return [name for name in self.sets_datasets if self.sets(name).anchored == anchored]

    @property
    def sets_datasets(self) -> list[str]:
        """The datasets of sets."""
        return [name for name, data in self.datasets.items() if data.kind == "sets"]

    @property
    def moments_datasets(self) -> list[str]:
        """The datasets of moments."""
        return [name for name, data in self.datasets.items() if data.kind == "moments"]

    def has_boxes(self, dataset: str) -> bool:
        """Tell whether the frames of a dataset have boxes to detect."""
        return self.datasets[dataset].has_boxes(self.source_of(dataset))

    def describe(self, *datasets: str, view: View = "full") -> str:
        """Return the data note of exhibits of datasets of one source: data and choices."""
        first, *others = (self.datasets[name] for name in datasets)
        margin = self.views.box.margin
        return first.describe(self.source_of(datasets[0]), view, margin, others)
