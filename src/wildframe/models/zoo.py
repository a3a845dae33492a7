"""What a model is, and the models that a config can name; no weights, no torch.

A name is that of the curated zoo, a reference to a hub (``timm/resnet18.a1_in1k``), or an entry of
the config's own ``models``.
"""

import math
import re
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from importlib import resources
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

import yaml
from pydantic import ValidationError

from wildframe.core.errors import UserError
from wildframe.core.strict import Strict
from wildframe.core.targets import is_own
from wildframe.frames.preprocessing import Preprocessing
from wildframe.labels.spaces import SPACES, class_wnids, read_class_list
from wildframe.models.references import PACKAGES, reference_facts
from wildframe.models.settings import ModelSettings, source_file


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


_NAME = re.compile(
    # It becomes part of paths: each slash begins a folder.
    r"(?P<checkpoint>[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*){0,2})"
    r"(@(?P<size>[1-9][0-9]{1,3}))?"
    r"(\+(?P<training>[A-Za-z0-9][A-Za-z0-9_-]*))?"
)

_SPACE_OF_CLASSES = {1000: "in1k", 21843: "in21k", 21841: "in22k"}
"""Label space of hub models, told by the number of their classes."""


class ZooEntry(Strict):
    """What a model is; ``data/zoo.yaml`` explains the fields. Defaults are those of timm.

    ``name`` is what a config calls it: the ``checkpoint``, ``@<pixels>`` if its images have another
    size than its own, ``+<training>`` if a training of the config made it. ``architecture`` is its
    name in the framework. Models of the config's own may have outputs for a label space that a
    file lists, and weights in a file.
    """

    name: str
    checkpoint: str
    architecture: str
    training: str | None = None
    package: WeightsPackage | None = None
    framework: str = "timm"
    family: str | None = None
    paper_row: str | None = None
    label_space: str = "in1k"
    params: int | None = None
    input_size: int = 224
    crop_pct: float = 0.875
    crop_mode: Literal["center", "squash"] = "center"
    interpolation: Literal["bilinear", "bicubic"] = "bicubic"
    channels: Literal["rgb", "bgr"] = "rgb"
    mean: tuple[float, float, float] = (0.485, 0.456, 0.406)
    std: tuple[float, float, float] = (0.229, 0.224, 0.225)
    gradcam_layer: str | None = None
    fixed_size: bool = False
    outputs: int | None = None
    weights_file: str | None = None
    classes_file: str | None = None

    @property
    def source(self) -> str:
        """``package``, ``file``, ``function`` or ``hub``."""
        if self.framework == "function":
            return "function"
        if self.weights_file:
            return "file"
        return "package" if self.package else "hub"

    @property
    def is_curated(self) -> bool:
        """Whether its name alone says what it is, without a hub's package or a config."""
        return self.checkpoint in load_zoo()

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

    def trained(self, training: str) -> "ZooEntry":
        """Return the model that a training makes of it; its label space is still this one's."""
        return self.model_copy(update={"name": f"{self.name}+{training}", "training": training})

    def with_label_space(self, label_space: str) -> "ZooEntry":
        """Return the model with outputs for another label space."""
        if label_space == self.label_space:
            return self
        if is_own(label_space):
            return self.model_copy(update=_label_space(label_space))
        changed = {"label_space": label_space, "outputs": None, "classes_file": None}
        return self.model_copy(update=changed)

    def own_wnids(self) -> list[str] | None:
        """Return the wnids of its own label space, by class index; None for a known one.

        Raises:
            UserError: Its file does not list classes.
        """
        return read_class_list(Path(self.classes_file)) if self.classes_file else None

    def files(self) -> list[str]:
        """Return the local files that decide what it predicts."""
        code = [str(source_file(self.architecture))] if self.framework == "function" else []
        return [*filter(None, (self.weights_file, self.classes_file)), *code]

    def told(self) -> "Told":
        """Return what tells a command without the config what it is; `entry_told` reads it.

        That is the name of a model of the curated zoo, and all facts of others.
        """
        return self.name if self.is_curated else self.model_dump(mode="json", exclude_defaults=True)


Told = str | dict[str, Any]
"""A model as `ZooEntry.told` says it."""


def entry_told(told: str | Mapping[str, Any]) -> ZooEntry:
    """Return a model by its name, or by its facts if it is not of the curated zoo.

    Raises:
        UserError: No such model.
    """
    return zoo_entry(told) if isinstance(told, str) else ZooEntry.model_validate(told)


@cache
def load_zoo() -> dict[str, ZooEntry]:
    """Return the curated checkpoints by name, in the order of the data file."""
    text = (resources.files("wildframe") / "data" / "zoo.yaml").read_text(encoding="utf-8")
    found: dict[str, ZooEntry] = {}
    for entry in yaml.safe_load(text):
        name = entry["name"]
        found[name] = ZooEntry.model_validate(entry | {"checkpoint": name, "architecture": name})
    return found


NO_MODELS: Mapping[str, ModelSettings] = MappingProxyType({})


def zoo_entry(name: str, own: Mapping[str, ModelSettings] = NO_MODELS) -> ZooEntry:
    """Return a model by the name that a config calls it; see `ZooEntry`.

    The label space is the checkpoint's, even where a training changed it.

    Args:
        name: Name in a config.
        own: The config's own models, by name.

    Raises:
        UserError: No such model.
    """
    match = _NAME.fullmatch(name)
    if match is None:
        raise _no_such_model(name, own)
    checkpoint = match["checkpoint"]
    if checkpoint in own:
        try:
            entry = own_entry(checkpoint, own[checkpoint])
        except UserError as error:
            raise UserError(f"models.{checkpoint}: {error}") from error
    elif checkpoint in load_zoo():
        entry = load_zoo()[checkpoint]
    elif checkpoint.partition("/")[0] in PACKAGES and "/" in checkpoint:
        entry = _hub_entry(checkpoint)
    else:
        raise _no_such_model(name, own)
    return variant(entry, name)


def variant(entry: ZooEntry, name: str) -> ZooEntry:
    """Return a checkpoint in the size and with the training that a name of it says.

    Raises:
        UserError: It is not the name of a model, or the model does not take this size.
    """
    match = _NAME.fullmatch(name)
    if match is None or match["checkpoint"] != entry.checkpoint:
        raise UserError(f"{name}: not a name of {entry.checkpoint}; name the files of one model")
    size = int(match["size"]) if match["size"] else entry.input_size
    if not 64 <= size <= 1024:
        raise UserError(f"{name}: input sizes are 64 to 1024 px")
    if size != entry.input_size and entry.fixed_size:
        raise UserError(f"{name}: this architecture takes images of {entry.input_size} px only")
    return entry.model_copy(
        update={"name": name, "input_size": size, "training": match["training"]}
    )


def own_entry(name: str, settings: ModelSettings) -> ZooEntry:
    """Return a model of the config's own.

    Raises:
        UserError: The name is taken, a file is absent or something else, or the weights have
            another number of classes than the label space.
    """
    if name in load_zoo() or name in PACKAGES:
        raise UserError("this name is that of a model or hub that wildframe knows; choose another")
    changed: dict[str, Any] = settings.preprocessing() | {"name": name, "checkpoint": name}
    if settings.checkpoint:
        if not Path(settings.checkpoint).is_file():
            raise UserError(f"{settings.checkpoint}: no such file; correct checkpoint")
        changed["weights_file"] = settings.checkpoint
    if settings.label_space:
        changed |= _label_space(settings.label_space)
    if settings.function:
        source_file(settings.function)
        plain = {"framework": "function", "mean": (0, 0, 0), "std": (1, 1, 1)}
        return _validated(plain | {"architecture": settings.function} | changed)
    assert settings.architecture is not None  # noqa: S101
    return _hub_entry(settings.architecture, changed)


def _label_space(named: str) -> dict[str, Any]:
    """Return the fields that a label space decides: a known one, or a CSV file."""
    if named in SPACES:
        return {"label_space": named, "outputs": len(class_wnids(named))}
    path = Path(named)
    wnids = read_class_list(path)
    return {"label_space": path.stem, "outputs": len(wnids), "classes_file": named}


def _hub_entry(reference: str, changed: Mapping[str, Any] = MappingProxyType({})) -> ZooEntry:
    """Return a model of a hub, changed by what a config says of it.

    Raises:
        UserError: There is no such model, or it lacks what the config does not say either.
    """
    if reference.partition("/")[0] not in PACKAGES or not _NAME.fullmatch(reference):
        raise UserError(f"{reference}: not a reference; write timm/<name>, torchvision/<name> ...")
    facts = reference_facts(reference, changed.get("outputs"))
    if "label_space" not in changed and facts.classes not in _SPACE_OF_CLASSES:
        raise UserError(
            f"{reference}: its {facts.classes} classes are not a label space that wildframe knows; "
            "name it under models in the config, with a label_space: a CSV file of index,wnid"
        )
    if "weights_file" not in changed:
        if not facts.has_weights:
            raise UserError(
                f"{reference}: its hub has no weights of it; name a checkpoint under models in the "
                "config"
            )
        is_made_of_names = reference.startswith("open_clip/")
        outputs = changed.get("outputs", facts.classes)
        if outputs != facts.classes and not is_made_of_names:
            raise UserError(
                f"{reference}: its weights have {facts.classes} outputs, the label space "
                f"{changed['label_space']} has {outputs} classes; name its own label space, or a "
                "checkpoint"
            )
    size = changed.get("input_size", facts.input_size)
    if facts.fixed_size and size != facts.input_size:
        raise UserError(f"{reference}: it takes images of {facts.input_size} px only, not {size}")
    fields = {
        **facts.model_dump(exclude={"has_weights", "classes"}),
        "name": reference,
        "checkpoint": reference,
        "framework": reference.partition("/")[0],
        "label_space": _SPACE_OF_CLASSES.get(facts.classes),
        **changed,
    }
    if fields["crop_pct"] > 1:
        raise UserError(
            f"{reference}: its crop_pct is {fields['crop_pct']}: it is shown images with a border, "
            "which wildframe does not make; set a crop_pct of at most 1 under models in the config"
        )
    return _validated(fields)


def _validated(fields: Mapping[str, Any]) -> ZooEntry:
    try:
        return ZooEntry.model_validate(fields)
    except ValidationError as error:
        fault = error.errors()[0]
        raise UserError(
            f"{fields['name']}: {fault['loc'][0]} is {fault['input']}, which wildframe does not "
            "know; set it under models in the config"
        ) from error


def _no_such_model(name: str, own: Mapping[str, ModelSettings]) -> UserError:
    close = get_close_matches(name, [*own, *load_zoo()], n=1, cutoff=0.8)
    meant = f"; did you mean {close[0]}?" if close else ""
    return UserError(
        f"{name}: no such model; `wildframe models list` shows the zoo, and timm/<name> is any "
        f"model of timm{meant}"
    )
