"""Robustness in time: is a model that is correct on a Pre frame correct on its neighbours?"""

from typing import Annotated

from wildframe.exhibits.by_k import COLUMNS, accuracy_by_k, draw_by_k, notes_by_k, pairs_notes
from wildframe.exhibits.comparisons import VIDEOS, paired, untested
from wildframe.exhibits.figure import Figure
from wildframe.exhibits.inputs import read_frame_rate
from wildframe.exhibits.pairs import PairTable
from wildframe.exhibits.registry import File, exhibit
from wildframe.exhibits.table import Table
from wildframe.studies.ego4d.inputs import Robustness, SecondaryModels, data_note, named, viewed

Pairs = Annotated[PairTable, File("scores_set_pairs", PairTable.read, viewed("neighbours"))]
FrameRate = Annotated[
    float | None, File("manifests_build.manifest", read_frame_rate, named("neighbours"))
]


@exhibit(
    "Supplement: robustness in time",
    "accuracy by distance from the Pre frame",
    "Accuracy against how far from the Pre frame a set reaches, a panel a model (not in the "
    "paper).",
    when=lambda run: run.study.neighbours,
    numbers=True,
    compares=[
        paired("each two models at the largest distance", VIDEOS),
        untested("distances", "a set that is correct is so at every smaller distance"),
    ],
)
def robustness_in_time(
    robustness: Robustness,
    pairs: Pairs,
    models: SecondaryModels,
    frame_rate: FrameRate,
    data_note: Annotated[str, data_note("neighbours")],
) -> Figure:
    """Draw a panel a model."""
    rows = accuracy_by_k(robustness, {model: model for model in models})
    notes = [
        *robustness.notes(data_note, models[0]),
        "A model is correct at a distance if it is correct on the Pre frame and on every frame of "
        "its set up to that far away. All frames have the labels of the Pre frame.",
        *notes_by_k(rows),
        *pairs_notes(pairs, models, robustness.k),
    ]
    title = "Robustness in time: accuracy around the Pre frame"
    drawing = draw_by_k(rows, "largest distance from the Pre frame", frame_rate)
    return Figure(title, drawing, notes, Table.of_numbers(COLUMNS, rows))
