"""``wildframe predictions``: run a model, or take in what one said elsewhere."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wildframe.core.choices import Targets

if TYPE_CHECKING:
    from wildframe.predictions.inference import Inference

app = typer.Typer(help="Run models over images.", no_args_is_help=True)

Model = Annotated[str, typer.Argument(help="Model of the zoo.")]
Weights = Annotated[Path, typer.Option(help="Its safetensors file.")]
Pixels = Annotated[Path, typer.Option("--preprocessed", help="Images of its preprocessing.")]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1, mps ...")]
BatchSize = Annotated[int, typer.Option(min=1, help="Images per forward pass.")]
Table = Annotated[Path, typer.Option(help="Table to write: one row per image.")]
Threads = Annotated[int, typer.Option(min=1, help="CPU threads.")]


@app.command()
def run(
    model: Model,
    weights: Weights,
    pixels: Pixels,
    output: Table,
    device: Device = "auto",
    batch_size: BatchSize = 32,
    threads: Threads = 1,
) -> None:
    """Predict the classes of every image with one model."""
    inference = _open(model, weights, pixels, device, batch_size, threads)
    from wildframe.predictions.predict import predict

    predict(inference, output)


@app.command()
def gradcam(
    model: Model,
    weights: Weights,
    pixels: Pixels,
    manifest: Annotated[Path, typer.Option(help="Manifest of the dataset, with the labels.")],
    classes: Annotated[Path, typer.Option(help="Table of classes.")],
    output: Annotated[Path, typer.Option(help="Table to write: two maps per image.")],
    device: Device = "auto",
    batch_size: BatchSize = 32,
    threads: Threads = 1,
) -> None:
    """Map which places of every image speak for its label, and for the predicted class."""
    inference = _open(model, weights, pixels, device, batch_size, threads)
    from wildframe.predictions.gradcam import gradcam as explain

    explain(inference, manifest, classes, output)


def _open(
    model: str, weights: Path, pixels: Path, device: str, batch_size: int, threads: int
) -> "Inference":
    from wildframe.models import zoo_entry
    from wildframe.models.device import keep_freed_memory

    entry = zoo_entry(model)
    keep_freed_memory()
    from wildframe.predictions.inference import Inference

    return Inference.open(
        entry, weights, pixels, device_name=device, batch_size=batch_size, threads=threads
    )


@app.command("import")
def import_predictions(
    predictions: Annotated[
        Path, typer.Argument(help="JSON: a list of scores for each frame, by the frame's name.")
    ],
    name: Annotated[str, typer.Option(help="What to call the model.")],
    manifest: Annotated[Path, typer.Option(help="Manifest of the dataset.")],
    targets: Annotated[
        Targets, typer.Option("--label-space", help="Classes that answers are judged by.")
    ],
    output: Table,
    reviews: Annotated[
        Path | None,
        typer.Option(help="Reviews of the dataset: only what is examined needs a prediction."),
    ] = None,
) -> None:
    """Take in a prediction file of the kind that ImageNet-Vid-Robust is scored with.

    A frame has a score for each target or for each class of ImageNet-1K. It is called as `wildframe
    reviews export` calls it: by its path below Data/VID, or out of a video VIDEO/000442.JPEG.
    """
    from wildframe.predictions.importing import import_predictions as take_in

    take_in(predictions, name, manifest, targets, output, reviews)


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
    """Find objects in every image with one detector."""
    from wildframe.models.detectors import detector_entry
    from wildframe.models.device import keep_freed_memory

    entry = detector_entry(detector)
    keep_freed_memory()
    from wildframe.predictions.detect import detect as find

    find(
        entry,
        weights,
        frames,
        output,
        device_name=device,
        batch_size=batch_size,
        threads=threads,
    )
