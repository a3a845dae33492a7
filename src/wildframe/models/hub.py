"""Weights of the model hubs: fetched once, then read from the hub's own cache."""

import errno
import hashlib
import http.client
import logging
import re
from functools import cache
from pathlib import Path
from textwrap import shorten
from typing import TYPE_CHECKING
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from wildframe.core.errors import UserError
from wildframe.core.imports import import_uncompiled

if TYPE_CHECKING:
    from wildframe.models.frameworks.base import StateDict

_PATIENCE = 5
"""Seconds until a hub that does not answer counts as out of reach."""
_DISK_ERRORS = {errno.EACCES, errno.EDQUOT, errno.ENOSPC, errno.EPERM, errno.EROFS}


def timm_weights(name: str, architecture: str) -> "StateDict":
    """Return the weights of timm's hub for an architecture, in its own keys.

    Args:
        name: Name of the model in messages.
        architecture: Its name in timm.

    Raises:
        UserError: The weights cannot be fetched, or their file is damaged or another model's.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    timm = import_uncompiled("timm")
    path = _timm_file(name, architecture)
    try:
        given = load_file(path)
    except SafetensorError as error:
        raise _broken(name, path, error) from error
    try:
        model = timm.create_model(
            architecture, pretrained=True, pretrained_cfg_overlay={"state_dict": given}
        )
    except (RuntimeError, LookupError) as error:
        raise _broken(name, path, error) from error
    state: StateDict = model.state_dict()
    return state


def torchvision_weights(name: str, url: str) -> "StateDict":
    """Return weights of torchvision's hub.

    Args:
        name: Name of the model in messages.
        url: Address of the file, whose name ends in the first digits of its SHA-256.

    Raises:
        UserError: The weights cannot be fetched, or their file is damaged.
    """
    import torch

    path = _fetched_torchvision_file(name, url)
    # The reader of a damaged pickle raises anything, or reads wrong numbers.
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if not digest.startswith(_hash_prefix(url)):
        raise _broken(name, path, "its sha256 is not the one in its name")
    state: StateDict = torch.load(path, map_location="cpu", weights_only=True)
    return state


def torchvision_file(url: str) -> Path:
    """Return where the hub's cache has, or will have, a file of weights."""
    import torch

    return Path(torch.hub.get_dir()) / "checkpoints" / url.rpartition("/")[2]


@cache
def is_reachable(address: str) -> bool:
    """Tell whether a hub answers; none does where HF_HUB_OFFLINE is set."""
    from huggingface_hub.constants import is_offline_mode

    if is_offline_mode():
        return False
    request = Request(address, method="HEAD")  # noqa: S310 - of a hub, not the user's
    try:
        with urlopen(request, timeout=_PATIENCE):  # noqa: S310
            return True
    except HTTPError:
        return True
    except (OSError, http.client.HTTPException):
        return False


def _timm_file(name: str, architecture: str) -> Path:
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import HTTPError  # type: ignore[attr-defined]  # its client's base

    timm = import_uncompiled("timm")
    # It logs every retry; one sentence is enough.
    logging.getLogger("huggingface_hub").setLevel(logging.CRITICAL)
    try:
        config = timm.get_pretrained_cfg(architecture)
        path = hf_hub_download(str(config and config.hf_hub_id), "model.safetensors")
    except (OSError, HTTPError, RuntimeError) as error:  # RuntimeError: of its transfer library
        raise not_fetched(name, "HF_HOME", error) from error
    # The cache links to the file itself: that is what the user would have to delete.
    return Path(path).resolve()


def _fetched_torchvision_file(name: str, url: str) -> Path:
    import torch

    path = torchvision_file(url)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            torch.hub.download_url_to_file(url, str(path), _hash_prefix(url), progress=False)
        except (OSError, http.client.HTTPException, RuntimeError) as error:  # RuntimeError: sha256
            raise not_fetched(name, "TORCH_HOME", error) from error
    return path


def _hash_prefix(url: str) -> str:
    match = re.search(r"-([0-9a-f]{8,})\.\w+$", url)
    if match is None:
        raise ValueError(f"{url}: no SHA-256 in its name")
    return match[1]


def not_fetched(name: str, variable: str, error: Exception) -> Exception:
    """Return the error to raise for a failed download; errors of the disk stay what they are."""
    if isinstance(error, OSError) and error.errno in _DISK_ERRORS:
        return error
    return UserError(
        f"{name}: its weights are on the model hub and could not be fetched "
        f"({type(error).__name__}: {shorten(str(error), 200)}); run the workflow once on a machine "
        f"with network and share its hub cache ({variable}), or choose a model whose source is "
        "package (`wildframe models list`)"
    )


def _broken(name: str, path: Path, cause: object) -> UserError:
    return UserError(
        f"{name}: {path} is damaged or another model's ({shorten(str(cause), 200)}); "
        "delete it and rerun"
    )
