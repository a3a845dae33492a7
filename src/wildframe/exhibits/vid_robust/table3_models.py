"""Appendix Table 3: all models, the most robust first."""

from collections import Counter
from collections.abc import Mapping, Sequence

from wildframe.exhibits.paper import beside, paper_column, paper_numbers
from wildframe.exhibits.robustness_table import INTERVALS, RobustnessTable
from wildframe.exhibits.table import Column, Exhibit
from wildframe.exhibits.vid_robust.cells import (
    DELTA_INTERVALS,
    accuracy_cells,
    accuracy_columns,
    kind_of,
    papers_note,
)

_PRINTED = ("original", "perturbed", "delta")

_TORCHVISION = ".tv_in1k"
"""What timm adds to the names of the weights that the paper's models have."""


def all_models(
    table: RobustnessTable, models: Sequence[str], about: str, licensed: bool
) -> Exhibit:
    """Return one row a model, by falling accuracy on sets.

    Args:
        table: Robustness of the models.
        models: At least one; equal ones keep this order.
        about: What the data is.
        licensed: Whether the paper's numbers compare.

    Raises:
        UserError: A model was not scored.
    """
    paper = _by_name()
    rows = [
        accuracy_cells(table, model)
        | {"kind": kind_of(model)}
        | {
            f"paper_{key}": beside(paper.get(model.removesuffix(_TORCHVISION)), key, licensed)
            for key in _PRINTED
        }
        for model in models
    ]
    rows.sort(key=lambda row: -row["perturbed"])
    columns = [
        Column("model", "Model", align="l"),
        Column("kind", "From", align="l"),
        *accuracy_columns(table.k),
        paper_column("paper_original", "Original %, paper", licensed),
        paper_column("paper_perturbed", "Perturbed %, paper", licensed),
        paper_column("paper_delta", "Delta, paper", licensed),
    ]
    notes = [*table.notes(about, models[0]), INTERVALS, DELTA_INTERVALS, papers_note(licensed)]
    if licensed:
        notes.append(
            "A row of the paper stands beside a model of its name, or of torchvision's weights of "
            f"that name ({_TORCHVISION}); rows whose name or numbers cannot be read for certain "
            "are left out."
        )
    title = "Appendix Table 3: original and perturbed accuracy of all models"
    return Exhibit(title, columns, rows, notes)


def _by_name() -> dict[str, Mapping[str, str]]:
    """Return the paper's rows by model, without names that stand for different accuracies."""
    printed = paper_numbers("vid_robust", "table3_models").values()
    different = {(row["model"], *(row[key] for key in _PRINTED)) for row in printed}
    times = Counter(model for model, *_ in different)
    return {row["model"]: row for row in printed if times[row["model"]] == 1}
