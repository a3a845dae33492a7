"""Appendix Table 3: all models, the most robust first."""

from collections import Counter
from collections.abc import Mapping, Sequence

from wildframe.core.choices import Targets
from wildframe.exhibits.paper import beside, paper_numbers
from wildframe.exhibits.robustness_table import INTERVALS, RobustnessTable
from wildframe.exhibits.table import Column, Table
from wildframe.studies.vid_robust.cells import (
    DELTA_INTERVALS,
    accuracy_cells,
    accuracy_columns,
    compares,
    kind_of,
    paper_columns,
    papers_note,
    unanswerable_notes,
)

_PRINTED = ("original", "perturbed", "delta")

_TORCHVISION = ".tv_in1k"
"""What timm adds to the names of the weights that the paper's models have."""


def all_models(
    table: RobustnessTable, models: Sequence[str], targets: Targets, about: str, licensed: bool
) -> Table:
    """Return one row a model, by falling accuracy on sets.

    Args:
        table: Robustness of the models.
        models: At least one; equal ones keep this order.
        targets: Classes that answers are judged by.
        about: What the data is.
        licensed: Whether the data is the paper's; its numbers stand beside ours if all of it is.

    Raises:
        UserError: A model was not scored.
    """
    paper = _by_name()
    shown = compares(licensed, table.require(models[0], 0)["n"])
    rows = [
        accuracy_cells(table, model)
        | {"kind": kind_of(model)}
        | {
            f"paper_{key}": beside(paper.get(model.removesuffix(_TORCHVISION)), key, shown)
            for key in _PRINTED
        }
        for model in models
    ]
    rows.sort(key=lambda row: -row["perturbed"])
    columns = [
        Column("model", "Model", align="l"),
        Column("kind", "From", align="l"),
        *accuracy_columns(table.k),
        *paper_columns(shown),
    ]
    notes = [
        *table.notes(about, models[0]),
        INTERVALS,
        DELTA_INTERVALS,
        *unanswerable_notes(table, models[0], targets),
        papers_note(shown),
    ]
    if shown:
        notes.append(
            "A row of the paper stands beside a model of its name, or of torchvision's weights of "
            f"that name ({_TORCHVISION}); rows whose name or numbers cannot be read for certain "
            "are left out."
        )
    title = "Appendix Table 3: original and perturbed accuracy of all models"
    return Table(title, columns, rows, notes)


def _by_name() -> dict[str, Mapping[str, str]]:
    """Return the paper's rows by model, without names that stand for different accuracies."""
    printed = paper_numbers("vid_robust", "table3_models").values()
    different = {(row["model"], *(row[key] for key in _PRINTED)) for row in printed}
    times = Counter(model for model, *_ in different)
    return {row["model"]: row for row in printed if times[row["model"]] == 1}
