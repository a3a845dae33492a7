"""Local checkpoints: the tensors of a weights file of the user's own, whoever saved it."""

import argparse
import pickle
import re
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wildframe.core.errors import UserError
from wildframe.core.files import require_file

if TYPE_CHECKING:
    import torch

    from wildframe.models.frameworks.base import StateDict

_WRAPPERS = ("state_dict_ema", "model_ema", "state_dict", "model", "model_state")
"""Keys under which training scripts save the weights, first averaged ones, as timm takes them."""
_PREFIXES = re.compile(r"^(module\.|_orig_mod\.)+")
"""Of DataParallel and of torch.compile."""
_AVERAGED = "n_averaged"
"""What torch's AveragedModel counts beside the weights."""

CORRECT = "correct one of the two"
"""Remedy where a checkpoint, or the model that it is named for, is the user's choice."""

_UNSOUND = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    LookupError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
)
"""What reading a damaged zip may raise."""


def read_checkpoint(path: Path) -> "tuple[str, StateDict]":
    """Return the name of a checkpoint with the key that its weights lie under, and its tensors.

    Nothing in the file is run: of a pickle only tensors and plain values are read.

    Args:
        path: ``.safetensors``, or a file of ``torch.save``.

    Raises:
        UserError: The file is absent, unsound or holds something else, or tensors of another kind.
    """
    require_file(path, "correct checkpoint")
    content = _safetensors(path) if path.suffix == ".safetensors" else _pickle(path)
    places = {str(path): content}
    if isinstance(content, Mapping):
        wrapped = {f"{path} ({key})": content.get(key) for key in _WRAPPERS}
        places = {**wrapped, **places}
    for place, state in places.items():
        if _is_state(state):
            _require_plain(place, state)
            state.pop(_AVERAGED, None)
            return place, {_PREFIXES.sub("", key): value for key, value in state.items()}
    raise UserError(
        f"{path}: holds no weights: tensors by name, alone or under {', '.join(_WRAPPERS)}; "
        "save model.state_dict()"
    )


def _is_state(content: Any) -> bool:
    """Tell whether this is tensors by name, at least one."""
    import torch

    return (
        isinstance(content, Mapping)
        and bool(content)
        and all(isinstance(key, str) for key in content)
        and all(isinstance(value, torch.Tensor) for value in content.values())
    )


def _require_plain(place: str, state: "Mapping[str, torch.Tensor]") -> None:
    """Raise a `UserError` for a tensor that is no plain array of real numbers."""
    import torch

    for key, value in state.items():
        kinds = {
            "nested": value.is_nested,
            "sparse": value.layout != torch.strided,
            "quantized": value.is_quantized,
            "complex": value.is_complex(),
            "without its values": value.is_meta,
        }
        if kind := next((kind for kind, is_so in kinds.items() if is_so), None):
            raise UserError(f"{place}: {key} is {kind}; save the weights as plain float tensors")


def _safetensors(path: Path) -> Any:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(path)
    except SafetensorError as error:
        raise UserError(f"{path}: not a sound safetensors file ({error}); save it again") from error


def _pickle(path: Path) -> Any:
    import torch

    _require_undamaged(path)
    try:
        # timm's training script saves its arguments beside the weights: names and plain values.
        with torch.serialization.safe_globals([argparse.Namespace]):
            return torch.load(path, map_location="cpu", weights_only=True)
    except (RuntimeError, EOFError, ValueError, KeyError, pickle.UnpicklingError) as error:
        if isinstance(error, pickle.UnpicklingError) and _is_pickle(path):
            raise UserError(
                f"{path}: refused: it holds more than weights, and such a pickle can run any code; "
                "save model.state_dict() alone, or as safetensors"
            ) from error
        raise UserError(f"{path}: not a sound file of torch.save; save it again") from error


def _require_undamaged(path: Path) -> None:
    """Raise a `UserError` for a zip whose checksums torch would not look at (0.03 s of 100 MB)."""
    try:
        if not zipfile.is_zipfile(path):  # as files of torch before 1.6
            return
        with zipfile.ZipFile(path) as archive:
            damaged = archive.testzip()
    except _UNSOUND as error:
        raise UserError(f"{path}: not a sound file of torch.save; save it again") from error
    if damaged:
        raise UserError(f"{path}: damaged at {damaged}: its checksum is another; save it again")


def _is_pickle(path: Path) -> bool:
    """Tell whether a file begins as one of torch.save, in a zip or not; a web page does not."""
    with path.open("rb") as file:
        return file.read(2).startswith((b"PK", b"\x80"))


def with_counters(
    state: "Mapping[str, torch.Tensor]", wanted: "Mapping[str, torch.Tensor]"
) -> "StateDict":
    """Return a checkpoint with the counters of batches that older ones lack, as torch starts them.

    Only an average without momentum reads them.
    """
    import torch

    counters = {key: torch.tensor(0) for key in wanted if key.endswith("num_batches_tracked")}
    return {**counters, **state}


def require_fit(
    state: "Mapping[str, torch.Tensor]",
    wanted: "Mapping[str, torch.Tensor]",
    place: str,
    fits: str,
    remedy: str = CORRECT,
) -> None:
    """Raise a `UserError` if a checkpoint lacks a tensor, has another, or one of another shape.

    Args:
        state: Tensors of the checkpoint.
        wanted: Those of the architecture with the classes of the label space.
        place: Name of the checkpoint, for the message.
        fits: What it does not fit, for the message.
        remedy: Completes the message.
    """
    faults = {
        "is missing": sorted(wanted.keys() - state.keys()),
        "is unexpected": sorted(state.keys() - wanted.keys()),
        "has another shape": sorted(
            key for key in wanted.keys() & state.keys() if wanted[key].shape != state[key].shape
        ),
    }
    told = [
        f"{keys[0]} {fault}" + (f" (first of {len(keys)})" if len(keys) > 1 else "")
        for fault, keys in faults.items()
        if keys
    ]
    if told:
        raise UserError(f"{place} does not fit {fits}: {', '.join(told)}; {remedy}")


def is_finite(tensor: "torch.Tensor") -> bool:
    """Tell whether no value is NaN or infinite; torch's own isfinite takes 20 times as long."""
    return not tensor.numel() or all(value.isfinite() for value in tensor.float().aminmax())


def head_sizes(
    state: "Mapping[str, torch.Tensor]", wanted: "Mapping[str, torch.Tensor]"
) -> tuple[int, int] | None:
    """Return the outputs of a checkpoint and those wanted, where nothing else is different."""
    state = with_counters(state, wanted)
    if state.keys() != wanted.keys():
        return None
    shapes = [(tuple(state[key].shape), tuple(wanted[key].shape)) for key in wanted]
    heads = [(given, own) for given, own in shapes if given != own]
    if not heads or not all(given and own and given[1:] == own[1:] for given, own in heads):
        return None
    sizes = {(given[0], own[0]) for given, own in heads}
    return sizes.pop() if len(sizes) == 1 else None
