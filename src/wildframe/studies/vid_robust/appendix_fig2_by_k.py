"""Appendix Fig. 2: accuracy against how far from the anchor a set reaches."""

from collections.abc import Sequence
from pathlib import Path

from wildframe.core.tables import Row
from wildframe.exhibits.by_k import plot_by_k
from wildframe.exhibits.robustness_table import RobustnessTable


def plot(rows: Sequence[Row], table: RobustnessTable, about: str, outputs: Sequence[Path]) -> None:
    """Draw a line a way to train.

    Args:
        rows: `by_k.accuracy_by_k`, at least one.
        table: Robustness of the models.
        about: What the data is.
        outputs: Files to write, .png or .svg.
    """
    notes = [
        *table.notes(about, rows[0]["model"]),
        "A model is right at a distance if it is right on the anchor and on every frame of the set "
        "up to that far away.",
    ]
    title = "Appendix Fig. 2: accuracy against perturbation distance"
    plot_by_k(rows, title, "largest distance from the anchor (frames)", notes, outputs)
