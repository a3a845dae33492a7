"""Options that the exhibits' commands share."""

from pathlib import Path
from typing import Annotated

import typer

from wildframe.exhibits.options import (
    About,
    CsvFile,
    Frames,
    Licensed,
    Manifest,
    Models,
    Outputs,
    Png,
    Robustness,
    Svg,
)

__all__ = [
    "About",
    "Classes",
    "CsvFile",
    "Frames",
    "Funnel",
    "Licensed",
    "Manifest",
    "Models",
    "OutcomeFiles",
    "Outputs",
    "Png",
    "Robustness",
    "Scores",
    "Statuses",
    "Svg",
]

Funnel = Annotated[Path, typer.Option(help="Funnel of the dataset.")]
Statuses = Annotated[Path, typer.Option(help="What became of each frame.")]
Classes = Annotated[Path, typer.Option(help="Table of classes.")]
Scores = Annotated[Path, typer.Option(help="Scores of the dataset.")]
OutcomeFiles = Annotated[list[Path], typer.Option("--outcomes", help="Outcomes, <model>.parquet.")]
