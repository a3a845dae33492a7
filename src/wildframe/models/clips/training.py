"""Training of networks of clips: a published recipe, for a fixed number of epochs.

A killed run continues from a state file beside the output, in the middle of an epoch, too. On a
CPU with one thread it ends with the same bits as an undisturbed one.

Several processes, which ``torchrun`` starts, share each step and end where one would, but for
dropout, triplets (of the pairs of one process) and rounding.
"""

import time
from dataclasses import asdict
from pathlib import Path

from wildframe.core.code import code_hash
from wildframe.core.schemas import CLIP_TRAINING
from wildframe.core.tables import Row, write_rows
from wildframe.models.clips.learner import save_model
from wildframe.models.clips.lessons import LessonFiles, Lessons
from wildframe.models.clips.objective import term_weights
from wildframe.models.clips.processes import Processes, join_processes
from wildframe.models.clips.recipe import Recipe
from wildframe.models.clips.trainer import Trainer, start_learner
from wildframe.models.state import StateFile
from wildframe.models.weights import sha256_tensors


def train(
    recipe: Recipe,
    files: LessonFiles,
    output: Path,
    history_path: Path,
    *,
    device_name: str,
    threads: int,
    save_every: float,
) -> None:
    """Write the weights after the last epoch, and the history of all epochs.

    Args:
        recipe: How to train.
        files: What to learn from.
        output: safetensors file to write.
        history_path: CLIP_TRAINING to write.
        device_name: As in `join_processes`.
        threads: CPU threads of this process, and as many more that load clips.
        save_every: Seconds between two states.

    Raises:
        UserError: A file is unsound or does not fit the others, or training diverged.
    """
    with join_processes(device_name, threads) as (processes, device):
        lessons = Lessons.read(files, recipe, threads)
        if lessons.left_out:
            _say(processes, lessons.left_out)
        weights = term_weights(recipe.weights, recipe.loss, recipe.task, lessons.taught())
        learner = start_learner(recipe, lessons, files.initial)
        facts = {
            "origin": sha256_tensors(learner),
            # Without its index, which differs between processes that share a state.
            "device": device.type,
            "threads": str(threads),
            "processes": str(processes.world),
        }
        trainer = Trainer(learner, recipe, weights, device, processes)
        determines = {
            "recipe": asdict(recipe),
            "files": files.stamps(),
            "code": code_hash("models.commands:train_clips"),
        }
        state_file = StateFile(output, facts | determines)
        history = _train(trainer, lessons, recipe, processes, state_file, save_every)
        if processes.is_first:
            save_model(learner.model, lessons.classes, recipe, output)
            config = asdict(recipe) | {"weights": weights}
            write_rows(history_path, CLIP_TRAINING, history, config=config, facts=facts)
            state_file.remove()


def _train(
    trainer: Trainer,
    lessons: Lessons,
    recipe: Recipe,
    processes: Processes,
    state_file: StateFile,
    save_every: float,
) -> list[Row]:
    """Train all epochs, from where the state says, and return their history."""
    history: list[Row] = []
    done = 0
    if state := state_file.read():
        history, done = state["history"], state["done"]
        trainer.restore(state["trainer"])
        _say(processes, f"training continues after step {done} of epoch {len(history) + 1}")
    saved = time.monotonic()
    steps = lessons.labelled.steps(recipe.batch_size)
    while (epoch := len(history)) < recipe.epochs:
        remaining = lessons.epoch(epoch, recipe.batch_size, processes, start=done)
        for step, lesson in enumerate(remaining, done):
            trainer.step(lesson, epoch, step, recipe.learning_rate(epoch + step / steps))
            if processes.is_first and time.monotonic() - saved >= save_every:
                state_file.write({"trainer": trainer.state(), "history": history, "done": step + 1})
                saved = time.monotonic()
        done = 0
        row = {
            "epoch": epoch + 1,
            "learning_rate": recipe.learning_rate(epoch + 1 - 1 / steps),
            "clips": steps * min(recipe.batch_size, len(lessons.labelled)),
            "losses": trainer.end_epoch(epoch, steps),
        }
        history.append(row)
        _say(processes, _sentence(row))
    return history


def _say(processes: Processes, text: str) -> None:
    if processes.is_first:
        print(text, flush=True)


def _sentence(row: Row) -> str:
    losses = ", ".join(f"{loss['term']} {loss['value']:.4f}" for loss in row["losses"])
    return f"epoch {row['epoch']}: learning rate {row['learning_rate']:g}, {losses}"
