"""Robustness in time: is a model that is correct on a Pre frame correct on its neighbours?"""

from typing import Annotated

from wildframe.exhibits.by_k import BANDS, COLUMNS, accuracy_by_k, draw_by_k
from wildframe.exhibits.figure import Figure
from wildframe.exhibits.registry import exhibit
from wildframe.exhibits.table import Table
from wildframe.studies.ego4d.inputs import Robustness, SecondaryModels, data_note


@exhibit(
    "Supplement: robustness in time",
    "accuracy by distance from the Pre frame",
    "Accuracy against how far from the Pre frame a set reaches, a line a model, with exact 95 % "
    "bands (not in the paper).",
    when=lambda run: run.study.neighbours,
    numbers=True,
)
def robustness_in_time(
    robustness: Robustness,
    models: SecondaryModels,
    data_note: Annotated[str, data_note("neighbours")],
) -> Figure:
    """Draw a line a model."""
    rows = accuracy_by_k(robustness, {model: model for model in models})
    notes = [
        *robustness.notes(data_note, models[0]),
        "A model is correct at a distance if it is correct on the Pre frame and on every frame of "
        "its set up to that far away. All frames have the labels of the Pre frame.",
        BANDS,
    ]
    title = "Robustness in time: accuracy around the Pre frame"
    drawing = draw_by_k(title, rows, "largest distance from the Pre frame (frames)")
    return Figure(title, drawing, notes, Table.of_numbers("Accuracy by distance", COLUMNS, rows))
