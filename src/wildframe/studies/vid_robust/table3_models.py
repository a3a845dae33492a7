"""Appendix Table 3: all models, the most robust first."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

from wildframe.exhibits.paper import paper_numbers
from wildframe.exhibits.registry import exhibit
from wildframe.exhibits.table import Column, Table
from wildframe.studies.vid_robust.cells import (
    EACH_TWO_MODELS,
    PRINTED,
    accuracy_table,
    compares,
    paper_cells,
)
from wildframe.studies.vid_robust.fig2_original_vs_perturbed import points
from wildframe.studies.vid_robust.inputs import (
    ComparePaper,
    DataNote,
    Kinds,
    Pairs,
    Robustness,
    SetsLabelSpace,
    datasets,
)
from wildframe.studies.vid_robust.testbed import TORCHVISION


@exhibit(
    "App. Table 3",
    "accuracy of all models",
    "Original and perturbed accuracy of all models, the most robust first (paper: appendix "
    "Table 3).",
    datasets=datasets,
    compares=EACH_TWO_MODELS,
    printed="table3_models",
)
def table3_models(
    robustness: Robustness,
    pairs: Pairs,
    kinds: Kinds,
    label_space: SetsLabelSpace,
    data_note: DataNote,
    compare: ComparePaper,
) -> Table:
    """Return one row a model, by falling accuracy on sets."""
    paper = _by_name()
    rows = points(robustness, kinds)
    shown = compares(compare, rows[0]["original_n"])
    for row in rows:
        row |= paper_cells(paper.get(row["model"].removesuffix(TORCHVISION)), shown)
    rows.sort(key=lambda row: -row["perturbed"])
    columns = [Column("model", "Model", align="l"), Column("kind", "From", align="l")]
    title = "Appendix Table 3: original and perturbed accuracy of all models"
    table = accuracy_table(title, columns, rows, robustness, pairs, label_space, data_note, shown)
    if not shown:
        return table
    note = (
        "A row of the paper stands beside a model of its name, or of torchvision's weights of that "
        f"name ({TORCHVISION}); rows whose name or numbers are ambiguous are left out."
    )
    return replace(table, notes=[*table.notes, note])


def _by_name() -> dict[str, Mapping[str, str]]:
    """Return the paper's rows by model, without names that stand for different accuracies."""
    printed = paper_numbers("vid_robust", "table3_models").values()
    different = {(row["model"], *(row[key] for key in PRINTED)) for row in printed}
    times = Counter(model for model, *_ in different)
    return {row["model"]: row for row in printed if times[row["model"]] == 1}
