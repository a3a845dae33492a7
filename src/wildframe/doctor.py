"""``wildframe doctor``: what is here, what is missing, and how to get it."""

import platform
import shutil
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path

from rich.console import Console
from rich.text import Text

from wildframe import __version__
from wildframe.core.config import Config, load_config
from wildframe.core.errors import UserError
from wildframe.models.packages import read_package_file
from wildframe.models.zoo import ZooEntry, load_zoo
from wildframe.predictions.device import choose_device
from wildframe.sources.ego4d import annotation_path, load_entries

_PACKAGES = ("snakemake", "torch", "torchvision", "timm", "av", "pyarrow", "pandas", "nltk")

Finding = tuple[bool, str]
"""Whether all is well, and one line about it."""


def examine(config_paths: Sequence[Path]) -> int:
    """Print what was found; return 0 if a run can start, 1 if something is missing."""
    console = Console(highlight=False)
    findings = [*_environment(), *_devices()]
    try:
        config = load_config(*config_paths)
    except UserError as error:
        findings.append((False, str(error)))
    else:
        names = " + ".join(map(str, config_paths))
        findings += [(True, f"config {names}: valid"), *_device_asked_for(config)]
        findings += [*_data(config), *_models(config)]
    for well, line in findings:
        mark = Text("ok      ", "green") if well else Text("missing ", "bold red")
        console.print(mark + Text(line), soft_wrap=True)
    return 0 if all(well for well, _ in findings) else 1


def _environment() -> Iterator[Finding]:
    yield (
        True,
        f"wildframe {__version__}, Python {platform.python_version()}, {platform.platform()}",
    )
    for package in _PACKAGES:
        try:
            yield True, f"{package} {metadata.version(package)}"
        except metadata.PackageNotFoundError:
            yield False, f"{package} is not installed; create the environment with `make env`"
    free = shutil.disk_usage(Path.cwd()).free / 2**30
    yield free > 1, f"{free:.0f} GiB free in {Path.cwd()}"


def _devices() -> Iterator[Finding]:
    try:
        import torch
    except ImportError:
        return
    if torch.cuda.is_available():
        for index in range(torch.cuda.device_count()):
            properties = torch.cuda.get_device_properties(index)
            memory = properties.total_memory / 2**30
            yield True, f"device cuda:{index}: {properties.name}, {memory:.0f} GiB"
    elif torch.backends.mps.is_available():
        yield True, "device mps"
    else:
        yield (
            True,
            f"device cpu, {torch.get_num_threads()} threads; no GPU was found, none is needed",
        )


def _device_asked_for(config: Config) -> Iterator[Finding]:
    try:
        device = choose_device(config.predictions.device)
    except (UserError, ImportError) as error:
        yield False, str(error)
    else:
        yield True, f"predictions.device {config.predictions.device}: models run on {device}"


def _data(config: Config) -> Iterator[Finding]:
    for name, source in config.sources.items():
        path = annotation_path(source)
        try:
            entries = load_entries(path, source.split)
        except UserError as error:
            yield False, f"source {name}: {error}"
            continue
        yield True, f"source {name}: {len(entries)} records in {path}"
        key = "clip_uid" if source.media == "clips" else "video_uid"
        named = (entry.get(key) for entry in entries if isinstance(entry, dict))
        wanted = {uid for uid in named if isinstance(uid, str)}
        folder = Path(source.root) / source.version / source.media
        there = {file.stem for file in folder.glob("*.mp4")}
        missing = sorted(wanted - there)
        line = f"source {name}: {len(wanted) - len(missing)} of {len(wanted)} videos in {folder}"
        if missing:
            # Missing videos cost their pictures, not the run: the funnel counts them.
            line += (
                f"; missing: {', '.join(missing[:3])}{' ...' if len(missing) > 3 else ''} "
                f"(`ego4d --datasets {source.media} --video_uids ...` fetches them)"
            )
        yield bool(there), line


def _models(config: Config) -> Iterator[Finding]:
    for name in config.studies.ego4d.models:
        if name not in load_zoo():
            yield False, f"model {name}: not in the zoo; `wildframe models list` shows it"
            continue
        entry = load_zoo()[name]
        if entry.package is None:
            yield _on_hub(entry)
            continue
        try:
            read_package_file(entry.package)
        except UserError as error:
            yield False, f"model {name}: {error}"
        else:
            yield True, f"model {name}: weights in {entry.package.name} {entry.package.version}"


def _on_hub(entry: ZooEntry) -> Finding:
    import timm
    from huggingface_hub import try_to_load_from_cache

    config = timm.get_pretrained_cfg(entry.architecture)
    repository = config.hf_hub_id if config else None
    for file in ("model.safetensors", "pytorch_model.bin"):
        if repository and isinstance(try_to_load_from_cache(repository, file), str):
            return True, f"model {entry.name}: in the hub's cache"
    return (
        False,
        f"model {entry.name}: not in the hub's cache; the run fetches it where there is network, "
        f"elsewhere set HF_HOME to a cache that `wildframe models prepare {entry.name}` has filled",
    )
