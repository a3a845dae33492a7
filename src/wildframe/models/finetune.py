"""Training: a model learns from one part of a dataset, and is evaluated on the other.

The epoch with the best held-out accuracy is kept, so that this accuracy is slightly optimistic, as
in the papers (*Egocentric Data as Natural Adversarial Examples*, D).

A killed run continues after its last whole epoch, from a state file beside the output. On a CPU it
ends with the same bits as an uninterrupted one. On another device, or with another number of
threads, it would not: there it starts from the beginning.
"""

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

import torch

from wildframe.core.code import code_hash
from wildframe.core.schemas import TRAINING
from wildframe.core.tables import Row, write_rows
from wildframe.models.device import set_up_torch
from wildframe.models.examples import Parts
from wildframe.models.schedule import Schedule, best_epoch
from wildframe.models.state import StateFile
from wildframe.models.training import Trainer
from wildframe.models.weights import entry_facts, load_to_train, save, sha256_tensors
from wildframe.models.zoo import ZooEntry


def finetune(
    entry: ZooEntry,
    weights: Path,
    parts: Parts,
    schedule: Schedule,
    output: Path,
    history_path: Path,
    *,
    device_name: str,
    threads: int,
) -> None:
    """Write the weights of the best epoch, and the history of all epochs.

    Raises:
        UserError: Training diverged.
    """
    device = set_up_torch(device_name, threads)
    model = load_to_train(entry, weights, parts.label_space, parts.classes, schedule.seed)
    entry = entry.with_label_space(parts.label_space)
    origin = sha256_tensors(model)
    trainer = Trainer(entry, model, schedule, device)
    state_file = StateFile(
        output,
        {
            "model": entry.facts,
            "weights": origin,
            "train": parts.train.sha256(),
            "val": parts.val.sha256(),
            "schedule": asdict(schedule),
            "device": str(device),
            "threads": threads,
            "code": code_hash("models.finetune:finetune"),
        },
    )
    history: list[Row] = []
    best: Mapping[str, torch.Tensor] = {}
    if state := state_file.read():
        history, best = state["history"], state["best"]
        trainer.restore(state["trainer"])
        print(f"{entry.name}: training continues after epoch {history[-1]['epoch']}", flush=True)
    while not history or not schedule.is_over(history):
        epoch = len(history)
        rate = schedule.learning_rate(history) if epoch else None
        loss = None if rate is None else trainer.train(parts.train, epoch, rate)
        row = {
            "lr": schedule.lr,
            "epoch": epoch,
            "learning_rate": rate,
            "train_loss": loss,
            "successes": trainer.evaluate(parts.val),
            "n": len(parts.val),
        }
        history.append(row)
        print(f"{entry.name}, {_sentence(row)}", flush=True)
        if epoch:
            if best_epoch(history) == epoch:
                best = trainer.weights()
            state_file.write({"trainer": trainer.state(), "best": best, "history": history})
    kept = best_epoch(history)
    print(f"{entry.name}: the weights of epoch {kept} are kept", flush=True)
    model.load_state_dict(best)
    facts = entry_facts(entry) | {
        "label_space": parts.label_space,
        "outputs": parts.classes,
        "trained_from": origin,
        "epoch": kept,
        **asdict(schedule),
    }
    save(model, facts, output)
    write_rows(
        history_path,
        TRAINING,
        [row | {"best": row["epoch"] == kept} for row in history],
        config={"model": entry.name, **asdict(schedule)},
        facts={
            "weights_sha256": sha256_tensors(model),
            "label_space": parts.label_space,
            "train_images": str(len(parts.train)),
            "device": str(device),
            "torch_version": torch.__version__,
        },
    )
    state_file.remove()


def _sentence(row: Row) -> str:
    training = "before training"
    if row["epoch"]:
        training = f"learning rate {row['learning_rate']:g}, loss {row['train_loss']:.4f}"
    accuracy = f"{row['successes']}/{row['n']} ({row['successes'] / row['n']:.2%})"
    return f"epoch {row['epoch']}: {training}, held-out top-1 {accuracy}"
