"""Fig. 11: accuracy on held-out images before and after fine-tuning."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import Annotated

from wildframe.core.choices import Grouping
from wildframe.core.errors import UserError
from wildframe.core.schemas import TRAINING
from wildframe.exhibits.inputs import TableFile, table_of
from wildframe.exhibits.paper import paper_numbers
from wildframe.exhibits.registry import Context, File, Setting, exhibit
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
    FineTunedImages,
    FineTuningNote,
    HeldOutScores,
    HeldOutSplit,
    SplitBy,
)

BLOCKS = ("Original", "Finetuned")

WHICH_RECIPE = (
    "The paper prints the numbers of its training and not the schedule: as_printed takes them by "
    "their names, timm_2022 as timm's train script of that year does, whose defaults they are."
)

EARLY_STOPPING = (
    "The epoch that is best on the held-out images is kept, as in the paper: accuracy after "
    "fine-tuning is slightly optimistic."
)


def _histories(run: Context) -> list[dict[str, object]]:
    chosen = run.study.finetuning
    return [{"model": chosen.models, "training": f"by-{chosen.split_by}"}]


def epochs_kept(paths: Sequence[Path]) -> list[str]:
    """Return for each history of a training, ``<model>/<training>.parquet``, what was trained.

    Raises:
        UserError: A file is absent or something else, or not exactly one epoch of it was kept.
    """
    found = []
    for path in paths:
        history = table_of(TRAINING)(path).rows
        kept = [row["epoch"] for row in history if row["best"]]
        if len(kept) != 1:
            raise UserError(f"{path}: {len(kept)} epochs are the best, not one; rerun the training")
        done = max(row["epoch"] for row in history)
        found.append(f"{path.parent.name} {kept[0]} of {done}")
    return found


Epochs = Annotated[Sequence[str], File("models_select.history", epochs_kept, _histories, many=True)]
"""Epoch that was kept of each model, and epochs that were trained."""
Recipe = Annotated[str, Setting(lambda run: run.study.finetuning.note)]
"""The training in a sentence."""


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
    split: HeldOutSplit,
    readable: FineTunedImages,
    epochs: Epochs,
    recipe: Recipe,
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
        training_note(recipe, split, readable, epochs),
        WHICH_RECIPE,
        EARLY_STOPPING,
        INTERVALS,
        *footnotes(rows),
    ]
    if compare:
        notes.append("The paper's Original rows are of all its images, as in Fig. 7.")
    title = "Fig. 11: accuracy before and after fine-tuning"
    return Table(title, columns, rows, notes)


def training_note(
    recipe: str, split: TableFile, readable: Collection[str], epochs: Sequence[str]
) -> str:
    """Say how models were trained: recipe, number of images, and the epochs that were kept."""
    parts = Counter(row["part"] for row in split.rows if row["image_id"] in readable)
    return f"{recipe} {parts['train']:,} training images; epoch kept: {', '.join(epochs)}."


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
