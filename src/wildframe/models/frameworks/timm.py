"""Models of timm."""

import math
from typing import TYPE_CHECKING, Any

from wildframe.core.errors import UserError
from wildframe.core.imports import import_uncompiled
from wildframe.models.frameworks.base import Hub, count_params
from wildframe.models.hub import timm_weights
from wildframe.models.references import Facts, no_such_model

if TYPE_CHECKING:
    import torch

    from wildframe.models.frameworks.base import StateDict
    from wildframe.models.zoo import ZooEntry


class Timm(Hub):
    """Any model of timm; facts are those of its ``pretrained_cfg``."""

    def build(self, architecture: str, outputs: int | None = None) -> "torch.nn.Module":
        """Return an architecture; see `Framework.build`."""
        timm = import_uncompiled("timm")
        head: dict[str, Any] = {} if outputs is None else {"num_classes": outputs}
        model: torch.nn.Module = timm.create_model(architecture, pretrained=False, **head)
        return model

    def weights(self, entry: "ZooEntry") -> "StateDict":
        """Return the weights of timm's hub; errors as in `hub.timm_weights`."""
        return timm_weights(entry.name, entry.architecture)

    def cached(self, architecture: str) -> str | None:
        """Say that the hub's cache has the weights, or return None."""
        from huggingface_hub import try_to_load_from_cache

        timm = import_uncompiled("timm")
        config = timm.get_pretrained_cfg(architecture)
        repository = config.hf_hub_id if config else None
        found = repository and try_to_load_from_cache(repository, "model.safetensors")
        return "in the hub's cache" if isinstance(found, str) else None

    def facts(self, name: str, outputs: int | None = None) -> Facts:
        """Return the facts of a model with or without its tag, which is then timm's default.

        Raises:
            UserError: There is no such model, or its images are not square.
        """
        import torch

        timm = import_uncompiled("timm")
        architecture, _, tag = name.partition(".")
        tagged = timm.list_models(pretrained=True)
        if not timm.is_model(architecture) or (tag and name not in tagged):
            raise no_such_model("timm", name, [*tagged, *timm.list_models()])
        config: Any = timm.get_pretrained_cfg(name)
        channels, height, width = config.input_size
        if channels != 3 or height != width:
            raise UserError(
                f"timm/{name}: it takes images of {channels} x {height} x {width}, wildframe shows "
                "square ones of three channels; choose another model"
            )
        has_weights = bool(config.hf_hub_id)
        with torch.device("meta"):
            model = self.build(name, outputs).eval()
            layer = gradcam_layer(model, height)
        return Facts(
            architecture=f"{architecture}.{config.tag}" if has_weights else architecture,
            has_weights=has_weights,
            classes=config.num_classes,
            params=count_params(model),
            input_size=height,
            crop_pct=config.crop_pct,
            crop_mode=config.crop_mode,
            interpolation=config.interpolation,
            mean=config.mean,
            std=config.std,
            fixed_size=config.fixed_input_size,
            gradcam_layer=layer,
        )


def gradcam_layer(model: Any, size: int) -> str | None:
    """Return the last layer of timm's ``feature_info``, if its output has positions in the image.

    In a ViT that predicts from its class token it is the last block's norm1: after that block's
    attention the others do not count.

    Args:
        model: A model of timm, on the device ``meta``.
        size: Pixels of its input.
    """
    import torch

    listed = getattr(model, "feature_info", None) or ()
    last = listed[-1] if isinstance(listed, list | tuple) and listed else {}
    if (layer := last.get("module")) is None:
        return None
    if getattr(model, "global_pool", None) == "token":
        layer += ".norm1"
    shapes: list[tuple[int, ...]] = []
    try:
        hook = model.get_submodule(layer).register_forward_hook(
            lambda _layer, _inputs, output: shapes.append(tuple(getattr(output, "shape", ())))
        )
        with torch.inference_mode():
            model(torch.zeros(1, 3, size, size))
        hook.remove()
    except (AttributeError, RuntimeError, NotImplementedError):
        return None
    shape = shapes[0] if len(shapes) == 1 else ()
    if len(shape) == 4:
        channels = shape[1 if getattr(model, "output_fmt", "NCHW") == "NCHW" else 3]
        return layer if channels == last["num_chs"] else None
    prefix = getattr(model, "num_prefix_tokens", None)
    grid = getattr(getattr(model, "patch_embed", None), "grid_size", None)
    if len(shape) != 3 or prefix is None or grid is None:
        return None
    # CaiT's class token enters after the last block.
    return layer if shape[1] == math.prod(grid) + prefix else None
