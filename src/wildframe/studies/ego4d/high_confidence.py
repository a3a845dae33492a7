"""How often models are sure and wrong (paper: E, and Fig. 6)."""

from collections.abc import Sequence
from typing import Annotated

from wildframe.exhibits.inputs import entries
from wildframe.exhibits.paper import beside, data_notes, paper_column, paper_numbers
from wildframe.exhibits.registry import exhibit
from wildframe.exhibits.table import Column, Table
from wildframe.models import ZooEntry
from wildframe.studies.ego4d.accuracy_table import (
    INTERVALS,
    MODEL_NAMES,
    clips_columns,
    paper_row,
    share_cells,
    share_columns,
)
from wildframe.studies.ego4d.inputs import ComparePaper, DataNote, Scores, evaluated

_PREFIX = "incorrect_above_"


@exhibit(
    "Beyond: high confidence",
    "confident errors",
    "Share of all images whose first prediction is wrong and has a high probability, for every "
    "model (paper: 3.6 % for ResNet50, section E).",
    printed="high_confidence",
)
def high_confidence(
    scores: Scores,
    models: Annotated[Sequence[ZooEntry], entries(evaluated)],
    data_note: DataNote,
    compare: ComparePaper,
) -> Table:
    """Return one row a model: its share of images with a wrong prediction above the threshold."""
    metric = scores.metric(_PREFIX)
    threshold = metric.removeprefix(_PREFIX)
    paper = {
        name: row
        for name, row in paper_numbers("ego4d", "high_confidence").items()
        if float(row["threshold"]) == float(threshold)
    }
    rows = []
    for entry in models:
        score = scores.require(entry.name, metric=metric)
        row = paper_row(entry) or ""
        rows.append(
            {
                "model": entry.name,
                "paper_row": row if row in paper else None,
                "threshold": threshold,
                **share_cells("wrong", score),
                "n": score["n"],
                "paper_wrong": beside(paper.get(row), "percent", compare),
            }
        )
    columns = [
        *MODEL_NAMES,
        Column("threshold", ""),
        *share_columns("wrong", "Wrong and sure %"),
        *clips_columns("wrong", "Wrong and sure"),
        paper_column("paper_wrong", "Wrong and sure %, paper", compare),
        Column("n", "Images"),
    ]
    notes = [
        *data_notes(data_note, compare),
        f"Share of all images whose first prediction is wrong and has a probability above "
        f"{threshold}. A probability is the softmax of a model's own outputs.",
        INTERVALS,
    ]
    title = f"High-confidence errors: wrong with a probability above {threshold}"
    return Table(title, columns, rows, notes)
