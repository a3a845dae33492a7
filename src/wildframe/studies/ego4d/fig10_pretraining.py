"""Fig. 10: trained on ImageNet-1K alone, against ImageNet-21K first."""

from collections.abc import Mapping

from wildframe.exhibits.paper import data_notes, paper_numbers
from wildframe.exhibits.score_table import ScoreTable
from wildframe.exhibits.table import Column, Table
from wildframe.models.zoo import ZooEntry
from wildframe.studies.ego4d.accuracy_table import (
    INTERVALS,
    MODEL,
    MODEL_FACTS,
    Paper,
    accuracy_columns,
    accuracy_row,
)

_REPEATED = "IN-1K ViT B/16 [224px] (Google)"

_OTHER = {"IN-1K": "21K-1K", "21K-1K": "IN-1K"}
"""The block that has the same architectures."""

Block = Mapping[str, ZooEntry | None]


def pretraining(
    table: ScoreTable, in1k: Block, in21k_in1k: Block, about: str, licensed: bool
) -> Table:
    """Return two blocks of one row an architecture.

    Args:
        table: Scores under ImageNet-1K.
        in1k: Models trained on ImageNet-1K alone, by architecture; None where there is none. What
            an architecture is called is the user's own.
        in21k_in1k: Models trained on ImageNet-21K, then on ImageNet-1K, likewise.
        about: What the data is.
        licensed: Whether the paper's numbers compare.
    """
    paper = paper_numbers("ego4d", "fig10_pretraining")
    blocks = {"IN-1K": in1k, "21K-1K": in21k_in1k}
    rows = []
    for block, models in blocks.items():
        for name, entry in models.items():
            printed_as = _paper_row(paper, block, entry, blocks[_OTHER[block]].get(name))
            rows.append(
                {"pretraining": block, "architecture": name}
                | accuracy_row(table, entry, paper, licensed, printed_as=printed_as)
            )
    columns = [
        Column("pretraining", "Trained on", align="l"),
        Column("architecture", "Architecture", align="l"),
        MODEL,
        Column("paper_row", ""),
        *accuracy_columns(licensed),
        *MODEL_FACTS,
    ]
    notes = [
        *data_notes(about, licensed),
        "IN-1K: trained on ImageNet-1K alone. 21K-1K: trained on ImageNet-21K, then on "
        "ImageNet-1K. N/A: no such model is named in the config, or the paper has no number of it.",
        INTERVALS,
    ]
    if licensed and any(row["paper_row"] == _REPEATED for row in rows):
        notes.append(
            f"The paper prints for {_REPEATED} what its Fig. 7 prints for ViT B/16 [224px] "
            "(Alibaba), a model that was trained on ImageNet-21K first."
        )
    title = "Fig. 10: training on ImageNet-1K alone and on ImageNet-21K first"
    return Table(title, columns, rows, notes)


def _paper_row(paper: Paper, block: str, entry: ZooEntry | None, other: ZooEntry | None) -> str:
    """Return the paper's row of a model, or an empty text.

    Where no model is named, it is the row of the architecture that the other block's model has.
    """
    if entry:
        return _row_of(paper, block, entry)
    row = _row_of(paper, _OTHER[block], other) if other else ""
    return row and f"{block}{row.removeprefix(_OTHER[block])}"


def _row_of(paper: Paper, block: str, entry: ZooEntry) -> str:
    found = (
        name
        for name, row in paper.items()
        # The whole name: at another size than its own, or fine-tuned, it is no model of the paper.
        if name.startswith(f"{block} ") and row["checkpoint"] == entry.name
    )
    return next(found, "")
