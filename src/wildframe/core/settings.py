"""The configuration of a run as a whole; its parts are in `datasets` and `studies`."""

from functools import cached_property
from typing import Annotated, Literal, get_args

from pydantic import Field, model_validator

from wildframe.core.choices import Encoding, View
from wildframe.core.datasets import (
    Dataset,
    Ego4dSource,
    MomentsDataset,
    SetsDataset,
    Source,
    VideosSource,
    VidSource,
)
from wildframe.core.strict import Name, Strict
from wildframe.core.studies import Ego4dStudy, Imported, Studies, Training, VidRobustStudy


class Frames(Strict):
    """How pictures are taken out of videos."""

    shards: int = Field(4, ge=1, le=1000, description="Jobs per dataset; a clip stays in one")
    encoding: Encoding = Field("jpeg", description="jpeg: quality 95, 4:4:4; png: lossless")
    keep_pixels: bool = Field(
        True,
        description="Keep the resized pictures that models of one preprocessing share, so that "
        "a model added later decodes nothing",
    )


class Predictions(Strict):
    """How models are run."""

    device: str = Field(
        "auto",
        pattern=r"^[a-z]+(:[0-9]+)?$",
        description="auto (cuda, mps, cpu in this order) or a torch device",
    )
    batch_size: int = Field(32, ge=1, description="Pictures per forward pass")


class BoxView(Strict):
    """Pictures cut to the annotated object."""

    margin: float = Field(
        0.1, ge=0, le=1, description="Added on each side, as a share of the box's longer side"
    )


class Views(Strict):
    """How pictures can be shown to a model; ``full`` needs no settings."""

    box: BoxView = BoxView()


class Scores(Strict):
    """How predictions are judged."""

    high_confidence: float = Field(
        0.9, ge=0, lt=1, description="A wrong prediction above it is a high-confidence error"
    )
    resamples: int = Field(2000, ge=100, description="Of clips, for bootstrap intervals")
    seed: int = Field(0, ge=0, description="Of the bootstrap")


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
            self._require_fitting_source(name, dataset)
        if self.studies.ego4d:
            self._require_ego4d(self.studies.ego4d)
        if self.studies.vid_robust:
            self._require_vid_robust(self.studies.vid_robust)
        return self

    def _require_fitting_source(self, name: str, dataset: MomentsDataset | SetsDataset) -> None:
        source = self.sources[dataset.source]
        if isinstance(dataset, MomentsDataset):
            if source.kind != "ego4d":
                raise ValueError(f"datasets.{name}.source: {dataset.source!r} has no moments")
        elif dataset.around:
            of_anchors = self.datasets.get(dataset.around)
            if of_anchors is None or of_anchors.source != dataset.source:
                raise ValueError(
                    f"datasets.{name}.anchors: {dataset.around!r} is no dataset of this source"
                )
            if of_anchors.class_space != dataset.targets:
                raise ValueError(
                    f"datasets.{name}.targets: the anchors are of {of_anchors.class_space}"
                )
        elif dataset.anchors == "published":
            if getattr(source, "metadata", None) is None:
                raise ValueError(
                    f"datasets.{name}.anchors: source {dataset.source!r} has no metadata of "
                    "published sets"
                )
        elif source.kind not in ("vid", "videos"):
            raise ValueError(
                f"datasets.{name}.anchors: anchors are drawn from videos; {dataset.source!r} is of "
                f"kind {source.kind}"
            )
        elif isinstance(source, VidSource) and not source.annotated:
            raise ValueError(
                f"datasets.{name}.anchors: anchors are drawn among annotated frames; "
                f"{dataset.source!r} is not annotated"
            )

    def _require_ego4d(self, study: Ego4dStudy) -> None:
        for setting, space in study.class_spaces.items():
            name = study.dataset(setting)
            dataset = self.datasets.get(name)
            if not isinstance(dataset, MomentsDataset):
                raise ValueError(f"studies.ego4d.{setting}: {name!r} is not in datasets")
            if dataset.class_space != space:
                raise ValueError(f"studies.ego4d.{setting}: {name!r} is not of class space {space}")
        in1k, in21k = self.moments(study.in1k), self.moments(study.in21k)
        if self.moments(study.objects).unit != "object":
            raise ValueError(f"studies.ego4d.objects: the unit of {study.objects!r} is not object")
        shared = {"source", "roles", "object_types", "unit"}
        if in1k.model_dump(include=shared) != in21k.model_dump(include=shared):
            raise ValueError(
                "studies.ego4d: in1k and in21k must have the same source, roles, object_types "
                "and unit"
            )
        if study.near is not None and self._sets("ego4d.near", study.near).around != study.in1k:
            raise ValueError(f"studies.ego4d.near: the anchors of {study.near!r} are not in1k")

    def _require_vid_robust(self, study: VidRobustStudy) -> None:
        for name in study.datasets:
            self._sets("vid_robust.datasets", name)
        for name, training in study.trainings.items():
            self._sets(f"vid_robust.trainings.{name}.dataset", training.dataset)
            # Names of other files that stand beside those of trainings.
            if name in ("weights", "funnel", "sets") or name.startswith("by-"):
                raise ValueError(f"studies.vid_robust.trainings: choose another name than {name}")
        for source in study.imported:
            if source.dataset not in study.datasets:
                raise ValueError(
                    f"studies.vid_robust.imported: {source.dataset!r} is no dataset of the study"
                )
        self._require_imported(study)

    def _require_imported(self, study: VidRobustStudy) -> None:
        given = [(source.model, source.dataset) for source in study.imported]
        for model, dataset in given:
            if given.count((model, dataset)) > 1:
                raise ValueError(
                    f"studies.vid_robust.imported: {model} is given twice for {dataset}; "
                    "name one file"
                )
        # Their exhibits are made of every dataset.
        typed = [entry.model for entry in study.model_types]
        named = {"per_class": [study.per_class], "gallery": [study.gallery], "model_types": typed}
        for setting, models in named.items():
            for model in {model for model, _ in given}.intersection(models):
                for dataset in study.datasets:
                    if (model, dataset) not in given:
                        raise ValueError(
                            f"studies.vid_robust.{setting}: {model} has no imported predictions "
                            f"of {dataset}, which this exhibit is made of, too"
                        )

    def _sets(self, setting: str, name: str) -> SetsDataset:
        dataset = self.datasets.get(name)
        if not isinstance(dataset, SetsDataset):
            raise ValueError(f"studies.{setting}: {name!r} is no dataset of kind sets")
        return dataset

    @property
    def view_names(self) -> tuple[str, ...]:
        """Names of the views."""
        return get_args(View)

    @cached_property
    def trainings(self) -> dict[str, Training]:
        """Every training by the name that models carry after a plus."""
        found: dict[str, Training] = {}
        if self.studies.ego4d:
            found |= self.studies.ego4d.trainings
        if self.studies.vid_robust:
            named = self.studies.vid_robust.trainings
            found |= {name: training.training for name, training in named.items()}
        return found

    @property
    def imported(self) -> dict[str, dict[str, Imported]]:
        """Predictions that were made elsewhere, by the name of their model, then by dataset."""
        study = self.studies.vid_robust
        found: dict[str, dict[str, Imported]] = {}
        for source in study.imported if study else ():
            found.setdefault(source.model, {})[source.dataset] = source
        return found

    @property
    def used_datasets(self) -> list[str]:
        """The datasets that the studies of this run are about, and those that these are made of."""
        named = [name for study in self.studies.chosen.values() for name in study.datasets]
        named += [training.dataset for training in self.trainings.values()]
        around = (self.sets(name).around for name in named if name in self.sets_datasets)
        return list(dict.fromkeys([*named, *(name for name in around if name)]))

    @property
    def used_sources(self) -> dict[str, Source]:
        """The sources of these datasets, by name."""
        used = {self.datasets[name].source for name in self.used_datasets}
        return {name: source for name, source in self.sources.items() if name in used}

    def class_space_of(self, training: str) -> str:
        """Return the classes that a training learns: those of its dataset's labels."""
        return self.datasets[self.trainings[training].dataset].class_space

    def sources_of(self, kind: str) -> list[str]:
        """Return the sources of a kind."""
        return [name for name, source in self.sources.items() if source.kind == kind]

    def source_of(self, dataset: str) -> Source:
        """Return the source that a dataset is made of."""
        return self.sources[self.datasets[dataset].source]

    def moments(self, dataset: str) -> MomentsDataset:
        """Return a dataset that must be of kind moments."""
        found = self.datasets[dataset]
        assert isinstance(found, MomentsDataset), dataset  # noqa: S101
        return found

    def sets(self, dataset: str) -> SetsDataset:
        """Return a dataset that must be of kind sets."""
        found = self.datasets[dataset]
        assert isinstance(found, SetsDataset), dataset  # noqa: S101
        return found

    def ego4d_source(self, dataset: str) -> Ego4dSource:
        """Return the source of a dataset that must be Ego4D."""
        found = self.source_of(dataset)
        assert isinstance(found, Ego4dSource), dataset  # noqa: S101
        return found

    def sets_by(self, anchored: str) -> list[str]:
        """Return the datasets of sets whose anchors are sampled, published or around."""
        return [name for name in self.sets_datasets if self.sets(name).anchored == anchored]

    @property
    def sets_datasets(self) -> list[str]:
        """The datasets of sets."""
        return [name for name, data in self.datasets.items() if isinstance(data, SetsDataset)]

    @property
    def moments_datasets(self) -> list[str]:
        """The datasets of moments."""
        return [name for name, data in self.datasets.items() if isinstance(data, MomentsDataset)]

    def has_boxes(self, dataset: str) -> bool:
        """Tell whether the frames of a dataset of sets have boxes to detect."""
        if self.sets(dataset).around:
            return False  # the anchors may, but not what is near them
        source = self.source_of(dataset)
        if isinstance(source, VidSource):
            return source.annotated
        return isinstance(source, VideosSource) and source.boxes is not None

    def manifest_choices(self, dataset: str) -> list[str]:
        """Return a dataset's choices as options of ``wildframe manifests build``."""
        source, chosen = self.ego4d_source(dataset), self.moments(dataset)
        choices = {
            "class-space": chosen.class_space,
            "roles": ",".join(chosen.roles),
            "object-types": ",".join(chosen.object_types),
            "unit": chosen.unit,
            "rule": chosen.rule,
            "pick": chosen.pick,
            "synsets": chosen.synsets,
            "media": source.media,
            "version": source.version,
            "rate": source.rate,
        }
        return [f"--{name}={value}" for name, value in choices.items()]

    def set_choices(self, dataset: str) -> list[str]:
        """Return the choices of a dataset of sets as options of ``wildframe manifests``."""
        chosen = self.sets(dataset)
        options = [f"--targets={chosen.targets}", f"--label-source={chosen.label_source}"]
        options += [chosen.window.option, f"--step={chosen.step}"]
        if chosen.anchored == "sampled":
            options += [f"--anchors={chosen.anchors}", f"--seed={chosen.seed}"]
            options += [f"--split={chosen.split}"] if chosen.split else []
        return options

    def review_choices(self, dataset: str) -> list[str]:
        """Return the choices of a dataset of sets as options of ``wildframe reviews consensus``."""
        chosen = self.sets(dataset)
        options = [f"--review={chosen.review}", f"--unreadable={chosen.unreadable}"]
        options += [f"--threshold={chosen.threshold}"] if chosen.review == "auto" else []
        options += [f"--decisions={chosen.decisions}"] if chosen.decisions else []
        return options

    def describe(self, *datasets: str, view: View = "full") -> str:
        """Return what stands under an exhibit of datasets of one source: data and choices."""
        if isinstance(self.datasets[datasets[0]], SetsDataset):
            return self._describe_sets(datasets[0])
        source, first = self.ego4d_source(datasets[0]), self.moments(datasets[0])
        labels = "; ".join(
            f"{chosen.class_space}: rule {chosen.rule}, pick {chosen.pick}, "
            f"synsets {chosen.synsets}"
            + ("" if chosen.senses == "shipped" else f", senses {chosen.senses}")
            for chosen in (self.moments(name) for name in datasets)
        )
        unit = ", each object by itself" if first.unit == "object" else ""
        cut = f"; cut to the object, margin {self.views.box.margin}" if view == "box" else ""
        return (
            f"{source.about}; {source.version}, {source.split} split, "
            f"{' + '.join(first.roles)} frames of {source.media}, "
            f"boxes {' + '.join(first.object_types)}{unit}{cut}; {labels}"
        )

    def _describe_sets(self, dataset: str) -> str:
        source, chosen = self.source_of(dataset), self.sets(dataset)
        anchors = {
            "published": "published anchors",
            "around": f"anchors are the pictures of {chosen.around}",
            "sampled": f"{chosen.anchors} anchors drawn a video, seed {chosen.seed}",
        }[chosen.anchored]
        split = f", {chosen.split} split" if chosen.split else ""
        step = f" in steps of {chosen.step}" if chosen.step > 1 else ""
        return (
            f"{source.about}{split}; {anchors}, frames up to {chosen.window} away{step}; "
            f"labels of the {chosen.label_source}, {chosen.label_space}; review: {chosen.review}"
            + ("" if chosen.unreadable == "refuse" else f"; unreadable: {chosen.unreadable}")
        )

    def is_papers(self, dataset: str, view: View = "full") -> bool:
        """Tell whether the paper's numbers compare: the same data, moment, boxes, rule and view."""
        source, chosen = self.source_of(dataset), self.datasets[dataset]
        if isinstance(chosen, SetsDataset):
            return (
                source.licensed
                and chosen.anchors == "published"
                # The paper is ImageNet-Vid-Robust's; it has no numbers of YTBB-Robust.
                and (chosen.targets, chosen.label_source) == ("vid30", "frame")
                and (chosen.merge, chosen.outputs) == ("max", "masked")
                and (chosen.window.frames, chosen.step) == (10, 1)
                and chosen.unreadable == "refuse"
            )
        return (
            isinstance(source, Ego4dSource)
            and source.licensed
            and source.version == "v1"
            and source.split == "train"
            and view == "full"
            and chosen.rule == "words"
            and chosen.roles == ["pre"]
            and chosen.unit == "picture"
            and set(chosen.object_types) == {"object_of_change", "tool"}
        )
