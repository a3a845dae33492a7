"""How much of the error is label noise: accuracy before and after doubtful labels are dropped."""

from collections.abc import Sequence
from typing import Annotated, Any

from wildframe.core.tables import Row
from wildframe.exhibits.comparisons import paired, untested
from wildframe.exhibits.inputs import each, models
from wildframe.exhibits.pairs import few_clusters
from wildframe.exhibits.registry import Context, File, Setting, exhibit
from wildframe.exhibits.score_table import ScoreTable
from wildframe.exhibits.shares import INTERVALS
from wildframe.exhibits.table import Column, Table
from wildframe.studies.ego4d.accuracy_table import (
    KS,
    MODEL,
    both_intervals,
    share_cells,
    short_lists,
)
from wildframe.studies.ego4d.inputs import Scores, evaluated, names_objects, viewed


def _in21k(run: Context) -> list[dict[str, Any]]:
    return [viewed("in21k")(run)] if run.study.in21k_models else []


def _data_note(run: Context) -> str:
    spaces = [run.study.in1k, *([run.study.in21k] if run.study.in21k_models else [])]
    return run.config.describe(*spaces, view=run.view)


In21k = Annotated[
    Sequence[ScoreTable], File("scores_accuracy", each(ScoreTable.read), _in21k, many=True)
]
"""Scores under ImageNet-21K, if models are evaluated under it."""
Evaluated = Annotated[Sequence[str], models(evaluated)]
In21kModels = Annotated[Sequence[str], models(lambda run: run.study.in21k_models)]
Note = Annotated[str, Setting(_data_note)]


@exhibit(
    "Supplement: label senses",
    "accuracy without doubtful labels",
    "Accuracy under all labels, and under those only that name a class in the annotated sense: how "
    "much of the error is label noise (not in the paper).",
    when=names_objects,
    compares=[
        untested(
            "all labels against those kept, on the same images",
            "predictions are the same, and each that is correct under the labels kept is under all",
        ),
        paired("each two models", shown_in="model_pairs"),
    ],
)
def label_senses(
    scores: Scores, models: Evaluated, in21k: In21k, in21k_models: In21kModels, data_note: Note
) -> Table:
    """Return two rows a model, top-1 and top-5, under all labels and under those kept."""
    tables = [("IN-1K", scores, models), *(("IN-21K", table, in21k_models) for table in in21k)]
    rows = [_row(name, table, model, k) for name, table, of in tables for model in of for k in KS]
    found = [
        table.find(model, subset=subset)
        for _, table, of in tables
        for model in of
        for subset in ("all", "senses_before", "senses")
    ]
    columns = [
        Column("label_space", "Labels", align="l"),
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
        "A noun can match a class in another sense than the annotated one (in WordNet, napkin is "
        "also a diaper), or a class that is only one of several things that the noun lists, or a "
        "part of it. The sense table says for every noun which labels are doubtful and why. The "
        "second share leaves out the images all of whose labels are doubtful; the third is of the "
        "same images, without their doubtful labels, which can only lower it.",
        INTERVALS,
        *few_clusters(filter(None, found), has_flips=False),
        *dict.fromkeys(note for _, table, of in tables for note in short_lists(table, of)),
    ]
    title = "Label noise: accuracy before and after doubtful labels are left out"
    return Table(title, columns, rows, notes)


def _row(label_space: str, scores: ScoreTable, model: str, k: int) -> Row:
    everything = scores.require(model)
    # Where all labels are doubtful no image keeps one, and there is nothing to score.
    kept = scores.find(model, subset="senses")
    before = scores.find(model, k, subset="senses_before")
    after = scores.find(model, k, subset="senses")
    return {
        "label_space": label_space,
        "model": model,
        "k": k,
        **share_cells("all", scores.find(model, k)),
        "all_n": everything["n"],
        **share_cells("before", before),
        **share_cells("after", after),
        "kept_n": kept["n"] if kept else 0,
    }
