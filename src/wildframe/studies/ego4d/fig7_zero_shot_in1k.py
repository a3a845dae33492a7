"""Fig. 7: zero-shot accuracy of models trained on ImageNet-1K."""

from wildframe.exhibits.inputs import ClassNames
from wildframe.exhibits.registry import exhibit
from wildframe.exhibits.table import Table
from wildframe.studies.ego4d.accuracy_table import EACH_TWO_MODELS, accuracy_table
from wildframe.studies.ego4d.inputs import ComparePaper, DataNote, Entries, Pairs, Scores


@exhibit(
    "Fig. 07",
    "zero-shot accuracy, IN-1K",
    "Top-1 and top-5 accuracy of ImageNet-1K models without training on the data (paper: Fig. 7).",
    printed="fig7_zero_shot_in1k",
    compares=EACH_TWO_MODELS,
)
def fig7_zero_shot_in1k(
    scores: Scores,
    pairs: Pairs,
    models: Entries,
    classes: ClassNames,
    data_note: DataNote,
    compare: ComparePaper,
) -> Table:
    """Return one row a model with top-1 and top-5 accuracy."""
    return accuracy_table(
        "Fig. 7: zero-shot accuracy of ImageNet-1K models",
        "fig7_zero_shot_in1k",
        scores,
        pairs,
        models,
        data_note,
        compare,
        f"Guessing at random is correct {100 / len(classes):.1f} % of the time.",
    )
