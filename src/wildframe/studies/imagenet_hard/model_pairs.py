"""Paired comparisons of all models on the benchmark."""

from wildframe.exhibits.comparisons import paired
from wildframe.exhibits.pairs import table_of_pairs
from wildframe.exhibits.registry import exhibit
from wildframe.exhibits.table import Table
from wildframe.studies.imagenet_hard.inputs import DataNote, Models, Pairs


@exhibit(
    "Supplement: model pairs",
    "paired tests of all models",
    "Differences between all pairs of models on the benchmark, with intervals and tests (not in "
    "the paper).",
    compares=[paired("each two models")],
)
def model_pairs(pairs: Pairs, models: Models, data_note: DataNote) -> Table:
    """Return one row a pair of models with its difference at top-1."""
    notes = [f"Data: {data_note}", "Differences are in points of accuracy."]
    title = "Pairs of models on the benchmark"
    return table_of_pairs(title, pairs, models, {"top1": ("accuracy", 1, "Top-1")}, notes)
