"""Fig. 8: one architecture at several input sizes."""

from collections.abc import Sequence
from typing import Annotated

from wildframe.exhibits.comparisons import lettered, paired
from wildframe.exhibits.inputs import Entry, entries
from wildframe.exhibits.pairs import Case
from wildframe.exhibits.registry import exhibit
from wildframe.exhibits.table import Table
from wildframe.studies.ego4d.accuracy_table import accuracy_table, compared, with_differences
from wildframe.studies.ego4d.inputs import ComparePaper, DataNote, Pairs, Scores


@exhibit(
    "Fig. 08",
    "accuracy by input size",
    "Top-1 and top-5 accuracy of one architecture at several input sizes (paper: Fig. 8).",
    printed="fig8_resolution",
    when=lambda run: run.study.resolution,
    compares=[lettered("each two input sizes"), paired("each input size against the first")],
)
def fig8_resolution(
    scores: Scores,
    pairs: Pairs,
    models: Annotated[Sequence[Entry], entries(lambda run: run.study.resolution)],
    data_note: DataNote,
    compare: ComparePaper,
) -> Table:
    """Return one row a model and input size with top-1 and top-5 accuracy."""
    table = accuracy_table(
        "Fig. 8: zero-shot accuracy by input size",
        "fig8_resolution",
        scores,
        pairs,
        models,
        data_note,
        compare,
        "A model named <model>@<pixels> has the weights of its own input size, evaluated at "
        "another; the paper's two have weights of their own.",
    )
    first, *others = (Case(entry.name) for entry in models)
    sides = [None, *((other, first) for other in others)]
    return with_differences(table, compared(pairs, sides), f"minus {first.model}")
