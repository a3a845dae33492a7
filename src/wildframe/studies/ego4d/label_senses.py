"""How much of the error is label noise: accuracy before and after doubtful labels are dropped."""

from collections.abc import Sequence
from typing import Annotated

from wildframe.core.tables import Row
from wildframe.exhibits.inputs import models
from wildframe.exhibits.registry import exhibit
from wildframe.exhibits.score_table import ScoreTable
from wildframe.exhibits.table import Column, Table
from wildframe.studies.ego4d.accuracy_table import (
    INTERVALS,
    KS,
    MODEL,
    both_intervals,
    share_cells,
)
from wildframe.studies.ego4d.inputs import DataNote, Scores, evaluated, names_objects


@exhibit(
    "Supplement: label senses",
    "accuracy without doubtful labels",
    "Accuracy under all labels, and under those only that name a class in the annotated sense: how "
    "much of the error is label noise (not in the paper).",
    when=names_objects,
)
def label_senses(
    scores: Scores, models: Annotated[Sequence[str], models(evaluated)], data_note: DataNote
) -> Table:
    """Return two rows a model, top-1 and top-5, under all labels and under those kept."""
    rows = [_row(scores, model, k) for model in models for k in KS]
    columns = [
        MODEL,
        Column("k", "Top"),
        *both_intervals("all", "All images, all labels"),
        Column("all_n", "Images"),
        *both_intervals("before", "Images that keep a label, all labels"),
        *both_intervals("after", "The same images, labels kept"),
        Column("kept_n", "Images that keep a label"),
    ]
    notes = [
        f"Data: {data_note}",
        "A noun can match a class in another sense than the annotated one: in WordNet, napkin is "
        "also a diaper. The sense table says which labels are doubtful; an image all of whose "
        "labels are doubtful keeps none. From the first share to the second, these images are left "
        "out; from the second to the third, the doubtful labels of the others, which can only "
        "lower it.",
        INTERVALS,
    ]
    title = "Label noise: accuracy before and after doubtful labels are left out"
    return Table(title, columns, rows, notes)


def _row(scores: ScoreTable, model: str, k: int) -> Row:
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
