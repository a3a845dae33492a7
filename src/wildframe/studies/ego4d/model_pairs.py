"""Paired comparisons of all models on the same images."""

from dataclasses import replace

from wildframe.exhibits.comparisons import paired
from wildframe.exhibits.pairs import table_of_pairs
from wildframe.exhibits.registry import exhibit
from wildframe.exhibits.table import Table
from wildframe.studies.ego4d.accuracy_table import KS, SHORT_LISTS
from wildframe.studies.ego4d.inputs import DataNote, Models, Pairs


@exhibit(
    "Supplement: model pairs",
    "paired tests of all models",
    "Differences between all pairs of models on the same images, with intervals and tests over "
    "clips (not in the paper).",
    compares=[paired("each two models")],
)
def model_pairs(pairs: Pairs, models: Models, data_note: DataNote) -> Table:
    """Return one row a pair of models with its differences at 1 and 5."""
    shown = {f"top{k}": ("accuracy", k, f"Top-{k}") for k in KS}
    notes = [
        f"Data: {data_note}",
        "Differences are in points of accuracy. The CSV also counts the images on which both, one "
        "or neither model is correct.",
    ]
    table = table_of_pairs("Pairs of models on the same images", pairs, models, shown, notes)
    is_known = all(row[f"top{k}"] is not None for row in table.rows for k in KS)
    return table if is_known else replace(table, notes=[*table.notes, SHORT_LISTS])
