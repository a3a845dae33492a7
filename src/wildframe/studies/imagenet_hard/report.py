"""The report on the benchmark: top-1 accuracy of all models."""

from typing import Annotated

from wildframe.exhibits.comparisons import paired
from wildframe.exhibits.pairs import few_clusters
from wildframe.exhibits.paper import beside, paper_column, paper_numbers
from wildframe.exhibits.registry import File, exhibit
from wildframe.exhibits.score_table import ScoreTable
from wildframe.exhibits.table import Column, Table
from wildframe.studies.imagenet_hard.cells import interval_note, share_cells, share_columns
from wildframe.studies.imagenet_hard.inputs import (
    NOT_THE_PAPERS,
    PRINTED,
    ComparePaper,
    DataNote,
    Models,
    of_benchmark,
)


@exhibit(
    "Report: accuracy",
    "accuracy on the benchmark",
    "Top-1 accuracy of all models on the benchmark, among all of their classes; any label of an "
    "image is correct (the data set's own report).",
    printed="report",
    compares=[paired("each two models", shown_in="model_pairs")],
)
def report(
    scores: Annotated[ScoreTable, File("scores_accuracy", ScoreTable.read, of_benchmark)],
    models: Models,
    data_note: DataNote,
    compare: ComparePaper,
) -> Table:
    """Return one row a model with its top-1 accuracy."""
    printed = paper_numbers("imagenet_hard", "report")
    rows = []
    for model in models:
        name = PRINTED.get(model)
        row = {"model": model, "paper_row": name}
        row |= share_cells("top1", scores.require(model))
        row["paper_top1"] = beside(printed.get(name or ""), "accuracy", compare)
        rows.append(row)
    columns = [
        Column("model", "Model", align="l"),
        Column("paper_row", "Row in the report", align="l", absent="none"),
        *share_columns("top1", "Top-1", rows, "Images"),
        paper_column("paper_top1", "Published", compare),
    ]
    notes = [
        f"Data: {data_note}",
        interval_note(rows, ["top1"]),
        *few_clusters(rows, "top1_clusters", has_flips=False),
    ]
    if compare:
        notes.append(
            "Published: README of the data set. Its authors' notebook has run VGG-19 under the "
            "name of VGG-16 (11.99)."
        )
    else:
        notes.append(NOT_THE_PAPERS)
    return Table("Accuracy on the benchmark", columns, rows, notes)
