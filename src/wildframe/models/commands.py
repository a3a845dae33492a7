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
