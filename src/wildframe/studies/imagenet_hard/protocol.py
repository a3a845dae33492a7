"""What each choice of the protocol is worth, on the benchmark."""

from collections.abc import Sequence
from typing import Annotated

from wildframe.exhibits.pairs import PairTable
from wildframe.exhibits.protocol import ABOUT, Resized, compares, protocol_table, resized
from wildframe.exhibits.registry import File, exhibit
from wildframe.exhibits.table import Table
from wildframe.studies.imagenet_hard.inputs import DataNote, Pairs, of_benchmark


@exhibit(*ABOUT, compares=compares())
def protocol(
    choices: Annotated[PairTable, File("scores_protocol", PairTable.read, of_benchmark)],
    pairs: Pairs,
    resized: Annotated[Sequence[Resized], resized(lambda run: run.study.models)],
    data_note: DataNote,
) -> Table:
    """Return one row a choice and model with its difference at top-1."""
    shown = {"top1": ("accuracy", 1, "Top-1")}
    return protocol_table(choices, pairs, resized, shown, [f"Data: {data_note}"])
