"""Table 1: what ways to train do for accuracy on anchors and on sets."""

from collections.abc import Mapping

from wildframe.exhibits.paper import beside, paper_column, paper_numbers
from wildframe.exhibits.robustness_table import INTERVALS, RobustnessTable
from wildframe.exhibits.table import Column, Exhibit
from wildframe.exhibits.vid_robust.cells import (
    DELTA_INTERVALS,
    accuracy_cells,
    accuracy_columns,
    papers_note,
)

_PRINTED = ("original", "perturbed", "delta")


def model_types(
    table: RobustnessTable, models: Mapping[str, str], about: str, licensed: bool
) -> Exhibit:
    """Return one row a way to train.

    Args:
        table: Robustness of the models.
        models: The model of each way to train, by its name; at least one.
        about: What the data is.
        licensed: Whether the paper's numbers compare.

    Raises:
        UserError: A model was not scored.
    """
    paper = paper_numbers("vid_robust", "table1_model_types")
    rows = [
        {"row": name, **accuracy_cells(table, model)}
        | {f"paper_{key}": beside(_printed(paper.get(name)), key, licensed) for key in _PRINTED}
        for name, model in models.items()
    ]
    columns = [
        Column("row", "Model type", align="l"),
        Column("model", "Model", align="l"),
        *accuracy_columns(table.k),
        paper_column("paper_original", "Original %, paper", licensed),
        paper_column("paper_perturbed", "Perturbed %, paper", licensed),
        paper_column("paper_delta", "Delta, paper", licensed),
    ]
    notes = [
        *table.notes(about, next(iter(models.values()))),
        INTERVALS,
        DELTA_INTERVALS,
        papers_note(licensed),
    ]
    return Exhibit("Table 1: accuracy by model type", columns, rows, notes)


def _printed(row: Mapping[str, str] | None) -> dict[str, str]:
    """Return a row of the paper with its intervals behind the accuracies."""
    if row is None:
        return {}
    printed = {
        key: f"{row[key]} [{row[f'{key}_low']}, {row[f'{key}_high']}]"
        for key in ("original", "perturbed")
    }
    return printed | {"delta": row["delta"]}
