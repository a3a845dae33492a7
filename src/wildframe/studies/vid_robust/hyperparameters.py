"""Appendix Tables 1 and 2: hyper-parameters of trainings, ours and the paper's."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from wildframe.core.schemas import TRAINING
from wildframe.core.tables import Row
from wildframe.exhibits.comparisons import NOTHING
from wildframe.exhibits.inputs import TableFile, table_of
from wildframe.exhibits.paper import paper_numbers
from wildframe.exhibits.registry import Context, File, Setting, exhibit
from wildframe.exhibits.table import Column, Table
from wildframe.models.select import kept_epoch

_COLUMNS = (
    ("source", "Whose", "l"),
    ("model", "Model", "l"),
    ("training", "Training", "l"),
    ("label_space", "Classes", "l"),
    ("optimizer", "Optimizer", "l"),
    ("lr_tried", "Learning rates tried", "l"),
    ("lr_kept", "Learning rate kept", "r"),
    ("schedule", "Schedule", "l"),
    ("batch_size", "Batch", "r"),
    ("epochs", "Epochs", "l"),
    ("epoch_kept", "Epoch kept", "r"),
    ("noise", "Noise", "l"),
    ("flip", "Flip", "r"),
    ("held_out", "Held-out top-1", "r"),
)


def read_trainings(paths: Iterable[Path]) -> list[Row]:
    """Read histories of trainings, ``<model>/<training>.parquet``.

    Returns:
        Rows of `hyperparameters`.

    Raises:
        UserError: A file is absent or something else, or no epoch of it was kept.
    """
    return [describe_training(table_of(TRAINING)(path)) for path in paths]


def describe_training(history: TableFile) -> Row:
    """Return a row of `hyperparameters`; errors as in `kept_epoch`."""
    config, kept = json.loads(history.facts["config"]), kept_epoch(history.path, history.rows)
    rates = dict.fromkeys(row["lr"] for row in history.rows)
    return {
        "source": "ours",
        "model": config["model"],
        "training": history.path.stem,
        "label_space": history.facts["label_space"],
        "optimizer": f"SGD, momentum {config['momentum']:g}",
        "lr_tried": ", ".join(f"{lr:g}" for lr in rates),
        "lr_kept": f"{kept['lr']:g}",
        "schedule": _schedule(config),
        "batch_size": str(config["batch_size"]),
        "epochs": f"{max(row['epoch'] for row in history.rows)} epochs",
        "epoch_kept": str(kept["epoch"]),
        "noise": config["noise"] or "none",
        "flip": f"{config['flip']:g}",
        "held_out": f"{kept['successes']}/{kept['n']}",
    }


def _trainings(run: Context) -> list[dict[str, Any]]:
    trainings = run.study.trainings.items()
    return [{"model": training.models, "training": name} for name, training in trainings]


def _data(run: Context) -> dict[str, str]:
    return {
        name: f"{training.dataset}, {100 * training.train_fraction:g} % of its images for "
        f"training, split by {training.split_by} (seed {training.seed}), label: "
        f"{training.learn}; {run.config.describe(training.dataset)}"
        for name, training in run.study.trainings.items()
    }


@exhibit(
    "App. Tables 1 and 2",
    "hyper-parameters",
    "Hyper-parameters of the study's trainings, and below them those that the paper states (paper: "
    "appendix Tables 1 and 2).",
    when=lambda run: run.study.trainings,
    printed="hyperparameters",
    compares=[NOTHING],
)
def hyperparameters(
    trainings: Annotated[
        Sequence[Row], File("models_select.history", read_trainings, _trainings, many=True)
    ],
    data: Annotated[Mapping[str, str], Setting(_data, dict[str, str])],
) -> Table:
    """Return one row a training, and below them the paper's."""
    papers = paper_numbers("vid_robust", "hyperparameters").values()
    rows = [*trainings, *(_printed(row) for row in papers)]
    columns = [Column(key, title, align=align, absent="N/A") for key, title, align in _COLUMNS]
    notes = [
        *_data_notes(data),
        "The learning rate and the epoch kept are the best on held-out images. Noise: the "
        "corruption of half of the training images.",
        "The paper's rows are its settings, not results. It trains on the label of the largest "
        "object, and searches learning rates between the two named; what it does not state is N/A. "
        "Its appendix Table 2 is of detectors, which are not trained here.",
    ]
    return Table("Appendix Tables 1 and 2: hyper-parameters", columns, rows, notes)


def _data_notes(data: Mapping[str, str]) -> list[str]:
    """Return a sentence for all trainings on the same data."""
    names: dict[str, list[str]] = {}
    for name, text in data.items():
        names.setdefault(text, []).append(name)
    return [f"Training {' and '.join(same)}: {text}." for text, same in names.items()]


def _schedule(config: Mapping[str, Any]) -> str:
    if config["schedule"] == "plateau":
        return (
            f"on a plateau, x {config['decay']:g} after more than {config['patience']} epochs "
            "without improvement"
        )
    return f"x {config['decay']:g} an epoch, after {config['warmup_epochs']} of warm-up"


def _printed(row: Mapping[str, str]) -> Row:
    known = {key: value or None for key, value in row.items() if key not in ("row", "table")}
    named = {"source": f"paper, {row['table']}"}
    return {key: None for key, _, _ in _COLUMNS} | known | named
