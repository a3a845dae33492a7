"""The configuration: one pydantic model, from which the JSON Schema is generated."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from wildframe.core.errors import UserError

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
Role = Literal["pre", "pnr", "post"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Source(_Strict):
    """A publisher's data set on the user's disk."""

    root: str = Field(description="Folder that was given to `ego4d --output_directory`")
    version: Literal["v1"] = Field("v1", description="Release of the annotations below the root")
    split: Literal["train", "val"] = Field("train", description="fho_scod_<split>.json is read")
    media: Literal["clips", "full_scale"] = Field(
        "clips", description="Which copies of the videos frames are taken from"
    )
    rate: str = Field("30", description="Nominal frame rate on whose grid frames are numbered")
    about: str = Field(description="What the data is; printed under every exhibit")
    licensed: bool = Field(
        False,
        description="True for the publisher's own data: only then are the paper's numbers shown",
    )

    @model_validator(mode="after")
    def _rate_is_positive(self) -> "Source":
        if Fraction(self.rate) <= 0:
            raise ValueError("rate must be above 0")
        return self


class Dataset(_Strict):
    """Which moments of a source become pictures, and how their nouns become classes."""

    source: Name = Field(description="Name of a source")
    role: Role = Field("pre", description="Moment of the state change that is examined")
    object_types: list[Literal["object_of_change", "tool"]] = Field(
        ["object_of_change", "tool"],
        description="Boxes that name the picture; hands never do",
        min_length=1,
    )
    class_space: Literal["in1k", "in21k", "in22k"] = Field(
        description="ImageNet-1K, or ImageNet-21K in the order of 21,843 or of 21,841 classes"
    )
    words: Literal["first", "all", "paper"] = Field(
        "first",
        description="Of several words of a noun that name classes: the first in reading order, "
        "all, or the paper's seven picks and otherwise the first",
    )
    synsets: Literal["first", "all"] = Field(
        "all", description="Of several classes that a word names: the first in index order, or all"
    )


class Frames(_Strict):
    """How pictures are taken out of videos."""

    shards: int = Field(4, ge=1, le=1000, description="Jobs per dataset; a clip stays in one")
    encoding: Literal["jpeg", "png"] = Field(
        "jpeg", description="jpeg: quality 95, 4:4:4; png: lossless"
    )
    keep_pixels: bool = Field(
        True,
        description="Keep the resized pictures that models of one preprocessing share, so that "
        "a model added later decodes nothing",
    )


class Predictions(_Strict):
    """How models are run."""

    device: str = Field("auto", description="auto (cuda, mps, cpu in this order) or a torch device")
    batch_size: int = Field(32, ge=1, description="Pictures per forward pass")


class Ego4dStudy(_Strict):
    """Egocentric Data as Natural Adversarial Examples."""

    in1k: Name = Field(description="Dataset under ImageNet-1K")
    in21k: Name = Field(description="Dataset under ImageNet-21K")
    view: Literal["full"] = Field("full", description="How pictures are shown to the models")
    models: list[Name] = Field(
        description="Models of the zoo (`wildframe models list`), in the order of the table",
        min_length=1,
    )


class Studies(_Strict):
    """One entry a paper."""

    ego4d: Ego4dStudy


class Config(_Strict):
    """The whole configuration of a run."""

    sources: dict[Name, Source] = Field(description="Data on disk, by name", min_length=1)
    datasets: dict[Name, Dataset] = Field(description="Test sets made of it", min_length=1)
    frames: Frames = Frames()
    predictions: Predictions = Predictions()
    studies: Studies
    pathvars: dict[str, str] = Field(
        default_factory=dict, description="Other folders, by Snakemake's pathvars: results: out"
    )

    @model_validator(mode="after")
    def _names_are_defined(self) -> "Config":
        for name, dataset in self.datasets.items():
            if dataset.source not in self.sources:
                raise ValueError(f"datasets.{name}.source: {dataset.source!r} is not in sources")
        for field in ("in1k", "in21k"):
            name = getattr(self.studies.ego4d, field)
            if name not in self.datasets:
                raise ValueError(f"studies.ego4d.{field}: {name!r} is not in datasets")
        return self

    def source_of(self, dataset: str) -> Source:
        """Return the source that a dataset is made of."""
        return self.sources[self.datasets[dataset].source]


def parse_config(config: dict[str, Any]) -> Config:
    """Validate a configuration.

    Raises:
        UserError: Names each wrong key and what is wrong with it.
    """
    try:
        return Config.model_validate(config)
    except ValidationError as error:
        faults = "; ".join(
            ".".join(map(str, fault["loc"])) + ": " + fault["msg"].removeprefix("Value error, ")
            for fault in error.errors()
        )
        raise UserError(f"config: {faults.replace(': :', ':').lstrip(': ')}") from error


def load_config(path: Path) -> Config:
    """Read and validate a YAML configuration; errors as in `parse_config`."""
    import yaml

    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise UserError(f"{path}: no such file; run in the project's folder") from error
    except yaml.YAMLError as error:
        raise UserError(f"{path}: not YAML ({error})") from error
    if not isinstance(content, dict):
        raise UserError(f"{path}: a mapping of settings is expected at the top level")
    return parse_config(content)


def config_schema() -> str:
    """Return the JSON Schema of the configuration as text."""
    schema = Config.model_json_schema()
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
