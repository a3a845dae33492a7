"""Appendix Table 3: all models, the most robust first."""

from collections import Counter
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
    Kinds,
    Robustness,
    TargetClasses,
    datasets,
)

_PRINTED = ("original", "perturbed", "delta")

_TORCHVISION = ".tv_in1k"
"""What timm adds to the names of the weights that the paper's models have."""


@exhibit(
    "App. Table 3",
    "accuracy of all models",
    "Original and perturbed accuracy of all models, the most robust first (paper: appendix "
    "Table 3).",
    datasets=datasets,
    printed="table3_models",
)
def table3_models(
    robustness: Robustness,
    kinds: Kinds,
    targets: TargetClasses,
    data_note: DataNote,
    compare: ComparePaper,
) -> Table:
    """Return one row a model, by falling accuracy on sets."""
    paper = _by_name()
    any_model = next(iter(kinds))
    shown = compares(compare, robustness.require(any_model, 0)["n"])
    rows = [
        accuracy_cells(robustness, model)
        | {"kind": kind}
        | {
            f"paper_{key}": beside(paper.get(model.removesuffix(_TORCHVISION)), key, shown)
            for key in _PRINTED
        }
        for model, kind in kinds.items()
    ]
    rows.sort(key=lambda row: -row["perturbed"])
    columns = [
        Column("model", "Model", align="l"),
        Column("kind", "From", align="l"),
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
