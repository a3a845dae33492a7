"""Options that the exhibits' commands of all studies share."""

from pathlib import Path
from typing import Annotated

import typer

Outputs = Annotated[list[Path], typer.Argument(help="Files to write; the suffix is the format.")]
Png = Annotated[Path, typer.Option(help="Picture to write.")]
Svg = Annotated[Path, typer.Option(help="Picture to write.")]
CsvFile = Annotated[Path, typer.Option("--csv", help="Table of the drawn numbers to write.")]
About = Annotated[str, typer.Option(help="What the data is; printed under the exhibit.")]
Licensed = Annotated[
    bool, typer.Option("--licensed/--no-licensed", help="Show the paper's numbers beside ours.")
]
Manifest = Annotated[Path, typer.Option(help="Manifest of the dataset.")]
Frames = Annotated[list[Path], typer.Argument(help="Shards of frames.")]
Models = Annotated[str, typer.Option(help="Models in the order of the rows, with commas.")]
Robustness = Annotated[Path, typer.Option(help="Robustness of the models on the dataset.")]
