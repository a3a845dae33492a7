"""Zero-shot classifiers of OpenCLIP: an image encoder, and a head made of the names of classes."""

from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from wildframe.core.errors import UserError
from wildframe.labels.spaces import class_names, class_wnids
from wildframe.models.device import choose_device
from wildframe.models.frameworks.base import Hub, count_params
from wildframe.models.hub import not_fetched
from wildframe.models.references import Facts, no_such_model

if TYPE_CHECKING:
    import torch

    from wildframe.models.frameworks.base import StateDict
    from wildframe.models.zoo import ZooEntry

_IN1K = 1000


class OpenClip(Hub):
    """Any pretrained model of OpenCLIP, named ``<architecture>/<pretrained>``.

    The head is computed once, with the weights: of each class the mean embedding of its name in
    OpenAI's 80 templates (Radford et al., 2021, section 3.1.4). Those of ImageNet-1K are as in
    OpenCLIP's own evaluation, others are called as in `class_names`.
    """

    def build(self, architecture: str, outputs: int | None = None) -> "torch.nn.Module":
        """Return an image encoder with an empty head; see `Framework.build`."""
        clip = _create(architecture, fetched=False)
        return _classifier(architecture, clip, _IN1K if outputs is None else outputs)

    def weights(self, entry: "ZooEntry") -> "StateDict":
        """Return the weights of the image encoder, and the head of the entry's classes.

        Raises:
            UserError: The weights cannot be fetched, or a package is missing.
        """
        import open_clip
        import torch

        try:
            open_clip.download_pretrained(
                open_clip.get_pretrained_cfg(*entry.architecture.split("/"))
            )
        except (OSError, RuntimeError) as error:  # RuntimeError: sha256
            raise not_fetched(entry.name, self.cache_variable, error) from error
        clip = _create(entry.architecture, fetched=True).eval()
        names: Sequence[str] = open_clip.IMAGENET_CLASSNAMES
        if entry.label_space != "in1k":
            known = dict(zip(class_wnids("in1k"), names, strict=True))
            names = class_names(entry.classes_file or entry.label_space, known)
        # 80 texts a class: hours on a CPU, a minute on a GPU.
        device = choose_device("auto")
        head = open_clip.build_zero_shot_classifier(
            clip.to(device),
            open_clip.get_tokenizer(entry.architecture.partition("/")[0]),
            names,
            open_clip.OPENAI_IMAGENET_TEMPLATES,
            device=device,
        )
        model: Any = _classifier(entry.architecture, clip, len(names))
        with torch.no_grad():
            model.head.weight.copy_(clip.logit_scale.exp() * head.T)
        state: StateDict = model.state_dict()
        return state

    def cached(self, architecture: str) -> str | None:
        """Say that the hub's cache has the weights, or return None."""
        import open_clip
        from huggingface_hub import try_to_load_from_cache

        repository = open_clip.get_pretrained_cfg(*architecture.split("/")).get("hf_hub", "")
        for file in ("open_clip_model.safetensors", "open_clip_pytorch_model.bin"):
            if isinstance(try_to_load_from_cache(repository.rstrip("/"), file), str):
                return "in the hub's cache"
        return None

    def facts(self, name: str, outputs: int | None = None) -> Facts:
        """Return the facts of a pretrained model; ``params`` are those of image encoder and head.

        Raises:
            UserError: There is no such model, it resizes images in another way, or a package is
                missing.
        """
        import open_clip
        import torch

        known = ["/".join(pair) for pair in open_clip.list_pretrained()]
        if name not in known:
            raise no_such_model("open_clip", name, known)
        architecture, _, pretrained = name.partition("/")
        shown = open_clip.get_pretrained_cfg(architecture, pretrained)
        size = open_clip.get_model_config(architecture)["vision_cfg"]["image_size"]
        modes = {"shortest": "center", "squash": "squash"}
        if not isinstance(size, int) or shown["resize_mode"] not in modes:
            raise UserError(
                f"open_clip/{name}: it shows images of {size} px, resized by "
                f"{shown['resize_mode']}; choose a model of square images, shortest or squash"
            )
        with torch.device("meta"):
            params = count_params(self.build(name, outputs))
        return Facts(
            architecture=name,
            has_weights=True,
            classes=_IN1K,
            params=params,
            input_size=size,
            crop_pct=1,
            crop_mode=modes[shown["resize_mode"]],
            interpolation=shown["interpolation"],
            mean=tuple(shown["mean"]),
            std=tuple(shown["std"]),
            fixed_size=True,
        )


def _create(name: str, *, fetched: bool) -> Any:
    """Return a model of OpenCLIP, with its weights or with random ones."""
    import open_clip
    import torch

    architecture, _, pretrained = name.partition("/")
    text = open_clip.get_model_config(architecture)["text_cfg"]
    if any(key.startswith("hf_") for key in text) and find_spec("transformers") is None:
        raise UserError(
            f"open_clip/{name}: its texts are read by the package transformers, which is not "
            "installed; `pip install transformers`"
        )
    try:
        return open_clip.create_model(
            architecture,
            pretrained=pretrained if fetched else None,
            pretrained_text=False,
            # OpenCLIP only warns where weights were trained with the other activation.
            force_quick_gelu=open_clip.get_pretrained_cfg(architecture, pretrained).get(
                "quick_gelu", False
            ),
            # By default it moves the model to the CPU, which "meta" cannot.
            device=torch.get_default_device(),
        )
    except OSError as error:  # of transformers, which fetches what a text encoder is
        raise not_fetched(f"open_clip/{name}", OpenClip.cache_variable, error) from error


def _classifier(name: str, clip: Any, outputs: int) -> "torch.nn.Module":
    """Return a module of image encoder and head: logits are scaled cosine similarities."""
    import open_clip
    import torch

    width = open_clip.get_model_config(name.partition("/")[0])["embed_dim"]

    class ZeroShotClassifier(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.encoder = clip.visual
            self.head = torch.nn.Linear(width, outputs, bias=False)

        def forward(self, images: torch.Tensor) -> torch.Tensor:
            features = self.encoder(images)
            # Those of CoCa return their tokens, too.
            pooled = features[0] if isinstance(features, tuple) else features
            logits: torch.Tensor = self.head(torch.nn.functional.normalize(pooled, dim=-1))
            return logits

    return ZeroShotClassifier()
