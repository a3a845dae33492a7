"""``wildframe predictions``: run a model, or import external predictions."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wildframe.core.choices import Targets
from wildframe.models.commands import (
    Classes,
    Device,
    Manifest,
    Model,
    Preprocessed,
    Threads,
    Weights,
)

if TYPE_CHECKING:
    from wildframe.predictions.inference import Inference

app = typer.Typer(help="Run models on images.", no_args_is_help=True)

BatchSize = Annotated[int, typer.Option(min=1, help="Images per forward pass.")]
Table = Annotated[Path, typer.Option(help="Table to write: one row per image.")]


@app.command()
def run(
    model: Model,
    weights: Weights,
    preprocessed: Preprocessed,
    output: Table,
    device: Device = "auto",
    batch_size: BatchSize = 32,
    threads: Threads = 1,
) -> None:
    """Predict the classes of every image with one model."""
    inference = _open(model, weights, preprocessed, device, batch_size, threads)
    from wildframe.predictions.predict import predict

    predict(inference, output)


@app.command()
def gradcam(
    model: Model,
    weights: Weights,
    preprocessed: Preprocessed,
    manifest: Manifest,
    classes: Classes,
    output: Annotated[Path, typer.Option(help="Table to write: two maps per image.")],
    device: Device = "auto",
    batch_size: BatchSize = 32,
    threads: Threads = 1,
) -> None:
    """Map the evidence in every image for its label, and for the predicted class."""
    inference = _open(model, weights, preprocessed, device, batch_size, threads)
    from wildframe.predictions.gradcam import gradcam as explain

    explain(inference, manifest, classes, output)


def _open(
    model: str, weights: Path, preprocessed: Path, device: str, batch_size: int, threads: int
) -> "Inference":
    from wildframe.models.device import keep_freed_memory
    from wildframe.models.weights import entry_of

    entry = entry_of(model, weights)
    keep_freed_memory()
    from wildframe.predictions.inference import Inference

    return Inference.open(
        entry, weights, preprocessed, device_name=device, batch_size=batch_size, threads=threads
    )


@app.command("import")
def import_predictions(
    predictions: Annotated[
        Path, typer.Argument(help="JSON: a list of scores for each frame, by the frame's name.")
    ],
    name: Annotated[str, typer.Option(help="Name of the model.")],
    manifest: Manifest,
    label_space: Annotated[Targets, typer.Option(help="Label space of the dataset.")],
    output: Table,
    reviews: Annotated[
        Path | None,
        typer.Option(help="Reviews of the dataset: only evaluated images need a prediction."),
    ] = None,
) -> None:
    """Import a prediction file in the format of ImageNet-Vid-Robust's own evaluation.

    A frame has a score for each class of the label space or of ImageNet-1K. Its name is that of
    `wildframe reviews export`: its path below Data/VID, or for a video VIDEO/000442.JPEG.
    """
    from wildframe.predictions.importing import import_predictions as convert

    convert(predictions, name, manifest, label_space, output, reviews)


@app.command()
def detect(
    detector: Annotated[str, typer.Argument(help="Detector of the zoo.")],
    frames: Annotated[list[Path], typer.Argument(help="Shards of the frames.")],
    weights: Annotated[Path, typer.Option(help="Its weights.detector file.")],
    output: Table,
    device: Device = "auto",
    batch_size: BatchSize = 8,
    threads: Threads = 1,
) -> None:
    """Detect the objects in every image with one detector."""
    from wildframe.models.detectors import detector_entry
    from wildframe.models.device import keep_freed_memory

    entry = detector_entry(detector)
    keep_freed_memory()
    from wildframe.predictions.detect import detect as write_detections

    files = weights, frames, output
    write_detections(entry, *files, device_name=device, batch_size=batch_size, threads=threads)
