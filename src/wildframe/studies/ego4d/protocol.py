"""What each choice of the protocol is worth, of the images under ImageNet-1K."""

from collections.abc import Sequence
from typing import Annotated

from wildframe.exhibits.pairs import PairTable
from wildframe.exhibits.protocol import ABOUT, Resized, compares, protocol_table, resized
from wildframe.exhibits.registry import File, exhibit
from wildframe.exhibits.table import Table
from wildframe.studies.ego4d.accuracy_table import KS
from wildframe.studies.ego4d.inputs import DataNote, Pairs, evaluated, viewed


@exhibit(*ABOUT, compares=compares())
def protocol(
    choices: Annotated[PairTable, File("scores_protocol", PairTable.read, viewed("in1k"))],
    pairs: Pairs,
    resized: Annotated[Sequence[Resized], resized(evaluated)],
    data_note: DataNote,
) -> Table:
    """Return one row a choice and model with its differences at 1 and 5."""
    shown = {f"top{k}": ("accuracy", k, f"Top-{k}") for k in KS}
    return protocol_table(choices, pairs, resized, shown, [f"Data: {data_note}"])
