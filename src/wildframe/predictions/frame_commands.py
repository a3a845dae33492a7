"""``wildframe predictions``: models that are shown frames directly, zoomed or adapted to each."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wildframe.core.options import (
    Device,
    Manifest,
    Model,
    PrecisionOption,
    PredictableOption,
    Statuses,
    Threads,
    Weights,
)
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

if TYPE_CHECKING:
    from wildframe.frames.preprocessing import Shown
    from wildframe.frames.views import View
    from wildframe.predictions.memo import AdaptedInference

app = typer.Typer()

Frames = Annotated[list[Path], typer.Option(help="Shards of the frames.")]
AdaptedView = Annotated[
    str, typer.Option("--view", help='View as JSON: {"kind": "full", "adapt": "memo"}.')
]
Code = Annotated[
    str, typer.Option(help="Hash of the code; what other code has left behind is not used.")
]


@app.command()
def zoom(
    model: Model,
    weights: Weights,
    frames: Frames,
    statuses: Statuses,
    manifest: Manifest,
    view: Annotated[str, typer.Option(help='View as JSON: {"kind": "zoom", "grid": "small"}.')],
    output: Table,
    crops: Annotated[Path, typer.Option(help="Table to write: one row per crop.")],
    label_space: LabelSpaceOption = None,
    restrict: RestrictOption = True,
    predictable: PredictableOption = "all",
    code: Code = "",
    exported: Exported = None,
    export_facts: ExportFacts = None,
    device: Device = "auto",
    batch_size: BatchSize = 32,
    precision: PrecisionOption = "fp32",
    threads: Threads = 1,
) -> None:
    """Predict the classes of every crop of a zoom view with one model, and so of every image.

    A run that was stopped goes on where it was.
    """
    from wildframe.core.errors import UserError
    from wildframe.frames.preprocessing import Shown
    from wildframe.frames.views import parse_view
    from wildframe.frames.views.zoom import Zoom
    from wildframe.models.weights import entry_of
    from wildframe.predictions.zoom import predict_zoom

    zoomed = parse_view(view)
    if not isinstance(zoomed, Zoom):
        raise UserError(f"view {view}: not of kind zoom; use `wildframe predictions run`")
    entry, export = entry_of(model, weights), (exported, export_facts)
    inference = open_either(entry, weights, export, device, batch_size, threads, precision)
    shown = Shown(frames, statuses, manifest, zoomed)
    space = Space(label_space, restrict, predictable, manifest)
    classes = space.classes(inference.facts)
    predict_zoom(inference, shown, classes, output, crops, {"code": code, **space.facts})


@app.command()
def adapt(
    model: Model,
    weights: Weights,
    frames: Frames,
    statuses: Statuses,
    manifest: Manifest,
    view: AdaptedView,
    output: Table,
    label_space: LabelSpaceOption = None,
    restrict: RestrictOption = True,
    predictable: PredictableOption = "all",
    code: Code = "",
    device: Device = "auto",
    batch_size: BatchSize = 32,
    threads: Threads = 1,
) -> None:
    """Predict the classes of every image with one model that is adapted to each of them.

    Weights are changed in memory only; every image begins with the model's own. A run that was
    stopped goes on where it was.
    """
    from wildframe.predictions.adapted import predict_adapted

    files = frames, statuses, manifest
    space = Space(label_space, restrict, predictable, manifest)
    adapted, shown = _open_adapted(model, weights, files, view, space, device, batch_size, threads)
    predict_adapted(adapted, shown, output, {"code": code, **space.facts})


@app.command("gradcam-adapted")
def gradcam_adapted(
    model: Model,
    weights: Weights,
    frames: Frames,
    statuses: Statuses,
    manifest: Manifest,
    view: AdaptedView,
    before: Annotated[Path, typer.Option(help="Predictions of the model itself.")],
    after: Annotated[Path, typer.Option(help="Predictions of the adapted model.")],
    output: Maps,
    label_space: LabelSpaceOption = None,
    restrict: RestrictOption = True,
    predictable: PredictableOption = "all",
    device: Device = "auto",
    threads: Threads = 1,
) -> None:
    """Map the evidence for the class predicted before and after adaptation, where it changes."""
    from wildframe.core.schemas import PREDICTIONS
    from wildframe.core.tables import read_facts
    from wildframe.predictions.adapted_gradcam import adapted_gradcam, changed_images

    files = frames, statuses, manifest
    space = Space(label_space, restrict, predictable, manifest)
    classes = space.classes(read_facts(after, PREDICTIONS))
    changed = changed_images(before, after, classes)
    adapted, shown = _open_adapted(model, weights, files, view, space, device, 1, threads)
    adapted_gradcam(adapted, shown.images(changed), classes, output)


def _open_adapted(
    model: str,
    weights: Path,
    files: tuple[Sequence[Path], Path, Path],
    view: str,
    space: Space,
    device: str,
    batch_size: int,
    threads: int,
) -> "tuple[AdaptedInference, Shown[View]]":
    """Open a model that is adapted to images, and the images of frames, statuses and manifest."""
    from wildframe.core.errors import UserError
    from wildframe.frames.preprocessing import Shown
    from wildframe.frames.views import parse_view
    from wildframe.models.weights import entry_of
    from wildframe.predictions.inference import Inference
    from wildframe.predictions.memo import AdaptedInference

    shown = Shown(*files, parse_view(view))
    if shown.view.adapt is None:
        raise UserError(f"view {view}: without adapt; use `wildframe predictions run`")
    entry = entry_of(model, weights)
    inference = Inference.open(entry, weights, device, batch_size, threads)
    possible = space.classes(inference.facts).predictable
    return AdaptedInference(inference, shown.view.adapt, possible), shown
