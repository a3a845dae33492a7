"""Options that the exhibits' commands share, and what they mean."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from wildframe.core.choices import Targets
from wildframe.core.errors import UserError
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
    "CsvFile",
    "Frames",
    "Licensed",
    "Manifest",
    "Models",
    "Outputs",
    "Png",
    "Reviews",
    "Robustness",
    "Svg",
    "TargetClasses",
    "TypeRows",
    "rows_of",
]

TypeRows = Annotated[
    list[str], typer.Option("--row", help="A way to train, and its model: <name>=<model>.")
]
TargetClasses = Annotated[Targets, typer.Option("--targets", help="Classes answers are judged by.")]
Reviews = Annotated[Path, typer.Option(help="Reviews of the dataset.")]


def rows_of(texts: Iterable[str]) -> dict[str, str]:
    """Return the model of each ``--row``, by the row's name, which may itself have a ``=``.

    Raises:
        UserError: A text is no such row, or a name comes twice.
    """
    models: dict[str, str] = {}
    for text in texts:
        name, _, model = text.rpartition("=")
        if not name or not model:
            raise UserError(f"--row {text}: write <name>=<model>")
        if name in models:
            raise UserError(f"--row {text}: {name!r} is given twice; name each row once")
        models[name] = model
    return models
