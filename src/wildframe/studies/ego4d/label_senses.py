"""How much of the error is the labels': accuracy before and after doubtful ones are left out."""

from collections.abc import Sequence
from typing import Annotated, Any

from wildframe.exhibits.inputs import models
from wildframe.exhibits.registry import exhibit
from wildframe.exhibits.score_table import ScoreTable
from wildframe.exhibits.table import Column, Table
from wildframe.studies.ego4d.accuracy_table import (
    INTERVALS,
    KS,
    MODEL,
    clips_columns,
    share_cells,
    share_columns,
)
from wildframe.studies.ego4d.inputs import DataNote, Scores, evaluated


@exhibit(
    "Beyond: label senses",
    "accuracy without doubtful labels",
    "Accuracy under all labels, and under those alone that name a class in the sense that was "
    "meant: how much of the error is the labels' (not in the paper).",
)
def label_senses(
    scores: Scores, models: Annotated[Sequence[str], models(evaluated)], data_note: DataNote
) -> Table:
    """Return two rows a model, top-1 and top-5, under all labels and under those that are kept."""
    rows = [_row(scores, model, k) for model in models for k in KS]
    columns = [
        MODEL,
        Column("k", "Top"),
        *share_columns("all", "All images, all labels %"),
        *clips_columns("all", "All images, all labels"),
        Column("all_n", "Images"),
        *share_columns("before", "Images that keep a label, all labels %"),
        *clips_columns("before", "Images that keep a label, all labels"),
        *share_columns("after", "The same images, labels that are kept %"),
        *clips_columns("after", "The same images, labels that are kept"),
        Column("kept_n", "Images that keep a label"),
    ]
    notes = [
        f"Data: {data_note}",
        "A noun can name a class in a sense that was not meant: WordNet spells a diaper like the "
        "napkin that an annotation means. The sense table says which labels are doubtful; a "
        "image all of whose labels are doubtful keeps none. Between the first two shares, those "
        "images are left out; between the last two, doubtful labels of the others, which can "
        "only lower a share.",
        INTERVALS,
    ]
    title = "Label noise: accuracy before and after doubtful labels are left out"
    return Table(title, columns, rows, notes)


def _row(scores: ScoreTable, model: str, k: int) -> dict[str, Any]:
    everything = scores.require(model, k)
    # Where all labels are doubtful no image keeps one, and there is nothing to score.
    before = scores.find(model, k, subset="senses_before")
    after = scores.find(model, k, subset="senses")
    return {
        "model": model,
        "k": k,
        **share_cells("all", everything),
        "all_n": everything["n"],
        **share_cells("before", before),
        **share_cells("after", after),
        "kept_n": after["n"] if after else 0,
    }
