"""Weights of the models: there, to be fetched, or missing."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from wildframe.core.errors import UserError
from wildframe.core.run import snakemake_command
from wildframe.doctor.finding import Finding
from wildframe.models import DetectorEntry, ZooEntry
from wildframe.models.frameworks import HUBS
from wildframe.models.hub import is_reachable, torchvision_file
from wildframe.models.packages import read_package_file
from wildframe.models.zoo import PackageFile


def weights(
    models: Mapping[str, ZooEntry],
    detectors: Mapping[str, DetectorEntry],
    results: Path,
    config_files: Sequence[Path],
) -> Iterator[Finding]:
    """Tell of each model where its weights are, or how to get them.

    Args:
        models: Models of the run, by name; fine-tuned ones and other input sizes are passed over.
        detectors: Detectors of the run, by name.
        results: Folder of the results, where `prefetch` puts the weights.
        config_files: Files of the configuration over ``config.yaml``.
    """
    fetch = snakemake_command(["prefetch"], config_files)
    for name, entry in models.items():
        if name == entry.checkpoint:
            prepared = results / "models" / name / "weights.safetensors"
            yield _of_model(entry, prepared, fetch)
    for name, detector in detectors.items():
        prepared = results / "models" / name / "weights.detector"
        yield _of_detector(detector, prepared, fetch)


def _of_model(entry: ZooEntry, prepared: Path, fetch: str) -> Finding:
    what = f"model {entry.name}"
    if prepared.is_file():
        return "ok", f"{what}: {prepared}"
    if entry.package:
        return _packaged(what, entry.package)
    if entry.source != "hub":
        return "ok", f"{what}: {entry.weights_file or entry.architecture}"
    hub = HUBS[entry.framework]
    if cached := hub.cached(entry.architecture):
        return "ok", f"{what}: {cached}"
    address = hub.address(entry.architecture)
    return _absent(what, entry.params, address, hub.cache_variable, fetch)


def _of_detector(detector: DetectorEntry, prepared: Path, fetch: str) -> Finding:
    what = f"detector {detector.name}"
    if prepared.is_file():
        return "ok", f"{what}: {prepared}"
    if detector.package:
        return _packaged(what, detector.package)
    import torchvision

    address = torchvision.models.get_model_weights(detector.name)["COCO_V1"].url
    file = torchvision_file(address)
    if file.is_file():
        return "ok", f"{what}: {file}"
    return _absent(what, detector.params, address, "TORCH_HOME", fetch)


def _packaged(what: str, package: PackageFile) -> Finding:
    try:
        read_package_file(package)
    except UserError as error:
        return "missing", f"{what}: {error}"
    return "ok", f"{what}: weights in {package.name} {package.version}"


def _absent(what: str, params: int | None, address: str, variable: str, fetch: str) -> Finding:
    size = f", {4 * params / 1e6:,.0f} MB" if params else ""
    if is_reachable(address):
        return "partly", f"{what}: not here, in its hub{size}; `{fetch}` fetches it"
    return "missing", (
        f"{what}: not here{size}, and its hub cannot be reached; run `{fetch}` in this folder on a "
        f"machine with network, such as a login node, or set {variable} to a cache that was filled "
        "there"
    )
