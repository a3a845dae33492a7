"""Fig. 11: accuracy on held-out images before and after fine-tuning."""

from collections.abc import Iterator, Sequence

from wildframe.core.choices import Grouping
from wildframe.exhibits.paper import paper_numbers
from wildframe.exhibits.registry import exhibit
from wildframe.exhibits.table import Column, Table
from wildframe.models import ZooEntry
from wildframe.studies.ego4d.accuracy_table import (
    INTERVALS,
    MODEL,
    accuracy_columns,
    accuracy_row,
    data_notes,
    footnotes,
    paper_row,
)
from wildframe.studies.ego4d.inputs import (
    CompareFineTuning,
    FineTuned,
    FineTuningNote,
    HeldOutScores,
    SplitBy,
)

BLOCKS = ("Original", "Finetuned")

EARLY_STOPPING = (
    "The epoch that is best on the held-out images is kept, as in the paper: accuracy after "
    "fine-tuning is slightly optimistic."
)


@exhibit(
    "Fig. 11",
    "before and after fine-tuning",
    "Top-1 and top-5 accuracy on held-out images before and after fine-tuning on the others "
    "(paper: Fig. 11).",
    printed="fig11_finetuned",
    when=lambda run: run.study.finetuning,
)
def fig11_finetuned(
    scores: HeldOutScores,
    models: FineTuned,
    by: SplitBy,
    data_note: FineTuningNote,
    compare: CompareFineTuning,
) -> Table:
    """Return two blocks of one row a model, both on the same held-out images."""
    paper = paper_numbers("ego4d", "fig11_finetuned")
    rows = []
    for block, origin, entry in in_blocks(models, by):
        printed_as = f"{block} {paper_row(origin)}"
        rows.append(
            {"block": block}
            | accuracy_row(scores, entry, paper, compare, printed_as=printed_as)
            # The block says already whether it is fine-tuned.
            | {"model": origin.name}
        )
    columns = [
        Column("block", "Weights", align="l"),
        MODEL,
        Column("paper_row", ""),
        *accuracy_columns(compare),
    ]
    notes = [
        *data_notes(data_note, compare),
        f"{split_note(by)} Both blocks are of the held-out images.",
        EARLY_STOPPING,
        INTERVALS,
        *footnotes(rows),
    ]
    if compare:
        notes.append("The paper's Original rows are of all its images, as in Fig. 7.")
    title = "Fig. 11: accuracy before and after fine-tuning"
    return Table(title, columns, rows, notes)


def split_note(by: Grouping) -> str:
    """Say which images the split keeps together, and which it does not."""
    note = f"Split by {by}: no {by} has both training and held-out images."
    if by == "clip":
        note += " Images of one video may be in both parts; the exhibit `leak` counts them."
    return note


def in_blocks(models: Sequence[ZooEntry], by: Grouping) -> Iterator[tuple[str, ZooEntry, ZooEntry]]:
    """Yield block, model that training started from, and its model: first all originals."""
    for block in BLOCKS:
        for origin in models:
            shown = origin if block == "Original" else origin.trained(f"by-{by}")
            yield block, origin, shown
