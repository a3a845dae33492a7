"""``wildframe models``: the zoo, its weights, and training."""

from pathlib import Path
from typing import Annotated

import typer

from wildframe.core.choices import Decay, Learn, ModelSpace, Noise
from wildframe.core.display import Format, FormatOption
from wildframe.core.options import (
    Classes,
    Device,
    Manifest,
    Model,
    Preprocessed,
    Threads,
    Weights,
)

app = typer.Typer()


@app.command("list")
def list_models(fmt: FormatOption = Format.table) -> None:
    """List every model and every detector that a config can name."""
    from wildframe.core.display import show
    from wildframe.models import DetectorEntry, ZooEntry, load_detectors, load_zoo

    columns = ["name", "source", "paper_row", "family", "params_m", "label_space", "input_size"]
    entries: list[ZooEntry | DetectorEntry] = [*load_zoo().values(), *load_detectors().values()]
    rows = [
        {"paper_row": None, "family": "detector"}
        | entry.model_dump()
        | {"source": entry.source, "params_m": entry.params and f"{entry.params / 1e6:.2f}"}
        for entry in entries
    ]
    show(rows, columns, fmt)


@app.command("show")
def show_model(name: Model, fmt: FormatOption = Format.table) -> None:
    """Show what a model is: label space, parameters, preprocessing."""
    from wildframe.core.display import show
    from wildframe.models import zoo_entry

    entry = zoo_entry(name)
    facts = entry.model_dump(mode="json") | {
        "source": entry.source,
        "preprocessing": str(entry.preprocessing),
    }
    hidden = {"package", "training", "outputs", "weights_file", "classes_file"}
    rows = [{"fact": key, "value": value} for key, value in facts.items() if key not in hidden]
    show(rows, ["fact", "value"], fmt)


@app.command()
def describe(
    name: Annotated[str, typer.Argument(metavar="NETWORK", help="Network of clips: slow_r50 ...")],
    classes: Annotated[int, typer.Option(min=1, help="Classes of the head.")] = 400,
    shape: Annotated[
        str | None,
        typer.Option("--input", help="3 x frames x rows x columns; default: as it is trained."),
    ] = None,
    fmt: FormatOption = Format.table,
) -> None:
    """Print shapes and parameters of the stages of a network of clips, and their total."""
    from wildframe.core.display import show
    from wildframe.models.clips.networks import network_entry

    entry = network_entry(name)
    from wildframe.models.clips.describe import clip_shape
    from wildframe.models.clips.describe import describe as describe_network

    sizes = clip_shape(shape) if shape else (3, entry.frames, entry.crop, entry.crop)
    show(describe_network(name, classes, sizes), ["stage", "shape", "params"], fmt)


@app.command()
def prepare(
    name: Model,
    output: Annotated[Path, typer.Option(help="safetensors file to write.")],
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", help="A setting of a model of your own: <setting>=<value>."),
    ] = None,
) -> None:
    """Write a model's weights as one safetensors file, whatever their origin.

    Of a model of your own give what the config says of it, one --set a setting.
    """
    from wildframe.models import zoo_entry
    from wildframe.models.settings import parse_settings
    from wildframe.models.weights import prepare as write_weights

    own = {name: parse_settings(settings)} if settings else {}
    write_weights(zoo_entry(name, own), output)


@app.command()
def export(
    name: Model,
    weights: Weights,
    preprocessed: Preprocessed,
    output: Annotated[Path, typer.Option(help="ONNX file to write.")],
    facts: Annotated[Path, typer.Option(help="JSON to write: how it compares with torch.")],
    threads: Threads = 1,
) -> None:
    """Export a model for the CPU, and compare its predictions with those of torch."""
    from wildframe.core.errors import UserError
    from wildframe.frames.preprocessing import read_preprocessed
    from wildframe.models.device import keep_freed_memory
    from wildframe.models.weights import entry_of

    entry = entry_of(name, weights)
    images = read_preprocessed(preprocessed, entry.preprocessing).pixels
    if not images:
        raise UserError(
            f"{preprocessed}: no image could be read, so that there is nothing to predict; "
            "`wildframe frames show` on the dataset's statuses says why"
        )
    keep_freed_memory()
    from wildframe.models.device import set_up_torch
    from wildframe.models.exported import export as write_export
    from wildframe.models.weights import as_trained, load

    set_up_torch("cpu", threads)
    write_export(load(entry, weights), as_trained(entry, weights), images, output, facts)


@app.command()
def prepare_detector(
    name: Annotated[str, typer.Argument(help="Detector of the zoo.")],
    output: Annotated[Path, typer.Option(help="File to write, in the format of its backend.")],
) -> None:
    """Write a detector's weights, from a package or from the hub."""
    from wildframe.models.detector_backends import prepare_detector as write_weights
    from wildframe.models.detectors import detector_entry

    write_weights(detector_entry(name), output)


@app.command()
def finetune(
    name: Model,
    weights: Weights,
    split: Annotated[Path, typer.Option(help="Table of `wildframe manifests split`.")],
    manifest: Manifest,
    preprocessed: Preprocessed,
    classes: Classes,
    label_space: Annotated[
        ModelSpace, typer.Option(help="Label space to learn; another than the model's: a new head.")
    ],
    output: Annotated[Path, typer.Option(help="safetensors file to write: the best epoch.")],
    history: Annotated[Path, typer.Option(help="Table to write: one row an epoch.")],
    epochs: Annotated[int, typer.Option(min=1, help="Largest number of epochs.")] = 50,
    schedule: Annotated[
        Decay,
        typer.Option(help="How the learning rate decays: each epoch, as a cosine, on a plateau."),
    ] = "exponential",
    patience: Annotated[
        int,
        typer.Option(
            min=1, help="Epochs without improvement before it stops (plateau: before it decays)."
        ),
    ] = 5,
    batch_size: Annotated[int, typer.Option(min=1, help="Images a step.")] = 128,
    warmup_epochs: Annotated[
        int, typer.Option(min=0, help="Epochs at --warmup-lr (cosine: from it upwards).")
    ] = 3,
    warmup_lr: Annotated[float, typer.Option(min=0, help="Learning rate of the warm-up.")] = 1e-4,
    lr: Annotated[float, typer.Option(min=0, help="Learning rate after the warm-up.")] = 5e-2,
    decay: Annotated[
        float, typer.Option(min=0, max=1, help="Factor by which the learning rate decays.")
    ] = 0.1,
    momentum: Annotated[float, typer.Option(min=0, max=1, help="Momentum of SGD.")] = 0.9,
    nesterov: Annotated[bool, typer.Option("--nesterov", help="Nesterov's momentum.")] = False,
    weight_decay: Annotated[
        float, typer.Option(min=0, help="Weight decay, of no biases and norms.")
    ] = 0,
    label_smoothing: Annotated[
        float, typer.Option(min=0, max=1, help="Share of a label that all classes get.")
    ] = 0,
    smallest_crop: Annotated[
        float, typer.Option(min=0, max=1, help="Least area of a random crop; 1 crops nothing.")
    ] = 1,
    flip: Annotated[float, typer.Option(min=0, max=1, help="Probability of a flip.")] = 0.5,
    color_jitter: Annotated[
        float, typer.Option(min=0, max=1, help="Strength of the colour jitter.")
    ] = 0.4,
    noise: Annotated[
        Noise | None, typer.Option(help="Corruption of half of the images, as in ImageNet-C.")
    ] = None,
    learn: Annotated[
        Learn, typer.Option(help="Label to learn: the first, or that of the largest box.")
    ] = "first",
    seed: Annotated[int, typer.Option(min=0, help="Seed of the training.")] = 0,
    device: Device = "auto",
    threads: Threads = 1,
) -> None:
    """Train a model on one part of a split, and keep the epoch that is best on the other.

    A training that was killed continues when it is started again. The defaults are those of
    "Egocentric Data as Natural Adversarial Examples".
    """
    from wildframe.models.device import keep_freed_memory
    from wildframe.models.weights import entry_of

    entry = entry_of(name, weights)
    keep_freed_memory()
    from wildframe.models.examples import Parts
    from wildframe.models.finetune import finetune as train
    from wildframe.models.schedule import Schedule

    recipe = Schedule(
        seed=seed,
        epochs=epochs,
        schedule=schedule,
        patience=patience,
        batch_size=batch_size,
        warmup_epochs=warmup_epochs,
        warmup_lr=warmup_lr,
        lr=lr,
        decay=decay,
        momentum=momentum,
        nesterov=nesterov,
        weight_decay=weight_decay,
        label_smoothing=label_smoothing,
        smallest_crop=smallest_crop,
        flip=flip,
        color_jitter=color_jitter,
        noise=noise,
        learn=learn,
    )
    files = split, manifest, preprocessed, classes
    parts = Parts.read(entry, *files, label_space=label_space, learn=learn)
    train(entry, weights, parts, recipe, output, history, device_name=device, threads=threads)


@app.command()
def select(
    weights: Annotated[list[Path], typer.Argument(help="Weights, one file a learning rate.")],
    history: Annotated[list[Path], typer.Option(help="Their histories, in the same order.")],
    output: Annotated[Path, typer.Option(help="safetensors file to write: a copy of the best.")],
    best_history: Annotated[Path, typer.Option(help="Table to write: all epochs of all rates.")],
) -> None:
    """Keep the learning rate with the best held-out accuracy, the first in case of a tie."""
    from wildframe.models.select import select as keep_best

    keep_best(weights, history, output, best_history)
