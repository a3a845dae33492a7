"""Models as commands open them: in torch, or exported where that predicts the same."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from wildframe.core.choices import InferencePrecision
    from wildframe.models import ZooEntry
    from wildframe.predictions.inference import ExportedInference, Inference

BatchSize = Annotated[int, typer.Option(min=1, help="Images per forward pass.")]
Table = Annotated[Path, typer.Option(help="Table to write: one row per image.")]
Maps = Annotated[Path, typer.Option(help="Table to write: two maps per image.")]
Exported = Annotated[
    Path | None, typer.Option(help="Export of the weights, used if it predicts as torch does.")
]
ExportFacts = Annotated[Path | None, typer.Option(help="How the export compares with torch.")]


def open_either(
    entry: "ZooEntry",
    weights: Path,
    export: tuple[Path | None, Path | None],
    device: str,
    batch_size: int,
    threads: int,
    precision: "InferencePrecision",
) -> "Inference | ExportedInference":
    """Open the export of a model if it predicts as torch does, and otherwise the model."""
    from wildframe.predictions.inference import ExportedInference, Inference

    exported, facts = export
    if exported and facts and _is_usable(entry.name, facts):
        return ExportedInference.open(entry, weights, exported, facts, batch_size, threads)
    return Inference.open(entry, weights, device, batch_size, threads, precision)


def _is_usable(model: str, export_facts: Path) -> bool:
    from wildframe.models.exported import disagreement

    if reason := disagreement(export_facts):
        print(f"{model}: {reason}; it runs in torch", flush=True)
    return reason is None
