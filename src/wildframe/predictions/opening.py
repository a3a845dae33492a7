"""Models as commands open them, in torch or exported, and the classes that they predict."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wildframe.core.choices import InferencePrecision, Predictable, Targets
from wildframe.core.errors import UserError

if TYPE_CHECKING:
    from wildframe.models import ZooEntry
    from wildframe.predictions.inference import ExportedInference, Inference
    from wildframe.predictions.zoom import Classes

BatchSize = Annotated[int, typer.Option(min=1, help="Images per forward pass.")]
Table = Annotated[Path, typer.Option(help="Table to write: one row per image.")]
Maps = Annotated[Path, typer.Option(help="Table to write: two maps per image.")]
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


@dataclass(frozen=True)
class Space:
    """Which classes of a model can be predicted, and what they count as."""

    label_space: Targets | None
    restrict: bool
    predictable: Predictable
    manifest: Path

    @property
    def facts(self) -> dict[str, str]:
        """The same for the metadata of tables."""
        facts: dict[str, str] = {"predictable": self.predictable}
        if self.label_space:
            facts |= {"targets": self.label_space, "restrict_to_label_space": str(self.restrict)}
        return facts

    def classes(self, facts: Mapping[str, str]) -> "Classes":
        """Return the classes of a model by the metadata of its predictions."""
        from wildframe.manifests.predictable import predictable_wnids
        from wildframe.predictions.zoom import Classes

        if self.label_space and self.predictable != "all":
            raise UserError(
                "--predictable is of a model's own label space; leave it out, or --label-space"
            )
        only = predictable_wnids(self.predictable, self.manifest)
        return Classes.of(facts, self.label_space, self.restrict, only)


def open_either(
    entry: "ZooEntry",
    weights: Path,
    export: tuple[Path | None, Path | None],
    device: str,
    batch_size: int,
    threads: int,
    precision: InferencePrecision,
) -> "Inference | ExportedInference":
    """Open the export of a model if it predicts as torch does, and otherwise the model.

    Raises:
        UserError: One of the export and its comparison is given without the other.
    """
    from wildframe.predictions.inference import ExportedInference, Inference

    exported, facts = export
    if bool(exported) != bool(facts):
        raise UserError("--exported and --export-facts belong together: give both or none")
    if exported and facts and _is_usable(entry, weights, facts):
        return ExportedInference.open(entry, weights, exported, facts, batch_size, threads)
    return Inference.open(entry, weights, device, batch_size, threads, precision)


def _is_usable(entry: "ZooEntry", weights: Path, export_facts: Path) -> bool:
    from wildframe.models.exported import disagreement, made_of

    if reason := disagreement(export_facts, made_of(entry, weights)):
        print(f"{entry.name}: {reason}; it runs in torch", flush=True)
    return reason is None
