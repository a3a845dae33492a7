"""How often models are incorrect with high confidence (paper: E, and Fig. 6)."""

from collections.abc import Sequence
from typing import Annotated

from wildframe.exhibits.comparisons import lettered
from wildframe.exhibits.inputs import Entry, ExternalModel, entries
from wildframe.exhibits.pairs import LETTERS, Case, few_clusters
from wildframe.exhibits.paper import beside, paper_column, paper_numbers
from wildframe.exhibits.registry import exhibit
from wildframe.exhibits.shares import INTERVALS
from wildframe.exhibits.table import Column, Table
from wildframe.scores.accuracy import incorrect_above
from wildframe.studies.ego4d.accuracy_table import (
    MODEL_NAMES,
    both_intervals,
    data_notes,
    group_column,
    paper_row,
    share_cells,
)
from wildframe.studies.ego4d.inputs import (
    ComparePaper,
    DataNote,
    Pairs,
    Scores,
    Threshold,
    evaluated,
)

_PREFIX = "incorrect_above_"


@exhibit(
    "Supplement: high confidence",
    "high-confidence errors",
    "Share of all images whose top-1 prediction is incorrect and has a high probability, for every "
    "model (paper: 3.6 % for ResNet50, section E).",
    printed="high_confidence",
    compares=[lettered()],
)
def high_confidence(
    scores: Scores,
    pairs: Pairs,
    models: Annotated[Sequence[Entry], entries(evaluated)],
    above: Threshold,
    data_note: DataNote,
    compare: ComparePaper,
) -> Table:
    """Return one row a model: its share of images with a confident error."""
    metric = incorrect_above(above)
    threshold = metric.removeprefix(_PREFIX)
    paper = {
        name: row
        for name, row in paper_numbers("ego4d", "high_confidence").items()
        if float(row["threshold"]) == above
    }
    with_score = [Case(entry.name) for entry in models if scores.find(entry.name, metric=metric)]
    letters = pairs.letters(with_score, metric=metric)
    rows, shown = [], []
    for entry in models:
        # External predictions may have no probabilities.
        find = scores.find if isinstance(entry, ExternalModel) else scores.require
        score = find(entry.name, metric=metric)
        shown += [score] if score else []
        row = paper_row(entry)
        rows.append(
            {
                "model": entry.name,
                "paper_row": row if row in paper else None,
                "threshold": threshold,
                **share_cells("wrong", score),
                "wrong_group": letters.get(Case(entry.name)),
                "n": score and score["n"],
                "paper_incorrect": beside(paper.get(row), "percent", compare),
            }
        )
    columns = [
        *MODEL_NAMES,
        Column("threshold", ""),
        *both_intervals("wrong", "High-confidence errors"),
        group_column("wrong", "a for the most"),
        paper_column("paper_incorrect", "High-confidence errors %, paper", compare),
        Column("n", "Images", absent="N/A"),
    ]
    notes = [
        *data_notes(data_note, compare),
        "Share of all images whose top-1 prediction is incorrect and has a probability above "
        f"{threshold}. Probabilities are the softmax of a model's own outputs, or as given in "
        "external predictions (N/A: these have none), among the classes that it may predict.",
        INTERVALS,
        LETTERS,
        *few_clusters([*shown, *pairs.all_pairs(with_score, metric=metric)]),
    ]
    title = f"High-confidence errors: incorrect with a probability above {threshold}"
    return Table(title, columns, rows, notes)
