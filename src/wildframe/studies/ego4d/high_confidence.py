"""How often models are sure and wrong (paper: E, and Fig. 6)."""

from collections.abc import Sequence

from wildframe.exhibits.paper import beside, data_notes, paper_column, paper_numbers
from wildframe.exhibits.score_table import ScoreTable
from wildframe.exhibits.table import Column, Table
from wildframe.models.zoo import ZooEntry
from wildframe.studies.ego4d.accuracy_table import (
    INTERVALS,
    MODEL_NAMES,
    clips_columns,
    paper_row,
    share_cells,
    share_columns,
)

_PREFIX = "wrong_above_"


def high_confidence(
    table: ScoreTable, models: Sequence[ZooEntry], about: str, licensed: bool
) -> Table:
    """Return one row a model: its share of pictures with a wrong prediction above the threshold.

    Args:
        table: Scores.
        models: In the order of the rows.
        about: What the data is.
        licensed: Whether the paper's numbers compare.

    Raises:
        UserError: A model was not scored, or the scores have several thresholds.
    """
    metric = table.metric(_PREFIX)
    threshold = metric.removeprefix(_PREFIX)
    paper = {
        name: row
        for name, row in paper_numbers("ego4d", "high_confidence").items()
        if float(row["threshold"]) == float(threshold)
    }
    rows = []
    for entry in models:
        score = table.require(entry.name, metric=metric)
        row = paper_row(entry) or ""
        rows.append(
            {
                "model": entry.name,
                "paper_row": row if row in paper else None,
                "threshold": threshold,
                **share_cells("wrong", score),
                "n": score["n"],
                "paper_wrong": beside(paper.get(row), "percent", licensed),
            }
        )
    columns = [
        *MODEL_NAMES,
        Column("threshold", ""),
        *share_columns("wrong", "Wrong and sure %"),
        *clips_columns("wrong", "Wrong and sure"),
        paper_column("paper_wrong", "Wrong and sure %, paper", licensed),
        Column("n", "Pictures"),
    ]
    notes = [
        *data_notes(about, licensed),
        f"Share of all pictures whose first prediction is wrong and has a probability above "
        f"{threshold}. A probability is the softmax of a model's own outputs.",
        INTERVALS,
    ]
    title = f"High-confidence errors: wrong with a probability above {threshold}"
    return Table(title, columns, rows, notes)
