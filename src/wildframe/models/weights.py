"""Weights as an artifact: one safetensors file a model, whatever their origin."""

import hashlib
import json
import mmap
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wildframe.core.errors import UserError
from wildframe.core.files import atomic_path, require_file
from wildframe.core.own_csv import is_wnid
from wildframe.core.seals import sealed, unsealed
from wildframe.labels.spaces import class_wnids, require_synsets
from wildframe.models.checkpoints import (
    CORRECT,
    head_sizes,
    is_finite,
    read_checkpoint,
    require_fit,
    with_counters,
)
from wildframe.models.frameworks import FRAMEWORKS
from wildframe.models.frameworks.base import count_params
from wildframe.models.packages import LAYOUTS, read_package_file
from wildframe.models.zoo import ZooEntry, entry_told, variant, zoo_entry

if TYPE_CHECKING:
    import torch

_TENSORS, _METADATA = "tensors_sha256", "__metadata__"
_SIZE = 8
"""Bytes of the first number of a safetensors file, the length of its header; and its alignment."""


def build(entry: ZooEntry, outputs: int | None = None) -> "torch.nn.Module":
    """Return the architecture of an entry without its weights, by default with its own head."""
    framework = FRAMEWORKS[entry.framework]
    return framework.build(entry.architecture, entry.outputs if outputs is None else outputs)


def prepare(entry: ZooEntry, output: Path) -> None:
    """Write the weights of an entry as safetensors, in the architecture's own keys.

    The metadata hold `entry_facts`: from then on the file alone says what the model is.

    Raises:
        UserError: The weights are not available, or are not those of the entry.
    """
    if wnids := entry.own_wnids():
        require_synsets(Path(str(entry.classes_file)), filter(is_wnid, wnids))
    source, state = _origin(entry)
    model = load_state(build(entry), state, f"{entry.name}: {source}", _told(entry))
    del state  # the model has copies
    params = count_params(model)
    if entry.is_curated:
        require_params(model, entry.params, f"{entry.name}: {source}")
    save(model, entry_facts(entry) | {"source": source, "params": params}, output)


def entry_facts(entry: ZooEntry) -> dict[str, Any]:
    """Return what weights say of a model: its entry if not curated, and classes of its own.

    Raises:
        UserError: The file of its label space does not list classes.
    """
    facts: dict[str, Any] = {"model": entry.name}
    if not entry.is_curated:
        facts["entry"] = entry.told()
    if wnids := entry.own_wnids():
        facts["wnids"] = " ".join(wnids)
    return facts


def _origin(entry: ZooEntry) -> "tuple[str, dict[str, torch.Tensor]]":
    """Return where the weights of an entry come from, in words, and the weights."""
    if entry.package:
        content = read_package_file(entry.package)
        source = f"{entry.package.name}=={entry.package.version}/{entry.package.file}"
        return source, LAYOUTS[entry.package.layout](content, build(entry).state_dict())
    if entry.weights_file:
        place, state = read_checkpoint(Path(entry.weights_file))
        _require_own_classes(entry, state)
        return place, state
    kind = "" if entry.framework == "function" else " hub"
    source = f"{entry.framework}{kind}: {entry.architecture}"
    return source, FRAMEWORKS[entry.framework].weights(entry)


def _require_own_classes(entry: ZooEntry, state: "Mapping[str, torch.Tensor]") -> None:
    import torch

    with torch.device("meta"):
        model = build(entry)
    if sizes := head_sizes(state, model.state_dict()):
        given, classes = sizes
        raise UserError(
            f"{entry.name}: {entry.weights_file} has {given} outputs, the label space "
            f"{entry.label_space} {classes} classes; name its label_space: a CSV file of index,wnid"
        )


def save(model: "torch.nn.Module", facts: dict[str, Any], output: Path) -> None:
    """Write a model's weights, and facts on their origin, as safetensors in its own keys."""
    from safetensors.torch import save as serialize

    state = model.state_dict()
    # Of empty tensors, so that it copies nothing: which comes first does not depend on the shapes.
    empty = serialize({key: value.new_empty(0, device="cpu") for key, value in state.items()})
    header, _ = _parts(memoryview(empty))
    tensors, start = [], 0
    for key, told in header.items():
        tensors.append(_bytes_of(state[key]))
        stop = start + len(tensors[-1])
        told |= {"shape": [*state[key].shape], "data_offsets": [start, stop]}
        start = stop
    _write(output, header, tensors, facts)


def copy(weights: Path, output: Path) -> None:
    """Write weights to another place, which their facts then name; the tensors stay on disk.

    Raises:
        UserError: The weights are absent or damaged.
    """
    facts, content = _checked(weights)  # a copy of damaged weights would be blamed instead
    header, tensors = _parts(content)
    _write(output, header, [tensors], facts)


def _write(
    output: Path, header: dict[str, Any], tensors: Sequence[memoryview], facts: dict[str, Any]
) -> None:
    """Write a safetensors file of tensors with facts as its metadata, and a hash of both."""
    told = sealed(output, facts | {_TENSORS: _seal(header, tensors)})
    # One key: safetensors does not keep the order of several, and the bytes should not change.
    metadata = {"wildframe": json.dumps(told, sort_keys=True)}
    start = json.dumps(header | {_METADATA: metadata}).encode()
    start += b" " * (-len(start) % _SIZE)
    with atomic_path(output) as temporary, temporary.open("wb") as file:
        file.write(len(start).to_bytes(_SIZE, "little") + start)
        file.writelines(tensors)


def _parts(content: memoryview) -> tuple[dict[str, Any], memoryview]:
    """Return what a safetensors file says of its tensors, and their bytes."""
    stop = _SIZE + int.from_bytes(content[:_SIZE], "little")
    header = json.loads(bytes(content[_SIZE:stop]))
    header.pop(_METADATA, None)
    return header, content[stop:]


def _seal(header: dict[str, Any], tensors: Iterable[memoryview]) -> str:
    """Return a hash of all that tensors are: safetensors have no checksum."""
    digest = hashlib.sha256(json.dumps(header, sort_keys=True).encode())
    for content in tensors:
        digest.update(content)
    return digest.hexdigest()


def _checked(weights: Path) -> tuple[dict[str, Any], memoryview]:
    """Return the facts of a file and its content, mapped into memory.

    Raises:
        UserError: The file is absent or unsound.
    """
    facts = weights_facts(weights)
    with weights.open("rb") as file:
        content = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    header, tensors = _parts(content)
    if facts.get(_TENSORS) != _seal(header, [tensors]):
        raise _unsound(weights)
    return facts, content


def load(entry: ZooEntry, weights: Path) -> "torch.nn.Module":
    """Return the model of an entry with the weights that `save` wrote, in evaluation mode.

    Its outputs are those of its training; `as_trained` tells their label space.

    Raises:
        UserError: The weights are absent, unsound or another model's.
    """
    outputs = weights_facts(weights).get("outputs")
    return load_own(build(entry, outputs), weights, _told(entry))


def load_to_train(
    entry: ZooEntry, weights: Path, label_space: str, outputs: int, seed: int
) -> "torch.nn.Module":
    """Return the model that a training starts from, with a new head if its classes change.

    The architecture's own code initializes a new head, which is every tensor whose shape depends on
    the number of outputs, from the seed; all else is kept.

    Raises:
        UserError: As in `load`.
    """
    import torch

    model = load(entry, weights)
    if _classes_of(weights, entry) == _classes(entry.with_label_space(label_space)):
        return model
    with torch.device("meta"):
        wider = build(entry, outputs + 1).state_dict()
    torch.manual_seed(seed)
    changed = build(entry, outputs)
    own = changed.state_dict()
    kept = {
        key: value
        for key, value in model.state_dict().items()
        if own[key].shape == wider[key].shape
    }
    own.update(kept)
    changed.load_state_dict(own, strict=True)
    return changed.eval()


def _classes_of(weights: Path, entry: ZooEntry) -> list[str]:
    """Return the wnids of a model's outputs, by what its weights say."""
    own = own_classes(weights).get("wnids")
    return own.split() if own else _classes(as_trained(entry, weights))


def _classes(entry: ZooEntry) -> list[str]:
    return entry.own_wnids() or class_wnids(entry.label_space)


def entry_of(name: str, weights: Path) -> ZooEntry:
    """Return the model of a weights file, by the name that a config calls it.

    Raises:
        UserError: There is no such model, or the file is unsound or another model's.
    """
    told = weights_facts(weights).get("entry")
    return variant(entry_told(told), name) if told else zoo_entry(name)


def as_trained(entry: ZooEntry, weights: Path) -> ZooEntry:
    """Return an entry with the label space of its weights.

    Raises:
        UserError: The weights are absent or unsound.
    """
    space = weights_facts(weights).get("label_space", entry.label_space)
    return entry.with_label_space(space)


def own_classes(weights: Path) -> dict[str, str]:
    """Return ``wnids``, in the order of outputs, of a model of a label space of its own.

    Raises:
        UserError: The file is absent or unsound.
    """
    facts = weights_facts(weights)
    return {"wnids": facts["wnids"]} if "wnids" in facts else {}


def weights_facts(weights: Path) -> dict[str, Any]:
    """Return the facts that `save` wrote.

    Raises:
        UserError: The file is absent or unsound.
    """
    from safetensors import SafetensorError, safe_open

    require_file(
        weights,
        "make it with `wildframe models prepare`, `models finetune` or `models train-clips`",
    )
    try:
        with safe_open(weights, "np") as file:  # imports no torch
            found = json.loads((file.metadata() or {}).get("wildframe", "{}"))
    except (SafetensorError, ValueError) as error:
        raise _unsound(weights) from error
    facts = unsealed(weights, found)
    if facts is None:
        raise _unsound(weights)
    return facts


def _unsound(weights: Path) -> UserError:
    return UserError(f"{weights}: not a sound weights file; delete it and rerun")


def sha256_tensors(model: "torch.nn.Module") -> str:
    """Return a hash of a model's weights that does not depend on the file format."""
    digest = hashlib.sha256()
    for key, value in sorted(model.state_dict().items()):
        digest.update(key.encode())
        digest.update(_bytes_of(value))
    return digest.hexdigest()


def _bytes_of(value: "torch.Tensor") -> memoryview:
    """Return the content of a tensor: of one on the CPU no copy."""
    import torch

    # NumPy knows no bfloat16.
    return value.cpu().contiguous().reshape(-1).view(torch.uint8).numpy().data


def _told(entry: ZooEntry) -> str:
    return f"{entry.framework}/{entry.architecture}"


def read_state(weights: Path) -> "dict[str, torch.Tensor]":
    """Return the tensors of a safetensors file by name.

    Raises:
        UserError: The file is unsound.
    """
    from safetensors.torch import load_file

    _checked(weights)
    state: dict[str, torch.Tensor] = load_file(weights)
    return state


def load_state(
    model: "torch.nn.Module",
    state: "Mapping[str, torch.Tensor]",
    place: str,
    fits: str,
    remedy: str = CORRECT,
) -> "torch.nn.Module":
    """Return a model with the tensors of ``state``, in evaluation mode.

    Raises:
        UserError: They do not fit (see `require_fit`), or one is NaN or infinite.
    """
    own = model.state_dict()
    given = with_counters(state, own)
    require_fit(given, own, place, fits, remedy)
    for key, value in given.items():
        # What is infinite by itself is a limit, as in timm's Gemma.
        if not is_finite(value) and is_finite(own[key]):
            raise UserError(f"{place}: {key} has NaN or infinite values; name other weights")
    own.update(given)  # unlike files of ours, it knows the versions of its layers, as MNASNet asks
    model.load_state_dict(own, strict=True)
    return model.eval()


def load_own(model: "torch.nn.Module", weights: Path, fits: str) -> "torch.nn.Module":
    """Return a model with the weights of a file that `save` wrote; see `load_state`."""
    return load_state(model, read_state(weights), str(weights), fits, "delete it and rerun")


def require_params(model: "torch.nn.Module", params: int | None, source: str) -> None:
    """Raise a `UserError`, which begins with ``source``, if a model has more or fewer of them."""
    count = count_params(model)
    if count != params:
        raise UserError(
            f"{source} has {count} parameters, the zoo says {params}; this is another checkpoint"
        )
