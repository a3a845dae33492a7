"""Fig. 8: one architecture at several input sizes."""

from collections.abc import Sequence

from wildframe.exhibits.score_table import ScoreTable
from wildframe.exhibits.table import Table
from wildframe.models.zoo import ZooEntry
from wildframe.studies.ego4d.accuracy_table import accuracy_table


def resolutions(table: ScoreTable, models: Sequence[ZooEntry], about: str, licensed: bool) -> Table:
    """Return one row a model and input size with top-1 and top-5 accuracy.

    Args:
        table: Scores under ImageNet-1K.
        models: In the order of the rows.
        about: What the data is.
        licensed: Whether the paper's numbers compare.
    """
    return accuracy_table(
        "Fig. 8: zero-shot accuracy by input size",
        "fig8_resolution",
        table,
        models,
        about,
        licensed,
        "A model that is named with @ and a size has the weights of another size, shown larger or "
        "smaller pictures; the paper's two have weights of their own.",
    )
