"""How long the rest of a run takes, and how much disk: work left, times what a unit of it costs.

The work is counted in the manifests. A unit is a frame of the user's own video, and an image of
each model, timed on this machine. Clips, detectors, trainings of video models, scores, exhibits
(Grad-CAM maps, too) and what a single exhibit has predicted are left out; of clips this is said.
"""

import os
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from wildframe.configuration import Config
from wildframe.core.progress import progress
from wildframe.core.run import snakemake_command
from wildframe.core.study import Study, Training
from wildframe.doctor.environment import free_bytes
from wildframe.doctor.finding import Finding
from wildframe.doctor.units import Media, frame_cost, seconds_an_image
from wildframe.frames.views import AnyView
from wildframe.models import ZooEntry

_Place = tuple[str, str, str]
"""Dataset, view and model of predictions."""

_A_STEP = 3
"""A forward and a backward pass cost about three forward ones."""


def estimate(
    config: Config, models: Mapping[str, ZooEntry], results: Path, config_files: Sequence[Path]
) -> Iterator[Finding]:
    """Estimate what is left of a run.

    Args:
        config: Configuration of the run.
        models: Models of the run, by name.
        results: Folder of the results.
        config_files: Files of the configuration over ``config.yaml``.
    """
    manifests = {
        name: results / f"manifests/{name}.parquet"
        for name in config.used_datasets
        if not config.source_of(name).made_of  # else the run itself decides on its images
    }
    uncounted = [str(path) for path in manifests.values() if not path.is_file()]
    if uncounted:
        command = snakemake_command(uncounted, config_files)
        yield (
            "partly",
            f"estimate: the images are not counted yet; `{command}` makes the manifests, which "
            "takes no model",
        )
        return
    images = Counter({name: _rows(path) for name, path in manifests.items()})
    frames_seconds, frames_bytes = _frames(config, manifests, results)
    unpredicted = _unpredicted(config, models, results)
    passes = _passes_left(config, images, unpredicted, results)
    seconds, unknown = _models_seconds(config, models, passes)
    needed = frames_bytes + _weights_bytes(models, results)
    needed += _preprocessed_bytes(config, models, images, unpredicted, results)
    clips = ", ".join(config.used_clip_datasets)
    left_out = f"; clips of {clips} are not in it" if clips else ""
    yield (
        "ok",
        f"estimate: about {_duration(frames_seconds)} to read frames, {_duration(seconds)} to run "
        f"and fine-tune models on {sum(images.values()):,} images"
        + (f" (without {', '.join(unknown)}, whose cost is not known)" if unknown else "")
        + left_out,
    )
    free = free_bytes(results)
    line = f"estimate: up to {needed / 2**30:.1f} GiB, {free / 2**30:.0f} GiB free for {results}"
    line += left_out
    if needed <= free:
        yield "ok", line
    else:
        yield "missing", f"{line}; name a larger disk: pathvars.results in the config"


def _rows(manifest: Path) -> int:
    from pyarrow.parquet import read_metadata

    return int(read_metadata(manifest).num_rows)


def _frames(config: Config, manifests: Mapping[str, Path], results: Path) -> tuple[float, float]:
    """Return seconds to read the frames that are not there yet, and bytes to keep them."""
    from pyarrow.parquet import read_table

    seconds = size = 0.0
    videos: dict[Path, dict[Media, set[int]]] = defaultdict(lambda: defaultdict(set))
    files: set[Path] = set()
    for name, manifest in manifests.items():
        if (results / f"frames/{name}.parquet").is_file():
            continue
        root = Path(config.source_of(name).root)
        columns = read_table(manifest, columns=["media_kind", "media", "rate", "frame"])
        for row in columns.to_pylist():
            if row["media_kind"] == "video":
                videos[root][Media(row["media"], row["rate"])].add(row["frame"])
            else:  # kept as it is
                files.add(root / row["media"])
    for root, media in videos.items():
        if cost := frame_cost(root, media, config.frames.encoding):
            count = sum(map(len, media.values()))
            seconds += count * cost.seconds / (os.cpu_count() or 1)
            size += count * cost.bytes
    return seconds, size + sum(path.stat().st_size for path in files if path.is_file())


def _unpredicted(config: Config, models: Container[str], results: Path) -> list[_Place]:
    """Return the predictions that are not there yet, of models that are run here."""
    asked = dict.fromkeys(
        place
        for study in config.chosen.values()
        for place in _asked(config, study)
        if place[-1] in models
    )
    made = "predictions/{}/{}/{}.parquet"
    return [place for place in asked if not (results / made.format(*place)).is_file()]


def _asked(config: Config, study: Study) -> Iterator[_Place]:
    """Yield the predictions that a study asks for, but for those of single exhibits."""
    for dataset in study.used_datasets():
        shown = study.shown_of(dataset)
        if framing := study.framing_of(dataset):
            shown += [(view, framing.models) for view in ("full", "box", framing.zoom)]
        if crops := study.crops_of(dataset):
            shown.append(crops)
        for view, models in shown:
            if config.can_show(view, dataset):
                yield from ((dataset, view, model) for model in models)
    for name, training in study.named_trainings().items():
        for model in study.held_out_models(name):
            yield from ((training.dataset, view, model) for view in study.views)


def _passes_left(
    config: Config,
    images: Mapping[str, int],
    unpredicted: Iterable[_Place],
    results: Path,
) -> Counter[str]:
    """Return how many forward passes of each model are left, as images that it is shown."""
    passes: Counter[str] = Counter()
    for dataset, view, model in unpredicted:
        passes[model] += images[dataset] * _passes_an_image(config.views[view])
    trained = (name for study in config.chosen.values() for name in study.trained())
    for name in dict.fromkeys(trained):
        origin, _, training = name.partition("+")
        if not (results / f"models/{origin}/{training}.safetensors").is_file():
            chosen = config.trainings[training]
            passes[origin] += round(images[chosen.dataset] * _passes_a_training(chosen))
    return passes


def _passes_an_image(view: AnyView) -> int:
    if view.adapt:
        return _A_STEP * view.adapt.k * view.adapt.steps + 1
    return int(getattr(view, "count", 1))


def _passes_a_training(training: Training) -> float:
    """Return the passes an image that a training takes at most, if it is not stopped early."""
    options = dict(option.removeprefix("--").partition("=")[::2] for option in training.options)
    each = _A_STEP * training.train_fraction + 1 - training.train_fraction
    return len(training.lrs) * int(options["epochs"]) * each


def _models_seconds(
    config: Config, models: Mapping[str, ZooEntry], passes: Mapping[str, int]
) -> tuple[float, list[str]]:
    """Return seconds of all passes, and the models whose cost is not known."""
    seconds, unknown = 0.0, []
    timed = progress(passes.items(), total=len(passes), unit="model", label="estimate")
    for name, count in timed if passes else ():
        cost = seconds_an_image(models[name], config.predictions.device)
        if cost is None:
            unknown.append(name)
        else:
            seconds += count * cost
    return seconds, unknown


def _preprocessed_bytes(
    config: Config,
    models: Mapping[str, ZooEntry],
    images: Mapping[str, int],
    unpredicted: Iterable[_Place],
    results: Path,
) -> float:
    """Return the bytes of the preprocessed images that are left: each once a preprocessing."""
    kept = {
        results / f"frames/{dataset}/{view}/{shown}.arrow": 3.0 * images[dataset] * shown.crop**2
        for dataset, view, model in unpredicted
        if not config.views[view].streams
        for shown in [models[model].preprocessing]
    }
    return sum(size for path, size in kept.items() if not path.is_file())


def _weights_bytes(models: Mapping[str, ZooEntry], results: Path) -> float:
    """Return the bytes of the weights that are not there yet."""
    left = {}
    for entry in models.values():
        name = f"{entry.untrained}/{entry.training}"
        if not entry.training:
            name = f"{entry.checkpoint}/weights"
        path = results / f"models/{name}.safetensors"
        if not path.is_file():
            left[path] = 4.0 * (entry.params or 0)
    return sum(left.values())


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
