"""Table 1: what ways to train do for accuracy on anchors and on sets."""

from collections.abc import Mapping

from wildframe.exhibits.paper import beside, paper_numbers
from wildframe.exhibits.registry import exhibit
from wildframe.exhibits.robustness_table import INTERVALS
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
from wildframe.studies.vid_robust.inputs import (
    ComparePaper,
    DataNote,
    ModelTypes,
    Robustness,
    TargetClasses,
    datasets,
)

_PRINTED = ("original", "perturbed", "delta")


@exhibit(
    "Table 1",
    "accuracy by way of training",
    "Original and perturbed accuracy of a model for each way of training, and what is lost between "
    "them (paper: Table 1).",
    datasets=datasets,
    printed="table1_model_types",
)
def table1_model_types(
    robustness: Robustness,
    models: ModelTypes,
    targets: TargetClasses,
    data_note: DataNote,
    compare: ComparePaper,
) -> Table:
    """Return one row a way of training."""
    paper = paper_numbers("vid_robust", "table1_model_types")
    any_model = next(iter(models.values()))
    shown = compares(compare, robustness.require(any_model, 0)["n"])
    rows = [
        {"row": name, **accuracy_cells(robustness, model)}
        | {f"paper_{key}": beside(_printed(paper.get(name)), key, shown) for key in _PRINTED}
        for name, model in models.items()
    ]
    columns = [
        Column("row", "Model type", align="l"),
        Column("model", "Model", align="l"),
        *accuracy_columns(robustness.k),
        *paper_columns(shown),
    ]
    notes = [
        *robustness.notes(data_note, any_model),
        INTERVALS,
        DELTA_INTERVALS,
        *unanswerable_notes(robustness, any_model, targets),
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
