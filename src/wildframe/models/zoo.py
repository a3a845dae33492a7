"""The zoo: every model that can be named, as facts in a file; no weights, no torch."""

import math
from functools import cache
from importlib import resources
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, model_validator

from wildframe.core.choices import ClassSpace
from wildframe.core.config import Config
from wildframe.core.errors import UserError
from wildframe.frames.pixels import Preprocessing


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WeightsPackage(_Strict):
    """A registry package that carries weights.

    ``layout`` says how its keys and arrays become those of the architecture.
    """

    name: str
    version: str
    file: str
    sha256: str
    layout: Literal["efficientnet_pytorch", "caffe_squeezenet"]


class ZooEntry(_Strict):
    """What a model is; ``data/zoo.yaml`` explains the fields."""

    name: str
    source: Literal["package", "hub"]
    package: WeightsPackage | None = None
    framework: Literal["timm", "torchvision"]
    architecture: str
    family: str
    paper_row: str | None = None
    class_space: ClassSpace
    params: int
    input_size: int
    crop_pct: float
    crop_mode: Literal["center", "squash"]
    interpolation: Literal["bilinear", "bicubic"]
    channels: Literal["rgb", "bgr"] = "rgb"
    mean: tuple[float, float, float]
    std: tuple[float, float, float]

    @model_validator(mode="after")
    def _packages_are_named(self) -> "ZooEntry":
        if (self.source == "package") != (self.package is not None):
            raise ValueError(f"{self.name}: a package is named if and only if it is the source")
        return self

    @property
    def facts(self) -> dict[str, Any]:
        """What decides predictions: all but how tables name the model."""
        return self.model_dump(mode="json", exclude={"paper_row", "family"})

    @property
    def preprocessing(self) -> Preprocessing:
        """Resize and crop; models with the same share their pictures."""
        # timm's rule: the shorter side becomes the input size / crop_pct, rounded down.
        resize = math.floor(self.input_size / self.crop_pct)
        return Preprocessing(resize, self.input_size, self.interpolation, self.crop_mode)


@cache
def load_zoo() -> dict[str, ZooEntry]:
    """Return all models by name, in the order of the data file."""
    text = (resources.files("wildframe") / "data" / "zoo.yaml").read_text(encoding="utf-8")
    entries = [ZooEntry.model_validate(entry) for entry in yaml.safe_load(text)]
    return {entry.name: entry for entry in entries}


def in1k_models(config: Config) -> dict[str, ZooEntry]:
    """Return the models that the ego4d study runs, by name.

    Raises:
        UserError: One is not in the zoo, or is of another class space.
    """
    entries = {name: zoo_entry(name) for name in config.studies.ego4d.models}
    for entry in entries.values():
        if entry.class_space != "in1k":
            raise UserError(f"studies.ego4d.models: {entry.name} is no ImageNet-1K model")
    return entries


def zoo_entry(name: str) -> ZooEntry:
    """Return a model of the zoo.

    Raises:
        UserError: No such model.
    """
    if name not in load_zoo():
        raise UserError(f"{name}: no such model; `wildframe models list` shows the zoo")
    return load_zoo()[name]
