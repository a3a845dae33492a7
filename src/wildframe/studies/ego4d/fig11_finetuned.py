"""Fig. 11: accuracy on held-out pictures before and after fine-tuning."""

from collections.abc import Iterator, Sequence

from wildframe.core.choices import Grouping
from wildframe.exhibits.paper import data_notes, paper_numbers
from wildframe.exhibits.score_table import ScoreTable
from wildframe.exhibits.table import Column, Table
from wildframe.models.zoo import ZooEntry, zoo_entry
from wildframe.studies.ego4d.accuracy_table import (
    INTERVALS,
    MODEL,
    accuracy_columns,
    accuracy_row,
    paper_row,
)

BLOCKS = ("Original", "Finetuned")

EARLY_STOPPING = (
    "The epoch that was best on the held-out pictures is kept, in the paper, too: after "
    "fine-tuning, accuracy is a little optimistic."
)


def finetuned(
    table: ScoreTable, models: Sequence[ZooEntry], by: Grouping, about: str, licensed: bool
) -> Table:
    """Return two blocks of one row a model, both on the same held-out pictures.

    Args:
        table: Scores on the held-out pictures.
        models: Models that training started from, in the order of the rows.
        by: What lay in one part as a whole.
        about: What the data is.
        licensed: Whether the paper's numbers compare.

    Raises:
        UserError: A model was not scored, before or after training.
    """
    paper = paper_numbers("ego4d", "fig11_finetuned")
    rows = []
    for block, origin, entry in in_blocks(models, by):
        printed_as = f"{block} {paper_row(origin)}"
        rows.append(
            {"block": block}
            | accuracy_row(table, entry, paper, licensed, printed_as=printed_as)
            # The block is told already, and so are both names.
            | {"model": origin.name}
        )
    columns = [
        Column("block", "Weights", align="l"),
        MODEL,
        Column("paper_row", ""),
        *accuracy_columns(licensed),
    ]
    notes = [
        *data_notes(about, licensed),
        f"{split_note(by)} Both blocks are of the held-out pictures.",
        EARLY_STOPPING,
        INTERVALS,
    ]
    if licensed:
        notes.append("The paper's Original rows are of all its pictures, as in Fig. 7.")
    title = "Fig. 11: accuracy before and after fine-tuning"
    return Table(title, columns, rows, notes)


def split_note(by: Grouping) -> str:
    """Say what the split keeps apart, and what it does not."""
    note = f"Split by {by}: no {by} has pictures both to learn from and held out."
    if by == "clip":
        note += " Pictures of one video may lie in both parts; the exhibit `leak` counts them."
    return note


def in_blocks(models: Sequence[ZooEntry], by: Grouping) -> Iterator[tuple[str, ZooEntry, ZooEntry]]:
    """Yield block, model that training started from, and model to show: first all originals."""
    for block in BLOCKS:
        for origin in models:
            shown = origin if block == "Original" else zoo_entry(f"{origin.name}+by-{by}")
            yield block, origin, shown
