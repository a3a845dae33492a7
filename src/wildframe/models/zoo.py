"""The zoo: the models that a config can name, as facts in a file; no weights, no torch."""

import math
import re
from functools import cache
from importlib import resources
from typing import Any, Literal

import yaml

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
    """What a model is; ``data/zoo.yaml`` explains the fields. Defaults are those of timm.

    ``name`` is what a config calls it: the ``checkpoint`` of the zoo, ``@<pixels>`` if its images
    have another size than its own, ``+<training>`` if a training of the config made it.
    """

    name: str
    checkpoint: str
    training: str | None = None
    package: WeightsPackage | None = None
    framework: Literal["timm", "torchvision"] = "timm"
    family: str
    paper_row: str | None = None
    label_space: ModelSpace = "in1k"
    params: int
    input_size: int = 224
    crop_pct: float = 0.875
    crop_mode: Literal["center", "squash"] = "center"
    interpolation: Literal["bilinear", "bicubic"] = "bicubic"
    channels: Literal["rgb", "bgr"] = "rgb"
    mean: tuple[float, float, float] = (0.485, 0.456, 0.406)
    std: tuple[float, float, float] = (0.229, 0.224, 0.225)
    gradcam_layer: str
    fixed_size: bool = False

    @property
    def source(self) -> str:
        """``package`` or ``hub``."""
        return "package" if self.package else "hub"

    @property
    def untrained(self) -> str:
        """Name of the model that its training starts from."""
        return self.name.partition("+")[0]

    @property
    def facts(self) -> dict[str, Any]:
        """What determines predictions: neither its names in tables nor its Grad-CAM layer."""
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

    The label space is the checkpoint's, even where a training changed it.

    Raises:
        UserError: No such model.
    """
    match = _REFERENCE.fullmatch(name)
    if match is None or match["checkpoint"] not in load_zoo():
        raise UserError(f"{name}: no such model; `wildframe models list` shows the zoo")
    entry = load_zoo()[match["checkpoint"]]
    size = int(match["size"]) if match["size"] else entry.input_size
    if not 64 <= size <= 1024:
        raise UserError(f"{name}: input sizes are 64 to 1024 px")
    if size != entry.input_size and entry.fixed_size:
        raise UserError(f"{name}: this architecture takes images of {entry.input_size} px only")
    return entry.model_copy(
        update={"name": name, "input_size": size, "training": match["training"]}
    )
