"""Options and arguments that the commands of several stations share; importing it is cheap."""

from pathlib import Path
from typing import Annotated

import typer

from wildframe.core.choices import InferencePrecision, Predictable
from wildframe.core.errors import UserError

Model = Annotated[
    str, typer.Argument(metavar="MODEL", help="Model: of the zoo, a reference, or of the config.")
]
Weights = Annotated[Path, typer.Option(help="Its safetensors file.")]
Preprocessed = Annotated[Path, typer.Option(help="Images in the preprocessing of the model.")]
Manifest = Annotated[Path, typer.Option(help="Manifest of the dataset.")]
Shards = Annotated[list[Path], typer.Argument(help="All shards of the source's frames.")]
Statuses = Annotated[Path, typer.Option(help="Status of each image of the dataset.")]
KeptFrames = Annotated[list[Path], typer.Option(help="Kept frames of the clips.")]
Table = Annotated[Path, typer.Option(help="Table to write.")]
PredictableOption = Annotated[
    Predictable,
    typer.Option(
        help="Classes of the model that can be predicted: all, labels (of images of the dataset), "
        "imagenet_a or imagenet_r."
    ),
]
Classes = Annotated[Path, typer.Option(help="Table of classes.")]
Configs = Annotated[
    list[Path] | None,
    typer.Option("--config", help="Configuration file; several are merged in order."),
]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1, mps ...")]
PrecisionOption = Annotated[
    InferencePrecision,
    typer.Option(help="Precision of inference: tf32 and bf16 are faster on GPUs, but less exact."),
]
Threads = Annotated[int, typer.Option(min=1, help="CPU threads.")]


def name_and_value(text: str) -> tuple[str, str]:
    """Return both sides of ``<name>=<value>``.

    Raises:
        UserError: The text has no equals sign, or nothing in front of it.
    """
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise UserError(f"{text}: write <name>=<value>")
    return name, value
