"""``wildframe predictions``: run a model, or show what it looks at."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Run models over pictures.", no_args_is_help=True)


Model = Annotated[str, typer.Argument(help="Model of the zoo.")]
Weights = Annotated[Path, typer.Option(help="Its safetensors file.")]
Pixels = Annotated[Path, typer.Option(help="Pictures of its preprocessing.")]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1, mps ...")]
BatchSize = Annotated[int, typer.Option(min=1, help="Pictures per forward pass.")]
Threads = Annotated[int, typer.Option(min=1, help="CPU threads.")]


@app.command()
def run(
    model: Model,
    weights: Weights,
    pixels: Pixels,
    output: Annotated[Path, typer.Option(help="Table to write: one row per picture.")],
    device: Device = "auto",
    batch_size: BatchSize = 32,
    threads: Threads = 1,
) -> None:
    """Predict the classes of every picture with one model."""
    from wildframe.models import zoo_entry
    from wildframe.models.device import keep_freed_memory

    entry = zoo_entry(model)
    keep_freed_memory()
    from wildframe.predictions.predict import predict

    predict(
        entry,
        weights,
        pixels,
        output,
        device_name=device,
        batch_size=batch_size,
        threads=threads,
    )


@app.command()
def gradcam(
    model: Model,
    weights: Weights,
    pixels: Pixels,
    manifest: Annotated[Path, typer.Option(help="Manifest of the dataset, with the labels.")],
    classes: Annotated[Path, typer.Option(help="Table of classes.")],
    output: Annotated[Path, typer.Option(help="Table to write: two maps per picture.")],
    device: Device = "auto",
    batch_size: BatchSize = 32,
    threads: Threads = 1,
) -> None:
    """Map which places of every picture speak for its label, and for the predicted class."""
    from wildframe.models import zoo_entry
    from wildframe.models.device import keep_freed_memory

    entry = zoo_entry(model)
    keep_freed_memory()
    from wildframe.predictions.gradcam import gradcam as explain

    explain(
        entry,
        weights,
        pixels,
        manifest,
        classes,
        output,
        device_name=device,
        batch_size=batch_size,
        threads=threads,
    )
