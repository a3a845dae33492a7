"""``wildframe predictions``: run a model, or import external predictions."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from wildframe.core.choices import ScoreSpace
from wildframe.core.display import Format, FormatOption
from wildframe.core.options import (
    Configs,
    Device,
    KeptFrames,
    Manifest,
    Model,
    PrecisionOption,
    PredictableOption,
    Preprocessed,
    Shards,
    Statuses,
    Threads,
    Weights,
)
from wildframe.predictions.frame_commands import app as frames_app
from wildframe.predictions.opening import (
    BatchSize,
    Exported,
    ExportFacts,
    LabelSpaceOption,
    Maps,
    RestrictOption,
    Space,
    Table,
    open_either,
)
from wildframe.predictions.teacher_commands import app as teachers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wildframe.frames.preprocessing import Crop

app = typer.Typer()
app.add_typer(frames_app)

Suffix = Literal["csv", "parquet", "json"]


@app.command()
def run(
    model: Model,
    weights: Weights,
    output: Table,
    preprocessed: Annotated[
        Path | None, typer.Option(help="Images in the model's preprocessing.")
    ] = None,
    frames: Annotated[
        list[Path] | None,
        typer.Option(help="Shards of the frames instead, to be shown as --view says."),
    ] = None,
    statuses: Annotated[Path | None, typer.Option(help="Statuses of these images.")] = None,
    manifest: Annotated[Path | None, typer.Option(help="Manifest of these images.")] = None,
    view: Annotated[str | None, typer.Option(help="View of these frames as JSON.")] = None,
    exported: Exported = None,
    export_facts: ExportFacts = None,
    device: Device = "auto",
    batch_size: BatchSize = 32,
    precision: PrecisionOption = "fp32",
    threads: Threads = 1,
) -> None:
    """Predict the classes of every image with one model.

    Images are preprocessed already, or cut out of the frames and preprocessed on the way.
    """
    from wildframe.core.errors import UserError
    from wildframe.frames.preprocessing import PreprocessedStream, Shown
    from wildframe.frames.views import parse_view
    from wildframe.models.weights import entry_of
    from wildframe.predictions.predict import predict

    crops: Iterable[Crop]
    facts: dict[str, str]
    if preprocessed and not (frames or statuses or manifest or view):
        entry = entry_of(model, weights)
        images = PreprocessedStream(preprocessed, entry.preprocessing)
        crops, facts = images, {"resize": images.resize}
    elif frames and statuses and manifest and view and not preprocessed:
        entry, facts = entry_of(model, weights), {"view": view}
        shown = Shown(frames, statuses, manifest, parse_view(view))
        crops = shown.crops(entry.preprocessing)
    else:
        raise UserError(
            "name images: either --preprocessed, or --frames, --statuses, --manifest and --view"
        )
    export = exported, export_facts
    inference = open_either(entry, weights, export, device, batch_size, threads, precision)
    predict(inference, crops, output, facts)


@app.command()
def gradcam(
    model: Model,
    weights: Weights,
    preprocessed: Preprocessed,
    manifest: Manifest,
    output: Maps,
    label_space: LabelSpaceOption = None,
    restrict: RestrictOption = True,
    predictable: PredictableOption = "all",
    device: Device = "auto",
    batch_size: BatchSize = 32,
    threads: Threads = 1,
) -> None:
    """Map the evidence in every image for its label, and for the predicted class."""
    from wildframe.frames.preprocessing import PreprocessedStream
    from wildframe.models.weights import entry_of
    from wildframe.predictions.gradcam import gradcam as explain
    from wildframe.predictions.inference import Inference

    entry = entry_of(model, weights)
    crops = PreprocessedStream(preprocessed, entry.preprocessing)
    inference = Inference.open(entry, weights, device, batch_size, threads)
    classes = Space(label_space, restrict, predictable, manifest).classes(inference.facts)
    explain(inference, crops, manifest, classes, output)


@app.command("import")
def import_predictions(
    predictions: Annotated[
        Path, typer.Argument(help="CSV, Parquet or JSON: scores or top classes of each image.")
    ],
    name: Annotated[str, typer.Option(help="Name of the model.")],
    manifest: Manifest,
    label_space: Annotated[
        ScoreSpace,
        typer.Option(help="Label space of the predictions; of another number, ImageNet-1K."),
    ],
    output: Table,
    reviews: Annotated[
        Path | None,
        typer.Option(help="Reviews of a dataset of sets: only evaluated images are needed."),
    ] = None,
    statuses: Annotated[
        Path | None,
        typer.Option(help="Status of each frame of another dataset: only readable are needed."),
    ] = None,
) -> None:
    """Import external predictions; `template` writes a file to fill in.

    An image is named by its image_id, or as `wildframe reviews export` names it: by its path below
    Data/VID, or for a video VIDEO/000442.JPEG.
    """
    from wildframe.predictions.importing import import_predictions as convert

    convert(predictions, name, manifest, label_space, output, reviews, statuses)


@app.command()
def template(
    dataset: Annotated[str, typer.Argument(help="Dataset of the config.")],
    config: Configs = None,
    manifest: Annotated[
        Path | None, typer.Option(help="Manifest of the dataset; by default the run's.")
    ] = None,
    fmt: Annotated[
        Suffix | None, typer.Option("--format", help="Format; by default that of --output, or csv.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="File to write; <dataset>.predictions.<format> by default.")
    ] = None,
) -> None:
    """Write a file that names every image of a dataset, to fill in external predictions.

    It says on standard error how. Columns and keys that say where an image is are not imported.
    """
    from wildframe.core.run import DatasetRun
    from wildframe.predictions.template import choose_output, write_template

    path = choose_output(dataset, fmt, output)
    run = DatasetRun(dataset, config or [])
    explanation = write_template(manifest or run.file(f"manifests/{dataset}.parquet"), path)
    print(f"{path}\n{explanation}", file=sys.stderr)


@app.command()
def clips(
    weights: Weights,
    clips: KeptFrames,
    output: Annotated[Path, typer.Option(help="Table to write: one row per clip and head.")],
    views: Annotated[int, typer.Option(min=1, help="Stretches of a clip.")] = 10,
    crops: Annotated[int, typer.Option(min=1, max=3, help="Crops of each stretch.")] = 3,
    manifest: Annotated[Path | None, typer.Option(help="Clips of the dataset.")] = None,
    split: Annotated[
        str | None, typer.Option(help="Split of the manifest whose clips are predicted; else all.")
    ] = None,
    appended: Annotated[
        list[Path] | None, typer.Option(help="Predictions whose embeddings it was trained with.")
    ] = None,
    device: Device = "auto",
    batch_size: BatchSize = 32,
    threads: Threads = 1,
) -> None:
    """Predict the classes of clips with a network that was trained on clips, over several views."""
    from wildframe.core.allocator import keep_freed_memory
    from wildframe.core.errors import UserError

    if bool(manifest) != bool(split):
        raise UserError("--manifest and --split belong together: give both or none")
    keep_freed_memory()
    from wildframe.predictions.clips import clips_of_split, predict_clips

    predict_clips(
        weights,
        clips,
        output,
        views=views,
        crops=crops,
        wanted=clips_of_split(manifest, split) if manifest and split else None,
        appended=appended or [],
        device_name=device,
        batch_size=batch_size,
        threads=threads,
    )


@app.command()
def detect(
    detector: Annotated[str, typer.Argument(help="Detector of the zoo.")],
    frames: Shards,
    statuses: Statuses,
    weights: Annotated[Path, typer.Option(help="Its weights.detector file.")],
    output: Table,
    device: Device = "auto",
    batch_size: BatchSize = 8,
    threads: Threads = 1,
) -> None:
    """Detect the objects in every image with one detector."""
    from wildframe.core.allocator import keep_freed_memory
    from wildframe.models.detectors import detector_entry

    entry = detector_entry(detector)
    keep_freed_memory()
    from wildframe.predictions.detect import detect as write_detections

    files = weights, frames, statuses, output
    write_detections(entry, *files, device_name=device, batch_size=batch_size, threads=threads)


@app.command()
def show(
    results: Annotated[
        list[Path],
        typer.Argument(
            help="Results of models: <results>/scores/<dataset>/<view>/<model>.parquet."
        ),
    ],
    wrong: Annotated[bool, typer.Option("--wrong", help="Only incorrect predictions.")] = False,
    label: Annotated[
        str | None, typer.Option("--class", help="Only images of this class: its name or wnid.")
    ] = None,
    model: Annotated[str | None, typer.Option(help="Only predictions of this model.")] = None,
    other: Annotated[
        str | None,
        typer.Option(
            "--not",
            help="Only images that --model is correct on and this model is not; with --wrong, that "
            "--model alone is incorrect on.",
        ),
    ] = None,
    classes: Annotated[
        Path | None, typer.Option(help="Table of classes; by default the run's.")
    ] = None,
    output: Annotated[
        Path | None, typer.Option(help="Parquet file to write instead of printing.")
    ] = None,
    fmt: FormatOption = Format.table,
) -> None:
    """List what models predicted on each image, by names of classes."""
    from wildframe.core.display import show as print_rows
    from wildframe.predictions import listing

    found = listing.read_results(results)
    classes = classes or listing.classes_file(results[0])
    names = listing.read_names(results[0], classes)
    if label:
        found = listing.labelled(found, label, classes, names)
    chosen = listing.select(found, wrong=wrong, model=model, other=other)
    rows = listing.list_predictions(chosen, names)
    if output:
        listing.write_listing(output, rows)
    else:
        print_rows(*listing.as_text(rows), fmt)


app.add_typer(teachers)
