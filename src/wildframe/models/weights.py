"""Weights as an artifact: one safetensors file a model, whatever they came from."""

import hashlib
import json
import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wildframe.core.errors import UserError
from wildframe.core.files import atomic_path, require_file
from wildframe.models.packages import LAYOUTS, read_package_file
from wildframe.models.zoo import ZooEntry

if TYPE_CHECKING:
    import torch


def build(entry: ZooEntry) -> "torch.nn.Module":
    """Return the architecture of a zoo entry, its weights not yet loaded."""
    if entry.framework == "torchvision":
        import torchvision

        model: torch.nn.Module = torchvision.models.get_model(entry.architecture, weights=None)
    else:
        import timm

        model = timm.create_model(entry.architecture, pretrained=False)
    return model


def prepare(entry: ZooEntry, output: Path) -> None:
    """Write the weights of a zoo entry as safetensors, in the architecture's own keys.

    Raises:
        UserError: The weights cannot be had, or are not those of the entry.
    """
    if entry.package is None:
        state, source = _from_hub(entry)
    else:
        content = read_package_file(entry.package)
        source = f"{entry.package.name}=={entry.package.version}/{entry.package.file}"
        state = LAYOUTS[entry.package.layout](content, build(entry).state_dict())
    model = _load(entry, state, source)
    params = sum(parameter.numel() for parameter in model.parameters())
    if params != entry.params:
        raise UserError(
            f"{entry.name}: {source} has {params} parameters, the zoo says {entry.params}; "
            "this is another checkpoint"
        )
    save(model, {"model": entry.name, "source": source, "params": params}, output)


def save(model: "torch.nn.Module", facts: dict[str, Any], output: Path) -> None:
    """Write a model's weights as safetensors, in the architecture's own keys.

    Args:
        model: The model.
        facts: Where the weights come from.
        output: File to write.
    """
    from safetensors.torch import save as serialize

    contiguous = {key: value.cpu().contiguous() for key, value in model.state_dict().items()}
    with atomic_path(output) as temporary:
        # One key: safetensors does not keep the order of several, and the bytes should not change.
        # Its own files would be for their owner only.
        content = serialize(contiguous, {"wildframe": json.dumps(facts, sort_keys=True)})
        temporary.write_bytes(content)


def load(entry: ZooEntry, weights: Path) -> "torch.nn.Module":
    """Return the model of a zoo entry with the weights that `save` wrote, in evaluation mode."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    require_file(weights, f"make it with `wildframe models prepare {entry.name}`")
    try:
        state = load_file(weights)
    except SafetensorError as error:
        raise UserError(f"{weights}: not a sound weights file; delete it and rerun") from error
    return _load(entry, state, str(weights))


def sha256_tensors(model: "torch.nn.Module") -> str:
    """Return a hash of a model's weights that does not depend on the file format."""
    digest = hashlib.sha256()
    for key, value in sorted(model.state_dict().items()):
        digest.update(key.encode())
        digest.update(value.cpu().numpy().tobytes())
    return digest.hexdigest()


def _load(entry: ZooEntry, state: dict[str, Any], source: str) -> "torch.nn.Module":
    model = build(entry)
    wanted = {key: value.shape for key, value in model.state_dict().items()}
    given = {key: value.shape for key, value in state.items()}
    if wanted != given:
        wrong = sorted(set(wanted.items()) ^ set(given.items()))
        raise UserError(
            f"{entry.name}: {source} does not fit {entry.architecture} "
            f"({len(wrong)} tensors differ in name or shape, first {wrong[0][0]}); "
            "delete it and rerun"
        )
    model.load_state_dict(state, strict=True)
    return model.eval()


def _from_hub(entry: ZooEntry) -> tuple[dict[str, Any], str]:
    import timm

    # It tells every retry; the one sentence below is enough.
    logging.getLogger("huggingface_hub").setLevel(logging.CRITICAL)
    try:
        model = timm.create_model(entry.architecture, pretrained=True)
    except Exception as error:  # the hub's client has no common base class of its errors
        raise UserError(
            f"{entry.name}: its weights are on the model hub and could not be fetched "
            f"({type(error).__name__}); run the workflow once on a machine with network "
            "and share its hub cache (HF_HOME), or take models whose source "
            "is package (`wildframe models list`)"
        ) from error
    return model.state_dict(), f"timm hub: {entry.architecture}"
