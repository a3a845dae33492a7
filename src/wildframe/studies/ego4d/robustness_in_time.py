"""Robustness in time: is a model that is right on a Pre frame right on the frames around it?"""

from collections.abc import Sequence
from pathlib import Path

from wildframe.core.tables import Row
from wildframe.exhibits.by_k import plot_by_k
from wildframe.exhibits.robustness_table import RobustnessTable


def plot(rows: Sequence[Row], table: RobustnessTable, about: str, outputs: Sequence[Path]) -> None:
    """Draw a line a model.

    Args:
        rows: `by_k.accuracy_by_k`, at least one.
        table: Robustness of the models.
        about: What the data is.
        outputs: Files to write, .png or .svg.
    """
    notes = [
        *table.notes(about, rows[0]["model"]),
        "A model is right at a distance if it is right on the Pre frame and on every frame of its "
        "set up to that far away. All frames have the labels of the Pre frame.",
    ]
    title = "Robustness in time: accuracy around the Pre frame"
    plot_by_k(rows, title, "largest distance from the Pre frame (frames)", notes, outputs)
