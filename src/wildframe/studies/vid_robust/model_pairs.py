"""Paired comparisons of all models on the same sets: accuracies, and whose loss is larger."""

from wildframe.exhibits.comparisons import VIDEOS, paired
from wildframe.exhibits.pairs import table_of_pairs
from wildframe.exhibits.registry import exhibit
from wildframe.exhibits.robustness_table import reviewed
from wildframe.exhibits.table import Table
from wildframe.studies.vid_robust.inputs import DataNote, Models, Pairs, datasets


@exhibit(
    "Supplement: model pairs",
    "paired tests of all models",
    "Differences between all pairs of models on anchors and on sets, and which model loses more, "
    "with intervals and tests over videos (not in the paper).",
    datasets=datasets,
    compares=[paired("each two models: on anchors, on sets, and their losses", VIDEOS)],
)
def model_pairs(pairs: Pairs, models: Models, data_note: DataNote) -> Table:
    """Return one row a pair of models: on anchors, on sets, and whose loss is larger."""
    # Of one model alone there is no pair, and the distance of its sets is not known.
    k = max(pairs.ks, default=0)
    shown = {"original": ("pm_k", 0, "Original")}
    if k:
        shown["perturbed"] = ("pm_k", k, f"Perturbed (pm-{k})")
        shown["delta"] = ("delta", k, "Delta")
    notes = [
        f"Data: {data_note}",
        reviewed(pairs.facts["review"]),
        "Differences are in points. Delta is the loss of a model from anchors to sets. The CSV "
        "also counts the sets on which both, one or neither model is correct.",
    ]
    return table_of_pairs("Pairs of models on the same sets", pairs, models, shown, notes, "+.1f")
