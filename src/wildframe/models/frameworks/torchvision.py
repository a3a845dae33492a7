"""Classifiers of torchvision."""

import math
import re
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, ClassVar

from wildframe.core.errors import UserError
from wildframe.core.imports import import_uncompiled
from wildframe.models.frameworks.base import Hub, count_params
from wildframe.models.hub import torchvision_file, torchvision_weights
from wildframe.models.references import Facts, no_such_model

if TYPE_CHECKING:
    import torch

    from wildframe.models.frameworks.base import StateDict
    from wildframe.models.zoo import ZooEntry

_LAYERS = {
    "alexnet": "features",
    "convnext": "features",
    "densenet": "features",
    "efficientnet": "features",
    "googlenet": "inception5b",
    "inception": "Mixed_7c",
    "mnasnet": "layers",
    "mobilenet": "features",
    "regnet": "trunk_output",
    "resnet": "layer4",
    "resnext": "layer4",
    "shufflenet": "conv5",
    "squeezenet": "features",
    "vgg": "features",
    "wide_resnet": "layer4",
}
"""Last layer with positions in the image, channels first, by the family that begins a name."""

_TRANSFORM_INPUT = ("googlenet", "inception_v3")
"""Their weights expect the normalization of TensorFlow, to which the architecture converts."""

_DENSE_LAYER = re.compile(r"(denselayer\d+\.(?:norm|conv))\.([12]\.)")
"""Names of torch 0.4 in the files of DenseNets, which torchvision renames as it loads them."""


class Torchvision(Hub):
    """Any classifier of torchvision; facts are those of its weights.

    A name may end in that of its weights (``resnet50.IMAGENET1K_V2``); by default they are those
    that torchvision calls DEFAULT.
    """

    cache_variable: ClassVar[str] = "TORCH_HOME"

    def build(self, architecture: str, outputs: int | None = None) -> "torch.nn.Module":
        """Return an architecture, a ViT of its weights' size; see `Framework.build`."""
        import torch

        torchvision = import_uncompiled("torchvision")
        name = architecture.partition(".")[0]
        options: dict[str, Any] = {} if outputs is None else {"num_classes": outputs}
        if name in _TRANSFORM_INPUT:
            options |= {"transform_input": True, "init_weights": True}
        if name.startswith("vit_"):  # a weight for each part of an image
            (options["image_size"],) = _weights(architecture).transforms().crop_size
        # RegNets read their widths out of tensors, which the device meta does not have.
        with torch.device("cpu") if name.startswith("regnet") else nullcontext():
            model: torch.nn.Module = torchvision.models.get_model(name, weights=None, **options)
        return model

    def weights(self, entry: "ZooEntry") -> "StateDict":
        """Return weights of torchvision's hub; errors as in `hub.torchvision_weights`."""
        state = torchvision_weights(entry.name, _weights(entry.architecture).url)
        if entry.architecture.startswith("densenet"):
            return {_DENSE_LAYER.sub(r"\1\2", key): value for key, value in state.items()}
        return state

    def cached(self, architecture: str) -> str | None:
        """Return the file of fetched weights, or None."""
        file = torchvision_file(_weights(architecture).url)
        return str(file) if file.is_file() else None

    def address(self, architecture: str) -> str:
        """Return the address of the file of weights."""
        return str(_weights(architecture).url)

    def facts(self, name: str, outputs: int | None = None) -> Facts:
        """Return the facts of a classifier, with or without the name of its weights.

        Raises:
            UserError: There is no such classifier, or no such weights of it, or they have no head.
        """
        import torch

        torchvision = import_uncompiled("torchvision")
        architecture = name.partition(".")[0]
        classifiers = torchvision.models.list_models(module=torchvision.models)
        if architecture not in classifiers:
            raise no_such_model("torchvision", name, classifiers)
        try:
            weights = _weights(name)
        except KeyError as error:
            known = torchvision.models.get_model_weights(architecture)
            raise no_such_model(
                "torchvision", name, [f"{architecture}.{one.name}" for one in known]
            ) from error
        if weights.meta["categories"] is None:
            raise UserError(f"torchvision/{name}: its weights classify nothing; choose others")
        shown = weights.transforms()
        with torch.device("meta"):
            params = count_params(self.build(name, outputs))
        (size,), (resize,) = shown.crop_size, shown.resize_size
        return Facts(
            architecture=f"{architecture}.{weights.name}",
            has_weights=True,
            classes=len(weights.meta["categories"]),
            params=params,
            input_size=size,
            crop_pct=crop_pct(size, resize),
            crop_mode="center",
            interpolation=shown.interpolation.value,
            mean=tuple(shown.mean),
            std=tuple(shown.std),
            fixed_size=architecture.startswith(("vit_", "maxvit_")),
            gradcam_layer=next(
                (layer for family, layer in _LAYERS.items() if architecture.startswith(family)),
                None,
            ),
        )


def _weights(name: str) -> Any:
    """Return torchvision's entry of weights; a KeyError if it has none of that name."""
    torchvision = import_uncompiled("torchvision")
    architecture, _, chosen = name.partition(".")
    return torchvision.models.get_model_weights(architecture)[chosen or "DEFAULT"]


def crop_pct(crop: int, resize: int) -> float:
    """Return timm's ``crop_pct`` for a crop of a shorter side of ``resize`` pixels.

    Rounding may bring the quotient above that which timm's rule resizes to the same side.
    """
    share = crop / resize
    return share if math.floor(crop / share) == resize else math.nextafter(share, 0)
