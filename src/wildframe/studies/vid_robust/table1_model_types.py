"""Table 1: what ways to train do for accuracy on anchors and on sets."""

from collections.abc import Mapping

from wildframe.core.choices import Targets
from wildframe.exhibits.paper import beside, paper_numbers
from wildframe.exhibits.robustness_table import INTERVALS, RobustnessTable
from wildframe.exhibits.table import Column, Table
from wildframe.studies.vid_robust.cells import (
    DELTA_INTERVALS,
    accuracy_cells,
    accuracy_columns,
    compares,
    paper_columns,
    papers_note,
    unanswerable_notes,
)

_PRINTED = ("original", "perturbed", "delta")


def model_types(
    table: RobustnessTable, models: Mapping[str, str], targets: Targets, about: str, licensed: bool
) -> Table:
    """Return one row a way to train.

    Args:
        table: Robustness of the models.
        models: The model of each way to train, by its name; at least one.
        targets: Classes that answers are judged by.
        about: What the data is.
        licensed: Whether the data is the paper's; its numbers stand beside ours if all of it is.

    Raises:
        UserError: A model was not scored.
    """
    paper = paper_numbers("vid_robust", "table1_model_types")
    any_model = next(iter(models.values()))
    shown = compares(licensed, table.require(any_model, 0)["n"])
    rows = [
        {"row": name, **accuracy_cells(table, model)}
        | {f"paper_{key}": beside(_printed(paper.get(name)), key, shown) for key in _PRINTED}
        for name, model in models.items()
    ]
    columns = [
        Column("row", "Model type", align="l"),
        Column("model", "Model", align="l"),
        *accuracy_columns(table.k),
        *paper_columns(shown),
    ]
    notes = [
        *table.notes(about, any_model),
        INTERVALS,
        DELTA_INTERVALS,
        *unanswerable_notes(table, any_model, targets),
        papers_note(shown),
    ]
    return Table("Table 1: accuracy by model type", columns, rows, notes)


def _printed(row: Mapping[str, str] | None) -> dict[str, str]:
    """Return a row of the paper with its intervals behind the accuracies."""
    if row is None:
        return {}
    printed = {
        key: f"{row[key]} [{row[f'{key}_low']}, {row[f'{key}_high']}]"
        for key in ("original", "perturbed")
    }
    return printed | {"delta": row["delta"]}
