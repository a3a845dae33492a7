"""The zoo: every model that can be named, as facts in a file; no weights, no torch."""

import math
import re
from functools import cache
from importlib import resources
from typing import Any, Literal

import yaml
from pydantic import model_validator

from wildframe.core.choices import ModelSpace
from wildframe.core.errors import UserError
from wildframe.core.strict import Strict
from wildframe.frames.preprocessing import Preprocessing


class PackageFile(Strict):
    """A file inside a registry package, by its SHA-256."""

    name: str
    version: str
    file: str
    sha256: str


class WeightsPackage(PackageFile):
    """A registry package that carries weights.

    ``layout`` says how its keys and arrays become those of the architecture.
    """

    layout: Literal["efficientnet_pytorch", "caffe_squeezenet"]


_REFERENCE = re.compile(
    r"(?P<checkpoint>[^@+]+)(@(?P<size>[1-9][0-9]{1,3}))?"
    r"(\+(?P<training>[A-Za-z0-9][A-Za-z0-9_-]*))?"
)


class ZooEntry(Strict):
    """What a model is; ``data/zoo.yaml`` explains the fields.

    ``name`` is what a config calls it: the ``checkpoint`` of the zoo, ``@<pixels>`` if it is shown
    another size than its own, ``+<training>`` if it came of a training of the config.
    """

    name: str
    checkpoint: str = ""
    training: str | None = None
    source: Literal["package", "hub"]
    package: WeightsPackage | None = None
    framework: Literal["timm", "torchvision"]
    architecture: str
    family: str
    paper_row: str | None = None
    label_space: ModelSpace
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
        """Name of the model that its training starts from."""
        return self.name.partition("+")[0]

    @property
    def facts(self) -> dict[str, Any]:
        """What decides predictions: not how tables name the model, nor where Grad-CAM looks."""
        return self.model_dump(mode="json", exclude={"paper_row", "family", "gradcam_layer"})

    @property
    def preprocessing(self) -> Preprocessing:
        """Resize and crop; models with the same share their images."""
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


def zoo_entry(name: str) -> ZooEntry:
    """Return a model by the name that a config calls it; see `ZooEntry`.

    What a training taught it to answer is not known here: the label space is the checkpoint's.

    Raises:
        UserError: No such model.
    """
    match = _REFERENCE.fullmatch(name)
    if match is None or match["checkpoint"] not in load_zoo():
        raise UserError(f"{name}: no such model; `wildframe models list` shows the zoo")
    entry = load_zoo()[match["checkpoint"]]
    size = int(match["size"]) if match["size"] else entry.input_size
    if not 64 <= size <= 1024:
        raise UserError(f"{name}: images are shown from 64 to 1024 px")
    if size != entry.input_size and entry.fixed_size:
        raise UserError(f"{name}: this architecture takes images of {entry.input_size} px only")
    return entry.model_copy(
        update={"name": name, "input_size": size, "training": match["training"]}
    )
