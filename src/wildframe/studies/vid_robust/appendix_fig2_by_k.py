"""Appendix Fig. 2: accuracy against how far from the anchor a set reaches."""

from wildframe.exhibits.by_k import COLUMNS, accuracy_by_k, draw_by_k, notes_by_k, pairs_notes
from wildframe.exhibits.comparisons import VIDEOS, paired, untested
from wildframe.exhibits.figure import Figure
from wildframe.exhibits.registry import exhibit
from wildframe.exhibits.table import Table
from wildframe.studies.vid_robust.inputs import (
    DataNote,
    FrameRate,
    ModelTypes,
    Pairs,
    Robustness,
    datasets,
)


@exhibit(
    "App. Fig. 2",
    "accuracy against distance",
    "Accuracy against how far from the anchor a set reaches, a panel for each way of training "
    "(paper: appendix Fig. 2).",
    datasets=datasets,
    numbers=True,
    compares=[
        paired("each two ways of training at the largest distance", VIDEOS),
        untested("distances", "a set that is correct is so at every smaller distance"),
    ],
)
def appendix_fig2_by_k(
    robustness: Robustness,
    pairs: Pairs,
    models: ModelTypes,
    frame_rate: FrameRate,
    data_note: DataNote,
) -> Figure:
    """Draw a panel a way of training."""
    rows = accuracy_by_k(robustness, models)
    title = "Appendix Fig. 2: accuracy against perturbation distance"
    drawing = draw_by_k(rows, "largest distance from the anchor", frame_rate)
    notes = [
        *robustness.notes(data_note, rows[0]["model"]),
        "A model is correct at a distance if it is correct on the anchor and on every frame of the "
        "set up to that far away.",
        *notes_by_k(rows),
        f"Models: {'; '.join(f'{name}: {model}' for name, model in models.items())}.",
        *pairs_notes(pairs, [*models.values()], robustness.k),
    ]
    return Figure(title, drawing, notes, Table.of_numbers(COLUMNS, rows))
