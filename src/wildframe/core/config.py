"""The configuration: one pydantic model, from which the JSON Schema is generated."""

import json
import re
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

from pydantic import (
    Field,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_core import ErrorDetails

from wildframe.core.choices import (
    ClassSpace,
    Encoding,
    Media,
    ObjectType,
    Pick,
    Role,
    Rule,
    Split,
    Synsets,
    Unit,
    Version,
    View,
)
from wildframe.core.errors import UserError
from wildframe.core.rates import parse_rate
from wildframe.core.studies import Ego4dStudy, FineTuning, Name, Pretraining, Strict, Studies


class Source(Strict):
    """A publisher's data set on the user's disk."""

    root: str = Field(description="Folder that was given to `ego4d --output_directory`")
    version: Version = Field(
        "v1", description="Release: v1 has fho_scod_<split>.json, v2 (also v2_1) fho_main.json"
    )
    split: Split = Field("train", description="The publisher's split")
    media: Media = Field("clips", description="Which copies of the videos frames are taken from")
    rate: str = Field("30", description="Nominal frame rate on whose grid frames are numbered")
    about: str = Field(description="What the data is; printed under every exhibit")
    licensed: bool = Field(
        False,
        description="True for the publisher's own data: only then are the paper's numbers shown",
    )

    @field_validator("root")
    @classmethod
    def _home_is_expanded(cls, root: str) -> str:
        # The shell will not do it: paths are quoted in commands.
        try:
            return str(Path(root).expanduser())
        except RuntimeError as error:
            raise ValueError(f"{root!r}: there is no such home folder") from error

    @field_validator("rate")
    @classmethod
    def _rate_is_positive(cls, rate: str) -> str:
        parse_rate(rate)
        return rate


class Dataset(Strict):
    """Which moments of a source become pictures, and how their nouns become classes."""

    source: Name = Field(description="Name of a source")
    roles: list[Role] = Field(
        ["pre"], description="Moments of the state change that are examined", min_length=1
    )
    object_types: list[ObjectType] = Field(
        ["object_of_change", "tool"],
        description="Boxes that name the picture; hands never do",
        min_length=1,
    )
    unit: Unit = Field(
        "picture",
        description="picture: one row a picture, which must show one class; object: one row an "
        "annotated object, so that pictures of several classes stay",
    )
    class_space: ClassSpace = Field(
        description="ImageNet-1K, or ImageNet-21K in the order of 21,843 or of 21,841 classes"
    )
    rule: Rule = Field(
        "words",
        description="What of a noun may name a class: its single words (the paper's rule), the "
        "head and each synonym as a whole, or the head alone",
    )
    pick: Pick = Field(
        "reading_order",
        description="Of several parts of a noun that name classes: the first in reading order, "
        "all, or the paper's seven picks and otherwise the first",
    )
    synsets: Synsets = Field(
        "all", description="Of several classes that a part names: the first in index order, or all"
    )
    senses: str = Field(
        "shipped",
        min_length=1,
        description="Sense table that says which labels are doubtful: shipped, or a CSV file",
    )


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
        study = self.studies.ego4d
        for setting, space in study.class_spaces.items():
            name = study.dataset(setting)
            if name not in self.datasets:
                raise ValueError(f"studies.ego4d.{setting}: {name!r} is not in datasets")
            if self.datasets[name].class_space != space:
                raise ValueError(f"studies.ego4d.{setting}: {name!r} is not of class space {space}")
        if self.datasets[study.objects].unit != "object":
            raise ValueError(f"studies.ego4d.objects: the unit of {study.objects!r} is not object")
        in1k, in21k = self.datasets[study.in1k], self.datasets[study.in21k]
        shared = {"source", "roles", "object_types", "unit"}
        if in1k.model_dump(include=shared) != in21k.model_dump(include=shared):
            raise ValueError(
                "studies.ego4d: in1k and in21k must have the same source, roles, object_types "
                "and unit"
            )
        return self

    @property
    def view_names(self) -> tuple[str, ...]:
        """Names of the views."""
        return get_args(View)

    def source_of(self, dataset: str) -> Source:
        """Return the source that a dataset is made of."""
        return self.sources[self.datasets[dataset].source]

    def manifest_choices(self, dataset: str) -> list[str]:
        """Return a dataset's choices as options of ``wildframe manifests build``."""
        source, chosen = self.source_of(dataset), self.datasets[dataset]
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

    def describe(self, *datasets: str, view: View = "full") -> str:
        """Return what stands under an exhibit of datasets of one source: data and choices."""
        source, first = self.source_of(datasets[0]), self.datasets[datasets[0]]
        labels = "; ".join(
            f"{chosen.class_space}: rule {chosen.rule}, pick {chosen.pick}, "
            f"synsets {chosen.synsets}"
            + ("" if chosen.senses == "shipped" else f", senses {chosen.senses}")
            for chosen in (self.datasets[name] for name in datasets)
        )
        unit = ", each object by itself" if first.unit == "object" else ""
        cut = f"; cut to the object, margin {self.views.box.margin}" if view == "box" else ""
        return (
            f"{source.about}; {source.version}, {source.split} split, "
            f"{' + '.join(first.roles)} frames of {source.media}, "
            f"boxes {' + '.join(first.object_types)}{unit}{cut}; {labels}"
        )

    def is_papers(self, dataset: str, view: View = "full") -> bool:
        """Tell whether the paper's numbers compare: the same data, moment, boxes, rule and view."""
        source, chosen = self.source_of(dataset), self.datasets[dataset]
        return (
            source.licensed
            and source.version == "v1"
            and source.split == "train"
            and view == "full"
            and chosen.rule == "words"
            and chosen.roles == ["pre"]
            and chosen.unit == "picture"
            and set(chosen.object_types) == {"object_of_change", "tool"}
        )


def parse_config(config: dict[str, Any], origin: str = "config") -> Config:
    """Validate a configuration.

    Args:
        config: Its settings.
        origin: Where they come from, for messages.

    Raises:
        UserError: Names each wrong key and what is wrong with it.
    """
    try:
        return Config.model_validate(config)
    except ValidationError as error:
        raise UserError(f"{origin}: {'; '.join(map(_describe, error.errors()))}") from error


def _describe(fault: ErrorDetails) -> str:
    """Return one fault of a configuration in plain words."""
    *above, key = [str(part) for part in fault["loc"]] or [""]
    message = fault["msg"].removeprefix("Value error, ")
    if fault["type"] == "extra_forbidden":
        close = get_close_matches(key, _all_settings(), n=1)
        message = "no such setting" + (f"; did you mean {close[0]}?" if close else "")
    elif fault["type"] == "missing":
        message = "this setting is required"
    return ": ".join(part for part in (".".join([*above, key]), message) if part)


def _all_settings() -> list[str]:
    models: list[type[Strict]] = [Source, Dataset, Frames, BoxView, Views, Predictions, Scores]
    models += [Pretraining, FineTuning, Ego4dStudy, Studies, Config]
    return sorted({name for model in models for name in model.model_fields})


def load_config(*paths: Path) -> Config:
    """Read and validate a YAML configuration; errors as in `parse_config`.

    Args:
        paths: Files, each merged over those before it, and all over ``config.yaml`` in this folder
            if there is one: as the workflow does with ``--configfile``.
    """
    base = Path("config.yaml")
    files = list(paths)
    if base.is_file() and not any(path.exists() and path.samefile(base) for path in files):
        files.insert(0, base)
    merged: dict[str, Any] = {}
    for path in files:
        _merge(merged, _read_yaml(path))
    return parse_config(merged, " + ".join(map(str, files)))


def _read_yaml(path: Path) -> dict[str, Any]:
    import yaml

    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise UserError(f"{path}: no such file; run in the project's folder") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: not YAML ({error})") from error
    if not isinstance(content, dict):
        raise UserError(f"{path}: a mapping of settings is expected at the top level")
    return content


def _merge(below: dict[str, Any], above: dict[str, Any]) -> None:
    for key, value in above.items():
        if isinstance(value, dict) and isinstance(below.get(key), dict):
            _merge(below[key], value)
        else:
            below[key] = value


def one_of(names: Iterable[str]) -> str:
    """Return a regular expression that matches these names and no other."""
    return "|".join(map(re.escape, names))


def config_schema() -> str:
    """Return the JSON Schema of the configuration as text."""
    schema = Config.model_json_schema()
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
