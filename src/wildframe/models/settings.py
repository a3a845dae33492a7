"""Settings of models of the user's own: ``models`` in the config."""

import json
import re
from collections.abc import Iterable
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, field_validator, model_validator

from wildframe.core.errors import UserError
from wildframe.core.strict import HomePath, Strict, message_of
from wildframe.models.references import Triple

_FUNCTION = r"^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*$"


class ModelSettings(Strict):
    """A model of the user's own; what is left out is that of the architecture."""

    architecture: str | None = Field(
        None, description="Reference such as timm/resnet18, torchvision/resnet50"
    )
    checkpoint: HomePath | None = Field(
        None,
        description="File of its weights: .safetensors, .pth or .pt; the hub's if left out",
    )
    function: str | None = Field(
        None,
        pattern=_FUNCTION,
        description="module:function instead: maps images, a float tensor of shape (n, 3, height, "
        "width), RGB in [0, 1] unless mean and std are given, to logits of shape (n, classes)",
    )
    label_space: HomePath | None = Field(
        None,
        description="in1k, in21k, in22k, vid30, coco80, or a CSV file with the columns index,wnid "
        "or name,wnids",
    )
    input_size: int | None = Field(None, ge=64, le=1024, description="Pixels of the square input")
    crop_pct: float | None = Field(
        None, gt=0, le=1, description="Input size / resized shorter side"
    )
    crop_mode: Literal["center", "squash"] | None = Field(
        None, description="center: the shorter side is resized; squash: both are"
    )
    interpolation: Literal["bilinear", "bicubic"] | None = None
    channels: Literal["rgb", "bgr"] | None = Field(None, description="Order of the channels")
    mean: Triple | None = Field(None, description="Subtracted from the channels in [0, 1]")
    std: Triple | None = Field(None, description="What the channels are divided by then")

    @field_validator("function", mode="before")
    @classmethod
    def _is_in_a_module(cls, name: Any) -> Any:
        if isinstance(name, str) and not re.fullmatch(_FUNCTION, name):
            raise ValueError(f"{name!r}: write module:function, such as my_models:predict")
        return name

    @model_validator(mode="after")
    def _is_one_kind(self) -> "ModelSettings":
        if (self.architecture is None) == (self.function is None):
            raise ValueError("give either architecture or function")
        if self.function and self.checkpoint:
            raise ValueError("checkpoint: a function reads its weights itself; leave it out")
        if self.function and self.label_space is None:
            raise ValueError("label_space: name that of the function's logits")
        return self

    def preprocessing(self) -> dict[str, Any]:
        """Return what is said of the input, by field of `ZooEntry`."""
        others = {"architecture", "checkpoint", "function", "label_space"}
        return self.model_dump(exclude=others, exclude_none=True)

    def options(self) -> list[str]:
        """Return the settings as options of ``wildframe models prepare``."""
        given = self.model_dump(mode="json", exclude_none=True)
        return [f"--set={name}={_as_text(value)}" for name, value in given.items()]


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def parse_settings(options: Iterable[str]) -> ModelSettings:
    """Return settings from texts ``<setting>=<value>``; a list of numbers is JSON.

    Raises:
        UserError: A setting is unknown or malformed.
    """
    given: dict[str, Any] = {}
    for text in options:
        name, _, value = text.partition("=")
        try:
            given[name] = json.loads(value) if name in ("mean", "std") else value
        except ValueError as error:
            raise UserError(f"--set {text}: write a list such as {name}=[0.5,0.5,0.5]") from error
    try:
        return ModelSettings.model_validate(given)
    except ValidationError as error:
        fault = error.errors()[0]
        place = "".join(f"{part}: " for part in fault["loc"][:1])
        raise UserError(f"--set {place}{message_of(fault)}") from error


def source_file(function: str) -> Path:
    """Return the file of the module of a function; nothing of the user's is imported.

    Args:
        function: ``module:function``.

    Raises:
        UserError: There is no such module.
    """
    module = function.partition(":")[0]
    if module.endswith(".py"):
        raise UserError(f"{function}: a module is named without .py; write {module[:-3]}")
    own = Path(*module.split("."))
    for path in (own.with_suffix(".py"), own / "__init__.py"):
        if path.is_file():
            return path
    top, *others = module.split(".")
    spec = find_spec(top)
    origin = Path(spec.origin) if spec and spec.origin else None
    if origin and others:
        below = origin.parent.joinpath(*others)
        found = (below.with_suffix(".py"), below / "__init__.py")
        origin = next((path for path in found if path.is_file()), None)
    if origin is None or not origin.is_file():
        raise UserError(
            f"{function}: no such module; put {own.with_suffix('.py')} into the folder that the "
            "workflow is started in, or install it"
        )
    return origin
