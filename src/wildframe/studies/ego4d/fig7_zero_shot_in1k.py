"""Fig. 7: zero-shot accuracy of models trained on ImageNet-1K."""

from typing import Annotated

from wildframe.exhibits.pairs import copies_notes
from wildframe.exhibits.registry import Context, Setting, exhibit
from wildframe.exhibits.table import Table
from wildframe.exhibits.unpredictable import unpredictable_notes
from wildframe.labels.spaces import class_ids, subset_wnids
from wildframe.models import ZooEntry
from wildframe.studies.ego4d.accuracy_table import EACH_TWO_MODELS, KS, accuracy_table
from wildframe.studies.ego4d.inputs import (
    BY_CLASS,
    ComparePaper,
    Copies,
    DataNote,
    Entries,
    ImagesLabelSpace,
    Pairs,
    Scores,
)


def _guessed(run: Context) -> int:
    """Return among how many classes models predict; 0 where each image decides which these are."""
    chosen = run.config.datasets[run.study.in1k]
    predictable = chosen.predictable if chosen.kind == "images" else "all"
    if predictable == "labels":
        return 0
    is_all = predictable == "all"
    return len(class_ids(chosen.label_space) if is_all else subset_wnids(predictable))


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
    copies: Copies,
    models: Entries,
    guessed: Annotated[int, Setting(_guessed, int)],
    label_space: ImagesLabelSpace,
    data_note: DataNote,
    compare: ComparePaper,
) -> Table:
    """Return one row a model with top-1 and top-5 accuracy."""
    notes = unpredictable_notes(BY_CLASS, label_space, scores.counts("class", models[0].name))
    notes += copies_notes(len(copies), "clips")
    if guessed:
        notes.append(_chance("", guessed))
        # Only models of the config's own may have others.
        own = {one.name: one.outputs or guessed for one in models if isinstance(one, ZooEntry)}
        notes += [
            _chance(f"{name} has fewer classes. ", outputs)
            for name, outputs in own.items()
            if outputs < guessed
        ]
    return accuracy_table(
        "Fig. 7: zero-shot accuracy of ImageNet-1K models",
        "fig7_zero_shot_in1k",
        scores,
        pairs,
        models,
        data_note,
        compare,
        *notes,
    )


def _chance(of: str, classes: int) -> str:
    always = ", and top-5 is always correct" if classes <= max(KS) else ""
    return (
        f"{of}Guessing at random among {classes:,} classes is correct {100 / classes:.2g} % of the "
        f"time, where an image has one label{always}."
    )
