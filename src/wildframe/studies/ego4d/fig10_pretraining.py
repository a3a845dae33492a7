"""Fig. 10: trained on ImageNet-1K alone, against pretrained on ImageNet-21K."""

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from wildframe.core.errors import UserError
from wildframe.core.strict import Strict
from wildframe.exhibits.comparisons import lettered, paired
from wildframe.exhibits.pairs import LETTERS, Case
from wildframe.exhibits.paper import paper_numbers
from wildframe.exhibits.registry import Context, Setting, exhibit
from wildframe.exhibits.table import Column, Table
from wildframe.models import Told, ZooEntry, entry_told
from wildframe.studies.ego4d.accuracy_table import (
    MODEL,
    MODEL_FACTS,
    Paper,
    accuracy_columns,
    accuracy_row,
    compared,
    data_notes,
    footnotes,
    interval_notes,
    letters_of,
    with_differences,
)
from wildframe.studies.ego4d.inputs import ComparePaper, DataNote, Pairs, Scores
from wildframe.studies.ego4d.settings import Pretraining

_REPEATED = "IN-1K ViT B/16 [224px] (Google)"

_OTHER = {"IN-1K": "21K-1K", "21K-1K": "IN-1K"}
"""The block that has the same architectures."""

Block = Mapping[str, ZooEntry | None]
"""Models by architecture, as the user names it; None where there is none."""


class _Pair(Strict):
    """A row of the setting, its models told as a command takes them."""

    name: str
    in1k: Told | None = None
    in21k_in1k: Told | None = None


def blocks_of(pairs: Iterable[Pretraining | _Pair]) -> dict[str, Block]:
    """Return the models trained on ImageNet-1K alone, and those on ImageNet-21K first.

    Raises:
        UserError: Two architectures have one name, or there is no such model.
    """
    blocks: dict[str, dict[str, ZooEntry | None]] = {"IN-1K": {}, "21K-1K": {}}
    for pair in pairs:
        if pair.name in blocks["IN-1K"]:
            raise UserError(f"{pair.name!r}: two rows of this name; name each architecture once")
        for block, model in (("IN-1K", pair.in1k), ("21K-1K", pair.in21k_in1k)):
            blocks[block][pair.name] = entry_told(model) if model else None
    return dict(blocks)


def _pairs(run: Context) -> list[dict[str, Any]]:
    def told(name: str | None) -> Told | None:
        return run.models[name].told() if name else None

    return [
        {"name": pair.name, "in1k": told(pair.in1k), "in21k_in1k": told(pair.in21k_in1k)}
        for pair in run.study.pretraining
    ]


def _entries(run: Context) -> list[str]:
    return [str(run.models[name]) for name in run.study.pretrained]


Blocks = Annotated[
    Mapping[str, Block], Setting(_pairs, list[_Pair], parse=blocks_of, watch=_entries)
]


@exhibit(
    "Fig. 10",
    "pre-trained on ImageNet-21K or not",
    "Top-1 and top-5 accuracy of architectures trained on ImageNet-1K alone, and on ImageNet-21K "
    "first (paper: Fig. 10).",
    printed="fig10_pretraining",
    when=lambda run: run.study.pretraining,
    compares=[
        paired("trained on ImageNet-21K first against ImageNet-1K alone"),
        lettered(),
    ],
)
def fig10_pretraining(
    scores: Scores,
    pairs: Pairs,
    blocks: Blocks,
    data_note: DataNote,
    compare: ComparePaper,
) -> Table:
    """Return two blocks of one row an architecture."""
    paper = paper_numbers("ego4d", "fig10_pretraining")
    entries = [entry for models in blocks.values() for entry in models.values()]
    letters = letters_of(scores, pairs, entries)
    rows = []
    for block, models in blocks.items():
        for name, entry in models.items():
            printed_as = _paper_row(paper, block, entry, blocks[_OTHER[block]].get(name))
            rows.append(
                {"pretraining": block, "architecture": name}
                | accuracy_row(scores, letters, entry, paper, compare, printed_as=printed_as)
            )
    columns = [
        Column("pretraining", "Trained on", align="l"),
        Column("architecture", "Architecture", align="l"),
        MODEL,
        Column("paper_row", ""),
        *accuracy_columns(compare),
        *MODEL_FACTS,
    ]
    notes = [
        *data_notes(data_note, compare),
        "IN-1K: trained on ImageNet-1K alone. 21K-1K: trained on ImageNet-21K, then on "
        "ImageNet-1K. N/A: the config names no such model, or the paper has no number for it.",
        *interval_notes(scores, entries),
        LETTERS,
        *footnotes(rows),
    ]
    if compare and any(row["paper_row"] == _REPEATED for row in rows):
        notes.append(
            f"The paper prints for {_REPEATED} the numbers of its Fig. 7 for ViT B/16 [224px] "
            "(Alibaba), a model that was trained on ImageNet-21K first."
        )
    title = "Fig. 10: training on ImageNet-1K alone and on ImageNet-21K first"
    table = Table(title, columns, rows, notes)
    alone = blocks["IN-1K"]
    sides = [None] * len(alone) + [
        _sides(entry, alone.get(name)) for name, entry in blocks["21K-1K"].items()
    ]
    return with_differences(table, compared(pairs, sides), "21K-1K - IN-1K")


def _sides(entry: ZooEntry | None, alone: ZooEntry | None) -> tuple[Case, Case] | None:
    """Return the two models of an architecture, if there are two."""
    if entry is None or alone is None or entry.name == alone.name:
        return None
    return Case(entry.name), Case(alone.name)


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
