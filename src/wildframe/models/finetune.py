"""Training: a model learns from one part of a dataset, and is examined on the other.

The best epoch on the held-out part is kept, so its accuracy there is a little optimistic, in the
papers as here (*Egocentric Data as Natural Adversarial Examples*, D).

A killed run goes on after its last whole epoch, from a state file beside the output. On a CPU it
ends with the same bits as one that was not killed. On another device, or with another number of
threads, it would not: there it starts anew.
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
    """Write the weights of the best epoch, and the history of all.

    Args:
        entry: The model.
        weights: Its safetensors file.
        parts: Images to learn from, and those held out.
        schedule: How to train.
        output: Weights to write, safetensors.
        history_path: Table to write: one row an epoch.
        device_name: ``auto`` or a torch device.
        threads: CPU threads.

    Raises:
        UserError: Training diverged.
    """
    import torch

    device = set_up_torch(device_name, threads)
    model = load_to_train(entry, weights, parts.label_space, parts.classes, schedule.seed)
    entry = entry.model_copy(update={"label_space": parts.label_space})
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
        print(f"{entry.name}: training goes on after epoch {history[-1]['epoch']}", flush=True)
    while not history or not schedule.is_over(history):
        epoch = len(history)
        rate = schedule.learning_rate(history) if epoch else None
        loss = None if rate is None else trainer.train(parts.train, epoch, rate)
        row = {
            "lr": schedule.lr,
            "epoch": epoch,
            "learning_rate": rate,
            "train_loss": loss,
            "successes": trainer.examine(parts.val),
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
    save(model, facts, output)
    write_rows(
        history_path,
        TRAINING,
        [row | {"best": row["epoch"] == kept} for row in history],
        config={"model": entry.name, **asdict(schedule)},
        facts={
            "weights_sha256": sha256_tensors(model),
            "label_space": parts.label_space,
            "device": str(device),
            "torch_version": torch.__version__,
        },
    )
    state_file.remove()


def _sentence(row: Row) -> str:
    training = (
        f"learning rate {row['learning_rate']:g}, loss {row['train_loss']:.4f}"
        if row["epoch"]
        else "before training"
    )
    share = 100 * row["successes"] / row["n"]
    return (
        f"epoch {row['epoch']}: {training}, held-out top-1 {row['successes']}/{row['n']} "
        f"({share:.2f} %)"
    )


class _StateFile:
    """A training between two epochs: a line with two hashes, then what torch saves."""

    def __init__(self, path: Path, decides: Mapping[str, Any]) -> None:
        """Name the file, and all that decides a training: another one must not go on with it."""
        self._path = path
        text = json.dumps(decides, sort_keys=True)
        self._key = hashlib.sha256(text.encode()).hexdigest().encode()

    def read(self) -> dict[str, Any] | None:
        """Return the state; None, and a sentence on why if there is a file, where it is no use."""
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
        of_this = header.startswith(self._key)
        problem = "damaged" if of_this else "of other settings, inputs, device or code, or damaged"
        print(f"{self._path}: this state of a training is {problem}; training starts anew")
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
        """Remove the state: the training is done."""
        self._path.unlink(missing_ok=True)

    def _header(self, content: bytes | memoryview) -> bytes:
        return self._key + b" " + hashlib.sha256(content).hexdigest().encode()
