"""``wildframe predictions``: run a model, or import external predictions."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from wildframe.core.choices import ScoreSpace, Targets
from wildframe.core.display import Format, FormatOption
from wildframe.core.options import (
    Classes,
    Configs,
    Device,
    Manifest,
    Model,
    PredictableOption,
    Preprocessed,
    Threads,
    Weights,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from wildframe.frames.preprocessing import Crop
    from wildframe.models import ZooEntry
    from wildframe.predictions.inference import ExportedInference, Inference

app = typer.Typer()

Suffix = Literal["csv", "parquet", "json"]
BatchSize = Annotated[int, typer.Option(min=1, help="Images per forward pass.")]
Table = Annotated[Path, typer.Option(help="Table to write: one row per image.")]
Exported = Annotated[
    Path | None, typer.Option(help="Export of the weights, used if it predicts as torch does.")
]
ExportFacts = Annotated[Path | None, typer.Option(help="How the export compares with torch.")]
LabelSpaceOption = Annotated[
    Targets | None,
    typer.Option(help="Label space whose classes the model's count as; else its own."),
]
RestrictOption = Annotated[
    bool, typer.Option(help="Whether only classes of the label space can be predicted.")
]


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
    threads: Threads = 1,
) -> None:
    """Predict the classes of every image with one model.

    Images are preprocessed already, or cut out of the frames and preprocessed on the way.
    """
    from wildframe.core.errors import UserError
    from wildframe.frames.preprocessing import iter_crops, read_preprocessed
    from wildframe.frames.views import parse_view
    from wildframe.models.weights import entry_of

    crops: Iterable[Crop]
    if preprocessed and not (frames or statuses or manifest or view):
        entry, facts = entry_of(model, weights), {}
        crops = read_preprocessed(preprocessed, entry.preprocessing)
    elif frames and statuses and manifest and view and not preprocessed:
        entry, facts = entry_of(model, weights), {"view": view}
        files = frames, statuses, manifest
        crops = iter_crops(*files, parse_view(view), entry.preprocessing)
    else:
        raise UserError(
            "name images: either --preprocessed, or --frames, --statuses, --manifest and --view"
        )
    export = exported, export_facts
    inference = _open_either(entry, weights, export, crops, device, batch_size, threads)
    from wildframe.predictions.predict import predict

    predict(inference, output, facts)


@app.command()
def zoom(
    model: Model,
    weights: Weights,
    frames: Annotated[list[Path], typer.Option(help="Shards of the frames.")],
    statuses: Annotated[Path, typer.Option(help="Statuses of the images.")],
    manifest: Manifest,
    view: Annotated[str, typer.Option(help='View as JSON: {"kind": "zoom", "grid": "small"}.')],
    output: Table,
    crops: Annotated[Path, typer.Option(help="Table to write: one row per crop.")],
    label_space: LabelSpaceOption = None,
    restrict: RestrictOption = True,
    predictable: PredictableOption = "all",
    code: Annotated[
        str, typer.Option(help="Hash of the code; what another has left is not used.")
    ] = "",
    exported: Exported = None,
    export_facts: ExportFacts = None,
    device: Device = "auto",
    batch_size: BatchSize = 32,
    threads: Threads = 1,
) -> None:
    """Predict the classes of every crop of a zoom view with one model, and so of every image.

    A run that was stopped goes on where it was.
    """
    from wildframe.core.errors import UserError
    from wildframe.frames.views import parse_view
    from wildframe.frames.views.zoom import Zoom
    from wildframe.manifests.predictable import predictable_wnids
    from wildframe.models.weights import entry_of

    zoomed = parse_view(view)
    if not isinstance(zoomed, Zoom):
        raise UserError(f"view {view}: not of kind zoom; use `wildframe predictions run`")
    entry, export = entry_of(model, weights), (exported, export_facts)
    inference = _open_either(entry, weights, export, (), device, batch_size, threads)
    from wildframe.predictions.zoom import Classes, Shown, predict_zoom

    shown = Shown(frames, statuses, manifest, zoomed)
    only = predictable_wnids(predictable, manifest)
    classes = Classes.of(inference.facts, label_space, restrict, only)
    facts = {"code": code, "predictable": predictable}
    if label_space:
        facts |= {"targets": label_space, "restrict_to_label_space": str(restrict)}
    predict_zoom(inference, shown, classes, output, crops, facts)


@app.command()
def adapt(
    model: Model,
    weights: Weights,
    frames: Annotated[list[Path], typer.Option(help="Shards of the frames.")],
    statuses: Annotated[Path, typer.Option(help="Statuses of the images.")],
    manifest: Manifest,
    view: Annotated[str, typer.Option(help='View as JSON: {"kind": "full", "adapt": "memo"}.')],
    output: Table,
    label_space: LabelSpaceOption = None,
    restrict: RestrictOption = True,
    predictable: PredictableOption = "all",
    device: Device = "auto",
    batch_size: BatchSize = 32,
    threads: Threads = 1,
) -> None:
    """Predict the classes of every image with one model that is adapted to each of them.

    Weights are changed in memory only; every image begins with the model's own.
    """
    from wildframe.core.errors import UserError
    from wildframe.frames.preprocessing import iter_shown
    from wildframe.frames.views import parse_view
    from wildframe.manifests.predictable import predictable_wnids
    from wildframe.models.weights import entry_of

    shown = parse_view(view)
    if shown.adapt is None:
        raise UserError(f"view {view}: without adapt; use `wildframe predictions run`")
    inference = _open(entry_of(model, weights), weights, (), device, batch_size, threads)
    from wildframe.predictions.memo import AdaptedInference
    from wildframe.predictions.predict import predict
    from wildframe.predictions.zoom import Classes

    images = iter_shown(frames, statuses, manifest, shown)
    only = predictable_wnids(predictable, manifest)
    possible = Classes.of(inference.facts, label_space, restrict, only).predictable
    adapted = AdaptedInference(inference, images, shown.adapt, possible)
    facts = {"view": view, "predictable": predictable}
    if label_space:
        facts |= {"targets": label_space, "restrict_to_label_space": str(restrict)}
    predict(adapted, output, facts)


def _is_usable(model: str, export_facts: Path) -> bool:
    from wildframe.models.exported import disagreement

    if reason := disagreement(export_facts):
        print(f"{model}: {reason}; it runs in torch", flush=True)
    return reason is None


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
    from wildframe.frames.preprocessing import read_preprocessed
    from wildframe.models.weights import entry_of

    entry = entry_of(model, weights)
    crops = read_preprocessed(preprocessed, entry.preprocessing)
    inference = _open(entry, weights, crops, device, batch_size, threads)
    from wildframe.predictions.gradcam import gradcam as explain

    explain(inference, manifest, classes, output)


def _open(
    entry: "ZooEntry",
    weights: Path,
    crops: "Iterable[Crop]",
    device: str,
    batch_size: int,
    threads: int,
) -> "Inference":
    from wildframe.models.device import keep_freed_memory

    keep_freed_memory()
    from wildframe.predictions.inference import Inference

    return Inference.open(
        entry, weights, crops, device_name=device, batch_size=batch_size, threads=threads
    )


def _open_either(
    entry: "ZooEntry",
    weights: Path,
    export: tuple[Path | None, Path | None],
    crops: "Iterable[Crop]",
    device: str,
    batch_size: int,
    threads: int,
) -> "Inference | ExportedInference":
    """Open the export of a model if it predicts as torch does, and otherwise the model."""
    exported, facts = export
    if not (exported and facts and _is_usable(entry.name, facts)):
        return _open(entry, weights, crops, device, batch_size, threads)
    from wildframe.predictions.inference import ExportedInference

    return ExportedInference.open(
        entry, weights, exported, facts, crops, batch_size=batch_size, threads=threads
    )


@app.command("import")
def import_predictions(
    predictions: Annotated[
        Path, typer.Argument(help="CSV, Parquet or JSON: scores or top classes of each image.")
    ],
    name: Annotated[str, typer.Option(help="Name of the model.")],
    manifest: Manifest,
    label_space: Annotated[
        ScoreSpace,
        typer.Option(help="Label space of the predictions, or ImageNet-1K by their number."),
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
    """Import predictions that were made elsewhere; `template` writes a file to fill in.

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
    """Write a file that names every image of a dataset, to fill in predictions made elsewhere.

    It says on standard error how. Columns and keys that say where an image is are not imported.
    """
    from wildframe.core.run import DatasetRun
    from wildframe.predictions.template import choose_output, write_template

    path = choose_output(dataset, fmt, output)
    run = DatasetRun(dataset, config or [])
    explanation = write_template(manifest or run.file(f"manifests/{dataset}.parquet"), path)
    print(f"{path}\n{explanation}", file=sys.stderr)


@app.command()
def detect(
    detector: Annotated[str, typer.Argument(help="Detector of the zoo.")],
    frames: Annotated[list[Path], typer.Argument(help="All shards of the source's frames.")],
    statuses: Annotated[Path, typer.Option(help="Status of each image of the dataset.")],
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

    files = weights, frames, statuses, output
    write_detections(entry, *files, device_name=device, batch_size=batch_size, threads=threads)


@app.command()
def show(
    results: Annotated[
        list[Path],
        typer.Argument(help="Results of models: <results>/scores/<dataset>/<view>/*.parquet."),
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

    classes = classes or listing.classes_file(results[0])
    found = listing.read_results(results)
    if label:
        found = listing.labelled(found, label, classes)
    chosen = listing.select(found, wrong=wrong, model=model, other=other)
    rows = listing.list_predictions(chosen, listing.read_names(results[0], classes))
    if output:
        listing.write_listing(output, rows)
    else:
        print_rows(*listing.as_text(rows), fmt)
