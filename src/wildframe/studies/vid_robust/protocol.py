"""What each choice of the protocol is worth, on anchors and on sets."""

from collections.abc import Sequence
from typing import Annotated

from wildframe.exhibits.comparisons import VIDEOS
from wildframe.exhibits.pairs import PairTable
from wildframe.exhibits.protocol import ABOUT, Resized, compares, protocol_table, resized
from wildframe.exhibits.registry import File, exhibit
from wildframe.exhibits.robustness_table import reviewed
from wildframe.exhibits.table import Table
from wildframe.studies.vid_robust.inputs import DataNote, Pairs, datasets, scored


@exhibit(*ABOUT, datasets=datasets, compares=compares(VIDEOS))
def protocol(
    choices: Annotated[PairTable, File("scores_protocol", PairTable.read, scored)],
    pairs: Pairs,
    resized: Annotated[Sequence[Resized], resized(lambda run: run.study.models_of(run.dataset))],
    data_note: DataNote,
) -> Table:
    """Return one row a choice and model with its differences on anchors and on sets."""
    shown = {"original": ("pm_k", 0, "Original")}
    if k := max(choices.ks, default=0):
        shown["perturbed"] = ("pm_k", k, f"Perturbed (pm-{k})")
    notes = [f"Data: {data_note}", reviewed(choices.facts["review"])]
    return protocol_table(choices, pairs, resized, shown, notes, digits=1)
