"""``wildframe doctor``: what is installed, what is missing, and how to get it."""

import platform
import shutil
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path
from typing import Literal

from rich.console import Console
from rich.text import Text

from wildframe import __version__
from wildframe.configuration import Config, load_config
from wildframe.core.errors import UserError
from wildframe.core.source import fetch_command
from wildframe.models import ZooEntry, study_detectors, study_models
from wildframe.models.device import choose_device
from wildframe.models.frameworks import HUBS
from wildframe.models.hub import torchvision_file
from wildframe.models.packages import read_package_file
from wildframe.models.zoo import PackageFile

_PACKAGES = ("snakemake", "torch", "torchvision", "timm", "av", "pyarrow", "pandas", "nltk")

Mark = Literal["ok", "partly", "missing"]
Finding = tuple[Mark, str]
"""How serious it is, and one line about it."""

_FETCHED = (
    "the run fetches it where there is network, elsewhere set {} to a cache that was filled where "
    "there is network"
)
_STYLES = {"ok": "green", "partly": "yellow", "missing": "bold red"}


def diagnose(config_paths: Sequence[Path]) -> int:
    """Print the findings; return 0 if a run can start, 1 if something is missing."""
    console = Console(highlight=False)
    findings = [*_environment(), *_devices()]
    try:
        config = load_config(*config_paths)
    except UserError as error:
        findings.append(("missing", str(error)))
    else:
        names = " + ".join(map(str, config_paths))
        findings += [("ok", f"config {names}: valid"), *_device_asked_for(config)]
        findings += [*_data(config, _over_base(config_paths)), *_files(config), *_models(config)]
    for mark, line in findings:
        console.print(Text(f"{mark:8}", _STYLES[mark]) + Text(line), soft_wrap=True)
    return 1 if any(mark == "missing" for mark, _ in findings) else 0


def _over_base(paths: Sequence[Path]) -> list[Path]:
    """Return the files that `snakemake` has to be given: all but its default."""
    return [path for path in paths if path != Path("config.yaml")]


def _environment() -> Iterator[Finding]:
    python = f"Python {platform.python_version()}, {platform.platform()}"
    yield "ok", f"wildframe {__version__}, {python}"
    for package in _PACKAGES:
        try:
            yield "ok", f"{package} {metadata.version(package)}"
        except metadata.PackageNotFoundError:
            yield "missing", f"{package} is not installed; create the environment with `make env`"
    free = shutil.disk_usage(Path.cwd()).free / 2**30
    yield ("ok" if free > 1 else "missing"), f"{free:.0f} GiB free in {Path.cwd()}"


def _devices() -> Iterator[Finding]:
    try:
        import torch
    except ImportError:
        return
    if torch.cuda.is_available():
        for index in range(torch.cuda.device_count()):
            properties = torch.cuda.get_device_properties(index)
            memory = properties.total_memory / 2**30
            yield "ok", f"device cuda:{index}: {properties.name}, {memory:.0f} GiB"
    elif torch.backends.mps.is_available():
        yield "ok", "device mps"
    else:
        yield "ok", f"device cpu, {torch.get_num_threads()} threads; no GPU, none is needed"


def _device_asked_for(config: Config) -> Iterator[Finding]:
    try:
        device = choose_device(config.predictions.device)
    except (UserError, ImportError) as error:
        yield "missing", str(error)
    else:
        yield "ok", f"predictions.device {config.predictions.device}: models run on {device}"


def _data(config: Config, config_files: Sequence[Path]) -> Iterator[Finding]:
    for name, source in config.used_sources.items():
        fetch = fetch_command(name, config_files, again=True) if source.is_fetched else ""
        try:
            found = source.summary()
            wanted = source.wanted_media()
        except UserError as error:
            yield (
                "missing",
                f"source {name}: {error}" + (f"; `{fetch}` fetches it" if fetch else ""),
            )
            continue
        yield "ok", f"source {name}: {found}"
        if source.made_of:
            continue
        missing = [Path(media) for media in wanted if not source.has_media(media)]
        there = len(wanted) - len(missing)
        line = (
            f"source {name}: {there} of {len(wanted)} {source.media_are} in {source.media_folder}"
        )
        if missing:  # which only drops their images: the funnel counts them
            first = ", ".join(media.name.removesuffix(".mp4") for media in missing[:3])
            line += f"; missing: {first}{' ...' if len(missing) > 3 else ''}"
            # The demo's clips are nobody's to fetch.
            line += f" (`{fetch}` fetches them)" if fetch and source.compare_with_paper else ""
        yield ("missing" if not there else "partly" if missing else "ok"), line


def _files(config: Config) -> Iterator[Finding]:
    """Check the other files that the config names."""
    used = [name for name in config.used_datasets if name in config.sets_datasets]
    named = {f"datasets.{name}.decisions": config.sets(name).decisions for name in used}
    for name in config.used_clip_datasets:
        files = config.clips(name).input_files
        named |= {f"datasets.{name}.{setting}": path for setting, path in files.items()}
    for study, chosen in config.chosen.items():
        named |= {f"studies.{study}.{key}": path for key, path in chosen.named_files().items()}
    for setting, path in named.items():
        if path is not None and not Path(path).exists():
            yield "missing", f"{setting}: {path} does not exist; create it or correct the setting"


def _models(config: Config) -> Iterator[Finding]:
    try:
        models = study_models(config.chosen, config.label_space_of, config.models)
        detectors = study_detectors(config.chosen, config.models)
    except UserError as error:
        yield "missing", str(error)
        return
    for name, entry in models.items():
        # The other entries are variants: another input size, or fine-tuned.
        if name == entry.checkpoint:
            yield _weights(entry)
    for name, detector in detectors.items():
        what, package = f"detector {name}", detector.package
        yield _packaged(what, package) if package else _in_hub_cache(what, name, "COCO_V1")


def _packaged(what: str, package: PackageFile) -> Finding:
    try:
        read_package_file(package)
    except UserError as error:
        return "missing", f"{what}: {error}"
    return "ok", f"{what}: weights in {package.name} {package.version}"


def _in_hub_cache(what: str, name: str, weights: str) -> Finding:
    import torchvision

    file = torchvision_file(torchvision.models.get_model_weights(name)[weights].url)
    if file.is_file():
        return "ok", f"{what}: {file}"
    return "partly", f"{what}: {file} is not there; {_FETCHED.format('TORCH_HOME')}"


def _weights(entry: ZooEntry) -> Finding:
    what = f"model {entry.name}"
    if entry.package:
        return _packaged(what, entry.package)
    if entry.source != "hub":
        return "ok", f"{what}: {entry.weights_file or entry.architecture}"
    hub = HUBS[entry.framework]
    if cached := hub.cached(entry.architecture):
        return "ok", f"{what}: {cached}"
    return "partly", f"{what}: not in the hub's cache; {_FETCHED.format(hub.cache_variable)}"
