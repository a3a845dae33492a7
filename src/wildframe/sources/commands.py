"""``wildframe sources``: read a publisher's files."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Read a publisher's files into tables.", no_args_is_help=True)


@app.command()
def ego4d(
    annotations: Annotated[Path, typer.Option(help="fho_scod_<split>.json of version 1.")],
    split: Annotated[str, typer.Option(help="Split that the file holds.")],
    records: Annotated[Path, typer.Option(help="Table to write: one row per moment.")],
    objects: Annotated[Path, typer.Option(help="Table to write: one row per box.")],
) -> None:
    """Read Ego4D's state-change annotations."""
    from wildframe.sources.ego4d import write_tables

    write_tables(annotations, split, records, objects)


@app.command()
def demo(
    recipe: Annotated[Path, typer.Option(help="Folder that holds the recipe.")],
    python: Annotated[Path, typer.Option(help="Python of the recipe's own environment.")],
    hand: Annotated[Path, typer.Option(help="Model of the hand: right.glb.")],
    output: Annotated[Path, typer.Option(help="Folder to write the set into.")],
) -> None:
    """Render the demo set anew."""
    from wildframe.sources.demo import render

    render(recipe, python, hand, output)
