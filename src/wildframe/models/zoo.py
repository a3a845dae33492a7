"""The zoo: every model that can be named, as facts in a file; no weights, no torch."""

import math
import re
from functools import cache
from importlib import resources
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, model_validator

from wildframe.core.choices import ClassSpace, Grouping
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


_REFERENCE = re.compile(
    r"(?P<checkpoint>[^@+]+)(@(?P<size>[1-9][0-9]{1,3}))?(\+by-(?P<by>clip|video|image))?"
)


class ZooEntry(_Strict):
    """What a model is; ``data/zoo.yaml`` explains the fields.

    ``name`` is what a config calls it: the ``checkpoint`` of the zoo, ``@<pixels>`` if it is shown
    another size than its own, ``+by-clip`` if it was fine-tuned on a split by clip.
    """

    name: str
    checkpoint: str = ""
    finetuned_by: Grouping | None = None
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
    gradcam_layer: str
    fixed_size: bool = False

    @model_validator(mode="after")
    def _packages_are_named(self) -> "ZooEntry":
        if (self.source == "package") != (self.package is not None):
            raise ValueError(f"{self.name}: a package is named if and only if it is the source")
        return self

    @property
    def untrained(self) -> str:
        """Name of the model that fine-tuning starts from."""
        return self.name.partition("+")[0]

    @property
    def facts(self) -> dict[str, Any]:
        """What decides predictions: not how tables name the model, nor where Grad-CAM looks."""
        return self.model_dump(mode="json", exclude={"paper_row", "family", "gradcam_layer"})

    @property
    def preprocessing(self) -> Preprocessing:
        """Resize and crop; models with the same share their pictures."""
        # timm's rule: the shorter side becomes the input size / crop_pct, rounded down.
        resize = math.floor(self.input_size / self.crop_pct)
        return Preprocessing(resize, self.input_size, self.interpolation, self.crop_mode)


@cache
def load_zoo() -> dict[str, ZooEntry]:
    """Return all checkpoints by name, in the order of the data file."""
    text = (resources.files("wildframe") / "data" / "zoo.yaml").read_text(encoding="utf-8")
    entries = [
        ZooEntry.model_validate(entry | {"checkpoint": entry["name"]})
        for entry in yaml.safe_load(text)
    ]
    return {entry.name: entry for entry in entries}


def study_models(config: Config) -> dict[str, ZooEntry]:
    """Return every model that the studies run, by name, and those that they are made of.

    Raises:
        UserError: One is not in the zoo, or cannot stand where it is named.
    """
    study = config.studies.ego4d
    entries = {name: zoo_entry(name) for name in study.all_models}
    for setting, names in (
        ("models", study.models),
        ("resolution", study.resolution),
        ("in21k_models", study.in21k_models),
        ("pretraining", study.pretrained),
        ("gradcam", study.gradcam),
        ("beyond", study.beyond),
        ("finetuning.models", study.finetuning.models),
    ):
        for name in names:
            if entries[name].class_space != "in1k" and setting != "in21k_models":
                raise UserError(f"studies.ego4d.{setting}: {name} is no ImageNet-1K model")
            if entries[name].finetuned_by:
                raise UserError(
                    f"studies.ego4d.{setting}: {name}: fine-tuned models follow from finetuning; "
                    "name the model that training starts from"
                )
    origins = {name for e in entries.values() for name in (e.checkpoint, e.untrained)}
    return entries | {name: zoo_entry(name) for name in sorted(origins)}


def zoo_entry(name: str) -> ZooEntry:
    """Return a model by the name that a config calls it; see `ZooEntry`.

    Raises:
        UserError: No such model.
    """
    match = _REFERENCE.fullmatch(name)
    if match is None or match["checkpoint"] not in load_zoo():
        raise UserError(f"{name}: no such model; `wildframe models list` shows the zoo")
    entry = load_zoo()[match["checkpoint"]]
    size = int(match["size"]) if match["size"] else entry.input_size
    if not 64 <= size <= 1024:
        raise UserError(f"{name}: pictures are shown from 64 to 1024 px")
    if size != entry.input_size and entry.fixed_size:
        raise UserError(f"{name}: this architecture takes pictures of {entry.input_size} px only")
    return entry.model_copy(update={"name": name, "input_size": size, "finetuned_by": match["by"]})
