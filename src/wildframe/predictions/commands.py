"""``wildframe predictions``: run a model."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Run models over pictures.", no_args_is_help=True)


@app.callback()
def _station() -> None:
    """Keep the sub-command's name even while there is only one."""


@app.command()
def run(
    model: Annotated[str, typer.Argument(help="Model of the zoo.")],
    weights: Annotated[Path, typer.Option(help="Its safetensors file.")],
    pixels: Annotated[Path, typer.Option(help="Pictures of its preprocessing.")],
    output: Annotated[Path, typer.Option(help="Table to write: one row per picture.")],
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1, mps ...")] = "auto",
    batch_size: Annotated[int, typer.Option(min=1, help="Pictures per forward pass.")] = 32,
    threads: Annotated[int, typer.Option(min=1, help="CPU threads.")] = 1,
) -> None:
    """Predict the classes of every picture with one model."""
    from wildframe.models import zoo_entry
    from wildframe.predictions.device import keep_freed_memory

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
