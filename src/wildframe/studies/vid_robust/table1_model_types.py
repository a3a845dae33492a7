"""Table 1: accuracy on anchors and on sets by way of training."""

from collections.abc import Mapping

from wildframe.exhibits.paper import paper_numbers
from wildframe.exhibits.registry import exhibit
from wildframe.exhibits.table import Column, Table
from wildframe.studies.vid_robust.cells import (
    EACH_TWO_MODELS,
    accuracy_cells,
    accuracy_table,
    compares,
    paper_cells,
)
from wildframe.studies.vid_robust.inputs import (
    ComparePaper,
    DataNote,
    ModelTypes,
    Pairs,
    Robustness,
    SetsLabelSpace,
    datasets,
)


@exhibit(
    "Table 1",
    "accuracy by way of training",
    "Original and perturbed accuracy of a model for each way of training, and the difference "
    "between them (paper: Table 1).",
    datasets=datasets,
    compares=EACH_TWO_MODELS,
    printed="table1_model_types",
)
def table1_model_types(
    robustness: Robustness,
    pairs: Pairs,
    models: ModelTypes,
    label_space: SetsLabelSpace,
    data_note: DataNote,
    compare: ComparePaper,
) -> Table:
    """Return one row a way of training."""
    paper = paper_numbers("vid_robust", "table1_model_types")
    cells = {name: accuracy_cells(robustness, model) for name, model in models.items()}
    shown = compares(compare, next(iter(cells.values()))["original_n"])
    rows = [
        {"row": name} | row | paper_cells(_printed(paper.get(name)), shown)
        for name, row in cells.items()
    ]
    columns = [Column("row", "Model type", align="l"), Column("model", "Model", align="l")]
    title = "Table 1: accuracy by model type"
    return accuracy_table(title, columns, rows, robustness, pairs, label_space, data_note, shown)


def _printed(row: Mapping[str, str] | None) -> dict[str, str]:
    """Return a row of the paper with its intervals behind the accuracies."""
    if row is None:
        return {}
    printed = {
        key: f"{row[key]} [{row[f'{key}_low']}, {row[f'{key}_high']}]"
        for key in ("original", "perturbed")
    }
    return printed | {"delta": row["delta"]}
