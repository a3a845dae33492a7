"""Fig. 7: zero-shot accuracy of models trained on ImageNet-1K."""

from collections.abc import Sequence

from wildframe.exhibits.ego4d.accuracy_table import accuracy_table
from wildframe.exhibits.score_table import ScoreTable
from wildframe.exhibits.table import Table
from wildframe.models.zoo import ZooEntry


def zero_shot(
    table: ScoreTable, models: Sequence[ZooEntry], chance: float, about: str, licensed: bool
) -> Table:
    """Return one row a model with top-1 and top-5 accuracy.

    Args:
        table: Scores under ImageNet-1K.
        models: In the order of the rows.
        chance: Top-1 accuracy of guessing among the classes of the space.
        about: What the data is.
        licensed: Whether the paper's numbers compare.
    """
    return accuracy_table(
        "Fig. 7: zero-shot accuracy of ImageNet-1K models",
        "fig7_zero_shot_in1k",
        table,
        models,
        about,
        licensed,
        f"Guessing one of the classes is right {100 * chance:.1f} % of the time.",
    )
