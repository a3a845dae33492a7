"""Fig. 9: zero-shot accuracy under ImageNet-21K."""

from collections.abc import Mapping, Sequence

from wildframe.core.choices import ModelSpace
from wildframe.exhibits.paper import data_notes, paper_numbers
from wildframe.exhibits.score_table import ScoreTable
from wildframe.exhibits.table import Column, Table
from wildframe.models.zoo import ZooEntry
from wildframe.studies.ego4d.accuracy_table import (
    INTERVALS,
    MODEL_FACTS,
    MODEL_NAMES,
    accuracies,
    accuracy_columns,
    accuracy_row,
    top_columns,
)


def zero_shot(
    table: ScoreTable,
    models: Sequence[ZooEntry],
    outputs: Mapping[ModelSpace, int],
    about: str,
    licensed: bool,
) -> Table:
    """Return one row a model: "any of" accuracy, and apart from it the semantic tree's.

    Source of "any of": *Egocentric Data as Natural Adversarial Examples*, D.

    Args:
        table: Scores under ImageNet-21K.
        models: In the order of the rows.
        outputs: Number of classes of each class space.
        about: What the data is.
        licensed: Whether the paper's numbers compare.
    """
    paper = paper_numbers("ego4d", "fig9_zero_shot_in21k")
    rows = [
        accuracy_row(table, entry, paper, licensed)
        | accuracies(table, entry.name, "tree_accuracy", prefix="tree_")
        | {"class_space": entry.class_space, "outputs": outputs[entry.class_space]}
        for entry in models
    ]
    columns = [
        *MODEL_NAMES,
        Column("class_space", "Class space", align="l"),
        Column("outputs", "Outputs"),
        *accuracy_columns(licensed),
        *top_columns(1, " in the tree", "tree_"),
        *top_columns(5, " in the tree", "tree_"),
        *MODEL_FACTS,
    ]
    notes = [
        *data_notes(about, licensed),
        "A prediction is right if it is any of the labels. In the tree, an ancestor or descendant "
        "of a label in WordNet is right, too: the paper has no such number.",
        "Each model is read through its own list of classes. One that knows only the 1,000 of "
        "ImageNet-1K cannot name the others: where no label is among its own, it cannot be right.",
        INTERVALS,
    ]
    return Table("Fig. 9: zero-shot accuracy under ImageNet-21K", columns, rows, notes)
