"""Fig. 11: accuracy on held-out images before and after fine-tuning."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

from wildframe.core.choices import Grouping
from wildframe.core.schemas import TRAINING
from wildframe.exhibits.comparisons import lettered, paired
from wildframe.exhibits.inputs import table_of
from wildframe.exhibits.pairs import LETTERS, Case
from wildframe.exhibits.paper import paper_numbers
from wildframe.exhibits.registry import Context, File, exhibit
from wildframe.exhibits.table import Column, Table
from wildframe.models import ZooEntry
from wildframe.models.schedule import LOWEST_LR
from wildframe.models.select import kept_epoch
from wildframe.studies.ego4d.accuracy_table import (
    MODEL,
    accuracy_columns,
    accuracy_row,
    compared,
    data_notes,
    footnotes,
    interval_notes,
    letters_of,
    paper_row,
    with_differences,
)
from wildframe.studies.ego4d.inputs import (
    CompareFineTuning,
    FineTuned,
    FineTuningNote,
    HeldOutPairs,
    HeldOutScores,
    SplitBy,
)

BLOCKS = ("Original", "Finetuned")

WHICH_RECIPE = (
    "The paper states the hyper-parameters of its training, but not the schedule. Recipe "
    "as_printed takes them literally; timm_2022 as the train script of timm of that year does, "
    "whose defaults they are."
)

EARLY_STOPPING = (
    "The epoch that is best on the held-out images is kept, as in the paper: accuracy after "
    "fine-tuning is slightly optimistic."
)


def _histories(run: Context) -> list[dict[str, object]]:
    chosen = run.study.finetuning
    return [{"model": chosen.models, "training": f"by-{chosen.split_by}"}]


def describe_trainings(paths: Sequence[Path]) -> list[str]:
    """Say how models were trained, by their histories: recipe, images, and the epochs kept.

    Raises:
        UserError: A file is absent or something else, or not exactly one epoch of it was kept.
    """
    told: dict[str, list[str]] = {}
    for path in paths:
        history = table_of(TRAINING)(path)
        config = json.loads(history.facts["config"])
        done = max(row["epoch"] for row in history.rows)
        epochs = f"{config['model']} {kept_epoch(path, history.rows)['epoch']} of {done}"
        images = int(history.facts["train_images"])
        told.setdefault(f"{recipe_of(config)} {images:,} training images", []).append(epochs)
    return [f"{recipe}; epoch kept: {', '.join(epochs)}." for recipe, epochs in told.items()]


def recipe_of(config: Mapping[str, Any]) -> str:
    """Return a training in a sentence.

    Args:
        config: Of its history: the fields of `wildframe.models.schedule.Schedule`.
    """
    (lr,) = config["lr"]
    warm_up, warmed = f"{config['warmup_lr']:g}", f"epochs: {config['warmup_epochs']}"
    if config["schedule"] == "cosine":
        name = "timm_2022"
        rate = (
            f"from {warm_up} up to {lr:g} in the warm-up ({warmed}), then down along "
            f"a cosine to {LOWEST_LR:g}; random crops of {100 * config['smallest_crop']:g} to 100 "
            f"% of the image, label smoothing {config['label_smoothing']:g}, weight decay "
            f"{config['weight_decay']:g}, Nesterov's momentum"
        )
    else:
        name = "as_printed"
        rate = (
            f"{warm_up} in the warm-up ({warmed}), then {lr:g}, times "
            f"{config['decay']:g} in each epoch after that"
        )
    return (
        f"Training, recipe {name}: SGD with momentum {config['momentum']:g}, batches of "
        f"{config['batch_size']}, up to {config['epochs']} epochs and {config['patience']} without "
        f"a better one; learning rate {rate}; flips {config['flip']:g}, colour jitter "
        f"{config['color_jitter']:g}."
    )


Trainings = Annotated[
    Sequence[str], File("models_select.history", describe_trainings, _histories, many=True)
]
"""How the models were trained, in sentences."""


@exhibit(
    "Fig. 11",
    "before and after fine-tuning",
    "Top-1 and top-5 accuracy on held-out images before and after fine-tuning on the others "
    "(paper: Fig. 11).",
    printed="fig11_finetuned",
    when=lambda run: run.study.finetuning,
    compares=[paired("after against before fine-tuning"), lettered()],
)
def fig11_finetuned(
    scores: HeldOutScores,
    pairs: HeldOutPairs,
    models: FineTuned,
    by: SplitBy,
    trainings: Trainings,
    data_note: FineTuningNote,
    compare: CompareFineTuning,
) -> Table:
    """Return two blocks of one row a model, both on the same held-out images."""
    paper = paper_numbers("ego4d", "fig11_finetuned")
    shown = [entry for _, _, entry in in_blocks(models, by)]
    letters = letters_of(scores, pairs, shown)
    rows = []
    for block, origin, entry in in_blocks(models, by):
        printed_as = f"{block} {paper_row(origin)}"
        rows.append(
            {"block": block}
            | accuracy_row(scores, letters, entry, paper, compare, printed_as=printed_as)
            | {"origin": origin.name}
        )
    columns = [
        Column("block", "Weights", align="l"),
        # People read in the block whether it is fine-tuned.
        replace(MODEL, cell=lambda row: str(row["origin"])),
        Column("paper_row", ""),
        *accuracy_columns(compare),
    ]
    notes = [
        *data_notes(data_note, compare),
        f"{split_note(by)} Both blocks are of the held-out images.",
        *trainings,
        WHICH_RECIPE,
        EARLY_STOPPING,
        *interval_notes(scores, shown),
        LETTERS,
        *footnotes(rows),
    ]
    if compare:
        notes.append("The paper's Original rows are of all its images, as in Fig. 7.")
    title = "Fig. 11: accuracy before and after fine-tuning"
    sides = [
        (Case(entry.name), Case(origin.name)) if entry != origin else None
        for _, origin, entry in in_blocks(models, by)
    ]
    table = Table(title, columns, rows, notes)
    return with_differences(table, compared(pairs, sides), "after - before")


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
