"""Training: a model learns from one part of a dataset, and is evaluated on the other.

The epoch with the best held-out accuracy is kept, so that this accuracy is slightly optimistic, as
in the papers (*Egocentric Data as Natural Adversarial Examples*, D).

A killed run continues after its last whole epoch, from a state file beside the output. On a CPU it
ends with the same bits as an uninterrupted one. On another device, or with another number of
threads, it would not: there it starts from the beginning.
"""

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from wildframe.core.code import code_hash
from wildframe.core.files import atomic_path
from wildframe.core.schemas import TRAINING
from wildframe.core.tables import Row, write_rows
from wildframe.models.device import set_up_torch
from wildframe.models.examples import Parts
from wildframe.models.schedule import Schedule, best_epoch
from wildframe.models.training import Trainer
from wildframe.models.weights import load_to_train, save, sha256_tensors
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
    import torch

    device = set_up_torch(device_name, threads)
    model = load_to_train(entry, weights, parts.label_space, parts.classes, schedule.seed)
    entry = entry.with_label_space(parts.label_space)
    origin = sha256_tensors(model)
    trainer = Trainer(entry, model, schedule, device)
    state_file = _StateFile(
        output.with_name(f".{output.name}.state"),
        {
            "model": entry.facts,
            "weights": origin,
            "train": parts.train.sha256(),
            "val": parts.val.sha256(),
            "schedule": asdict(schedule),
            "device": str(device),
            "threads": threads,
            "code": code_hash("models.finetune:finetune"),
            "torch": torch.__version__,
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
    facts = {
        "model": entry.name,
        "label_space": parts.label_space,
        "outputs": parts.classes,
        "trained_from": origin,
        "epoch": kept,
        **asdict(schedule),
    }
    if not entry.is_curated:
        facts["entry"] = entry.told()
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


class _StateFile:
    """The state of a training between two epochs: a line with two hashes, then torch's bytes."""

    def __init__(self, path: Path, determines: Mapping[str, Any]) -> None:
        """Take the path, and all that determines a training: no other may continue from it."""
        self._path = path
        text = json.dumps(determines, sort_keys=True)
        self._key = hashlib.sha256(text.encode()).hexdigest().encode()

    def read(self) -> dict[str, Any] | None:
        """Return the state; None if there is no file, or, with a message, if it is unusable."""
        import torch

        if not self._path.is_file():
            return None
        with self._path.open("rb") as file:
            header, content = file.readline().rstrip(b"\n"), file.read()
        if header == self._header(content):
            state: dict[str, Any] = torch.load(
                io.BytesIO(content), map_location="cpu", weights_only=True
            )
            return state
        is_ours = header.startswith(self._key)
        problem = "damaged" if is_ours else "of other settings, inputs, device or code, or damaged"
        print(f"{self._path}: this training state is {problem}; training starts from the beginning")
        return None

    def write(self, state: Mapping[str, Any]) -> None:
        """Replace the state."""
        import torch

        buffer = io.BytesIO()
        torch.save(state, buffer)
        with atomic_path(self._path) as temporary, temporary.open("wb") as file:
            file.write(self._header(buffer.getbuffer()) + b"\n")
            file.write(buffer.getbuffer())

    def remove(self) -> None:
        """Remove the file at the end of the training."""
        self._path.unlink(missing_ok=True)

    def _header(self, content: bytes | memoryview) -> bytes:
        return self._key + b" " + hashlib.sha256(content).hexdigest().encode()
