"""Checkpoints in the key layout of PySlowFast, in which Ego-Exo's backbones were released."""

from pathlib import Path

import torch

from wildframe.core.errors import UserError
from wildframe.models.checkpoints import read_checkpoint, require_fit, with_counters
from wildframe.models.clips.networks import build
from wildframe.models.clips.networks.resnet import ARCHITECTURES

_PATHWAYS = {"slow": "pathway0", "fast": "pathway1"}


def read_released(path: Path, name: str) -> dict[str, torch.Tensor]:
    """Return the backbone of a released checkpoint in the keys of our network.

    Heads are left out, whatever their classes; nothing in the file is run.

    Args:
        path: ``.pyth`` file: tensors under ``model_state``.
        name: The residual network that it is of, for example ``slow_r50``.

    Raises:
        UserError: The file is absent, unsound, or another network's; a tensor is named as in it.
    """
    if name not in ARCHITECTURES:
        raise UserError(
            f"{path}: {name} has no checkpoints of this layout; "
            f"networks that have are {', '.join(ARCHITECTURES)}"
        )
    with torch.device("meta"):
        own = build(name).state_dict()
    wanted = {released_key(key): value for key, value in own.items()}
    place, state = read_checkpoint(path)
    body = {key: value for key, value in state.items() if "head" not in key.partition(".")[0]}
    given = with_counters(body, wanted)  # those converted from Caffe2 lack them
    require_fit(given, wanted, place, name)
    return {key: given[released_key(key)] for key in own}


def released_key(key: str) -> str:
    """Return the released name of a tensor of a residual network.

    ``res2.slow.0.a.conv.weight`` is ``s2.pathway0_res0.branch2.a.weight``, for example.
    """
    stage, pathway, *rest, layer, leaf = key.split(".")
    number = stage[-1]
    if pathway == "lateral":
        return f"s{number}_fuse.{'conv_f2s' if layer == 'conv' else 'bn'}.{leaf}"
    prefix = f"s{number}.{_PATHWAYS[pathway]}"
    if stage == "conv1":
        return f"{prefix}_stem.{'conv' if layer == 'conv' else 'bn'}.{leaf}"
    block, unit = rest
    branch = "branch1" if unit == "shortcut" else f"branch2.{unit}"
    return f"{prefix}_res{block}.{branch}{'' if layer == 'conv' else '_bn'}.{leaf}"
