"""Distillation of objects: how often a student's top class is its teacher's, the loss on and off.

Each seed trains the tiny network on viewpoints twice, on the same clips in the same order: with the
loss of the teacher's Object-Score and without. Heads that only teach are never kept, so that no
command can show this. Clips and scores are made as in docs/ego-exo.md. By hand:

    python benchmarks/students.py --clips kept.arrow --manifest clips.parquet \
        --object-scores objects.parquet
"""

import argparse
from collections import Counter
from collections.abc import Mapping
from itertools import product
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch

from wildframe.core.clusters import Counts, compare
from wildframe.core.schemas import CLIPS
from wildframe.core.tables import read_table
from wildframe.frames.kept import KeptClips
from wildframe.models.clips.lessons import LessonFiles, Lessons
from wildframe.models.clips.loading import iter_views, normalised
from wildframe.models.clips.processes import Processes
from wildframe.models.clips.recipe import Recipe
from wildframe.models.clips.sampling import Sampling
from wildframe.models.clips.teachers import Teacher
from wildframe.models.clips.trainer import Trainer, start_learner

ON, OFF = 0.5, 0.0
"""Weights of the loss: the paper's, and none."""
VIEWS = 2

TopClasses = Mapping[str, int]
"""Of each clip."""


def train(files: LessonFiles, seed: int, weight: float, options: argparse.Namespace) -> TopClasses:
    """Train a student in one thread and return its most probable object of each kept clip."""
    torch.set_num_threads(1)
    recipe = Recipe(
        network="tiny",
        task="viewpoint",
        seed=seed,
        frames=options.frames,
        stride=options.stride,
        crop=options.crop,
        epochs=options.epochs,
        batch_size=16,
        lr=options.lr,
        decay="cosine",
        decay_epochs=(),
        warmup_epochs=2,
        warmup_lr=0.01,
        weight_decay=1e-4,
        dropout=0.0,
        precision="fp32",
        loss="paper",
        weights={},
        temperature=1.0,
        fraction=1.0,
        one_view_per_pair=False,
    )
    lessons = Lessons.read(files, recipe, threads=1)
    learner = start_learner(recipe, lessons, initial=None)
    weights = {"viewpoint": 1.0, "object": weight}
    trainer = Trainer(learner, recipe, weights, torch.device("cpu"), Processes())
    steps = lessons.labelled.steps(recipe.batch_size)
    for epoch in range(recipe.epochs):
        for step, lesson in enumerate(lessons.epoch(epoch, recipe.batch_size, Processes())):
            trainer.step(lesson, epoch, step, recipe.learning_rate(epoch + step / steps))
        trainer.end_epoch(epoch, steps)
    learner.eval()
    shown = Sampling(recipe.frames, recipe.stride, recipe.sampling.short_sides[0])
    kept = KeptClips(files.clips)
    with torch.inference_mode():
        return {
            clip_id: int(learner(normalised(views), len(views))["object"].mean(dim=0).argmax())
            for clip_id, views in iter_views(kept, shown, VIEWS, 1, wanted=kept, threads=1)
        }


def main() -> None:
    """Print the agreement of each seed, and the difference over clips and seeds."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("clips", "manifest", "object-scores"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    for name, default in (("epochs", 40), ("seeds", 3), ("frames", 4), ("stride", 4), ("crop", 40)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--lr", type=float, default=0.05)
    parser.add_argument("--processes", type=int, default=1, help="students at a time")
    options = parser.parse_args()
    files = LessonFiles(
        [options.clips], options.manifest, options.manifest, object=options.object_scores
    )
    kept = KeptClips([options.clips])
    rows = [r for r in read_table(options.manifest, CLIPS).to_pylist() if r["clip_id"] in kept]
    ids = [row["clip_id"] for row in rows]
    teacher = Teacher(options.object_scores, "scores", "object").of(ids).argmax(dim=1).numpy()
    parts = {part: np.array([row["split"] == part for row in rows]) for part in ("train", "test")}
    agreed = {ON: np.zeros(len(ids)), OFF: np.zeros(len(ids))}
    students = [*product(range(options.seeds), agreed)]
    with get_context("spawn").Pool(options.processes) as pool:
        found = pool.starmap(train, [(files, *student, options) for student in students])
    for (seed, weight), classes in zip(students, found, strict=True):
        agrees = np.array([classes[clip_id] for clip_id in ids]) == teacher
        agreed[weight] += agrees / options.seeds
        shares = ", ".join(f"{part} {agrees[chosen].mean():.3f}" for part, chosen in parts.items())
        print(f"seed {seed}, weight {weight}: {shares}", flush=True)
    # Both views of one scene are not independent.
    scenes = np.unique([row["pair_id"] or row["video_id"] for row in rows], return_inverse=True)[1]
    for part, chosen in parts.items():
        usual = Counter(teacher[chosen].tolist()).most_common(1)[0][1] / chosen.sum()
        sides = np.stack([agreed[ON], agreed[OFF]], axis=1)[chosen]
        _, clusters = np.unique(scenes[chosen], return_inverse=True)
        counts = Counts.of(clusters, sides, np.ones_like(sides))
        gap = compare(counts, np.array([0]), np.array([1]), seed=0)
        print(
            f"{part}: {counts.shares[0]:.3f} with the loss, {counts.shares[1]:.3f} without; "
            f"difference {gap.value[0]:+.3f} [{gap.low[0]:+.3f}, {gap.high[0]:+.3f}], "
            f"p = {gap.p_value[0]:.2g}, {int(gap.clusters[0])} scenes; "
            f"the teacher's most usual class: {usual:.3f}"
        )


if __name__ == "__main__":
    main()
