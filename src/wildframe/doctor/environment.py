"""Packages, devices, space, and what a cluster needs."""

import platform
import shutil
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

from wildframe import __version__
from wildframe.configuration import Config
from wildframe.core.errors import UserError
from wildframe.core.installed import DATA
from wildframe.doctor.finding import Finding
from wildframe.models.device import choose_device

_PACKAGES = ("snakemake", "torch", "torchvision", "timm", "av", "pyarrow", "pandas", "nltk")

_SCHEDULERS = {"sbatch": "slurm", "kubectl": "kubernetes"}
"""Executor of Snakemake by the command that is there where it can be used."""


def environment() -> Iterator[Finding]:
    """Look for the packages that every run needs."""
    python = f"Python {platform.python_version()}, {platform.platform()}"
    yield "ok", f"wildframe {__version__}, {python}"
    for package in _PACKAGES:
        if version := _version(package):
            yield "ok", f"{package} {version}"
        else:
            yield "missing", f"{package} is not installed; `{_install('wildframe')}` installs it"


def devices() -> Iterator[Finding]:
    """Name the devices that torch sees."""
    try:
        import torch
    except ImportError:
        return
    if torch.cuda.is_available():
        count = torch.cuda.device_count()
        for index in range(count):
            properties = torch.cuda.get_device_properties(index)
            memory = properties.total_memory / 2**30
            yield "ok", f"device cuda:{index}: {properties.name}, {memory:.0f} GiB"
        if count > 1:
            command = f"snakemake --cores all --resources gpu={count}"
            yield (
                "ok",
                f"{count} GPUs: `{command}` runs models on all of them, else on one at a time",
            )
    elif torch.backends.mps.is_available():
        yield "ok", "device mps"
    else:
        yield "ok", f"device cpu, {torch.get_num_threads()} threads; no GPU, none is needed"


def cluster() -> Iterator[Finding]:
    """Look for Snakemake's plugin of a scheduler whose command is here."""
    for command, executor in _SCHEDULERS.items():
        if shutil.which(command) is None:
            continue
        plugin = f"snakemake-executor-plugin-{executor}"
        profile = f"`snakemake --workflow-profile profiles/{executor}`"
        if version := _version(plugin):
            yield "ok", f"{executor}: {plugin} {version}; {profile} submits jobs"
        else:
            yield (
                "partly",
                (
                    f"{executor}: {command} is here, {plugin} is not installed; "
                    f"`{_install('cluster')}` installs it, then {profile} submits jobs"
                ),
            )


def device_asked_for(config: Config) -> Iterator[Finding]:
    """Tell whether models can run on the device of the configuration."""
    try:
        device = choose_device(config.predictions.device)
    except (UserError, ImportError) as error:
        yield "missing", str(error)
    else:
        yield "ok", f"predictions.device {config.predictions.device}: models run on {device}"


def space(results: Path) -> Finding:
    """Tell how much space is free where the results go."""
    free = free_bytes(results) / 2**30
    line = f"{free:.0f} GiB free for {results.resolve()}"
    if free > 1:
        return "ok", line
    return "missing", f"{line}; free some, or name another folder: pathvars.results in the config"


def free_bytes(folder: Path) -> int:
    """Return the free space of the file system that has, or will have, a folder."""
    there = next(path for path in (folder, *folder.resolve().parents) if path.exists())
    return shutil.disk_usage(there).free


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _install(name: str) -> str:
    """Return the command that installs the pins of an environment's file."""
    pins = (DATA / "envs").resolve()
    return f"pip install --requirement {pins / name}.txt --constraint {pins / 'constraints.txt'}"
