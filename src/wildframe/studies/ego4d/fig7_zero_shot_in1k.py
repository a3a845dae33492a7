"""Fig. 7: zero-shot accuracy of models trained on ImageNet-1K."""

from typing import Annotated

from wildframe.exhibits.registry import Context, Setting, exhibit
from wildframe.exhibits.table import Table
from wildframe.labels.spaces import class_ids, subset_wnids
from wildframe.studies.ego4d.accuracy_table import EACH_TWO_MODELS, accuracy_table
from wildframe.studies.ego4d.inputs import ComparePaper, DataNote, Entries, Pairs, Scores


def _guessing(run: Context) -> str:
    """Return what guessing reaches among the classes that can be predicted.

    Nothing is said where the images decide which classes these are.
    """
    chosen = run.config.datasets[run.study.in1k]
    predictable = getattr(chosen, "predictable", "all")
    if predictable == "labels":
        return ""
    is_all = predictable == "all"
    classes = class_ids(chosen.label_space) if is_all else subset_wnids(predictable)
    return f"Guessing at random is correct {100 / len(classes):.1f} % of the time."


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
    guessing: Annotated[str, Setting(_guessing)],
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
        *filter(None, [guessing]),
    )
