"""Fig. 9: zero-shot accuracy under ImageNet-21K."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from wildframe.core.tables import Row
from wildframe.exhibits.comparisons import lettered, untested
from wildframe.exhibits.inputs import Entry, entries
from wildframe.exhibits.pairs import LETTERS, PairTable
from wildframe.exhibits.paper import paper_numbers
from wildframe.exhibits.registry import exhibit
from wildframe.exhibits.score_table import ScoreTable
from wildframe.exhibits.table import Column, Table
from wildframe.models import ZooEntry
from wildframe.studies.ego4d.accuracy_table import (
    MODEL_FACTS,
    MODEL_NAMES,
    accuracies,
    accuracy_columns,
    accuracy_row,
    data_notes,
    group_column,
    interval_notes,
    letter_cells,
    letters_of,
    top_columns,
)
from wildframe.studies.ego4d.inputs import ClassCounts, compare, data_note, pairs, scores


@exhibit(
    "Fig. 09",
    "zero-shot accuracy, IN-21K",
    "Top-1 and top-5 accuracy under ImageNet-21K, where any class that the annotation names is "
    "correct; also with ancestors and descendants in WordNet (paper: Fig. 9).",
    printed="fig9_zero_shot_in21k",
    when=lambda run: run.study.in21k_models,
    compares=[
        lettered(),
        untested("accuracy against that in the tree", "the second holds all of the first"),
    ],
)
def fig9_zero_shot_in21k(
    scores: Annotated[ScoreTable, scores("in21k")],
    pairs: Annotated[PairTable, pairs("in21k")],
    models: Annotated[Sequence[Entry], entries(lambda run: run.study.in21k_models)],
    outputs: ClassCounts,
    data_note: Annotated[str, data_note("in21k")],
    compare: Annotated[bool, compare("in21k")],
) -> Table:
    """Return one row a model: "any of" accuracy, and that of the semantic tree.

    Source of "any of": *Egocentric Data as Natural Adversarial Examples*, D.
    """
    paper = paper_numbers("ego4d", "fig9_zero_shot_in21k")
    letters, tree_letters = (
        letters_of(scores, pairs, models, metric) for metric in ("accuracy", "tree_accuracy")
    )
    rows = [
        accuracy_row(scores, letters, entry, paper, compare)
        | accuracies(scores, entry.name, "tree_accuracy", prefix="tree_")
        | letter_cells(tree_letters, entry.name, "tree_")
        | _outputs(entry, outputs)
        for entry in models
    ]
    columns = [
        *MODEL_NAMES,
        Column("label_space", "Label space", align="l", absent="N/A"),
        Column("outputs", "Outputs", absent="N/A"),
        *accuracy_columns(compare),
        *top_columns(1, " in the tree", "tree_"),
        group_column("tree_top1", "top-1 in the tree"),
        *top_columns(5, " in the tree", "tree_"),
        group_column("tree_top5", "top-5 in the tree"),
        *MODEL_FACTS,
    ]
    notes = [
        *data_notes(data_note, compare),
        "A prediction is correct if it is any of the labels. In the tree, an ancestor or "
        "descendant of a label in WordNet is correct, too: the paper has no such number.",
        "Each model's outputs are mapped through its own list of classes. A model of the 1,000 "
        "classes of ImageNet-1K cannot predict the others: where no label is among its classes, it "
        "is always incorrect.",
        *interval_notes(scores, models),
        LETTERS,
    ]
    return Table("Fig. 9: zero-shot accuracy under ImageNet-21K", columns, rows, notes)


def _outputs(entry: Entry, known: Mapping[str, int]) -> Row:
    """Return the cells of a model's label space; None of an external one, which files tell."""
    if not isinstance(entry, ZooEntry):
        return {"label_space": None, "outputs": None}
    count = entry.outputs or known[entry.label_space]
    return {"label_space": entry.label_space, "outputs": count}
