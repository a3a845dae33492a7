"""CPU time of ``snakemake -n`` with the inputs of a paper's run in full size, and of nothing to do.

    python benchmarks/plans.py             # both papers, five plans each
    python benchmarks/plans.py vid_robust

Clips and images are empty files: a plan lists them and looks at their times, and reads none.
"""

import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from wildframe.models import load_zoo

ROOT = Path(__file__).resolve().parents[1]
CLIPS = 19_071
VIDEOS, FRAMES = 1_109, 20


def ego4d(folder: Path) -> dict[str, Any]:
    """Lay out the clips of FHO's training split, and return the settings of the paper's run."""
    annotations = folder / "v1/annotations"
    for name in ("fho_main.json", "fho_scod_train.json"):
        _touch(annotations / name)
    for number in range(CLIPS):
        _touch(folder / f"v1/clips/{number:08d}-0000-0000-0000-000000000000.mp4")
    return {"extends": ["ego4d"], "sources": {"ego4d": {"root": str(folder)}}}


def vid_robust(folder: Path) -> dict[str, Any]:
    """Lay out the images of 1,109 sets, and return the settings of a run of the zoo."""
    for split in ("val", "train"):
        (folder / f"Annotations/VID/{split}").mkdir(parents=True)
        (folder / f"Data/VID/{split}").mkdir(parents=True)
    for name in ("pmsets.json", "labels.json"):
        _touch(folder / "metadata" / name)
    for video in range(VIDEOS):
        for frame in range(FRAMES):
            _touch(folder / f"Data/VID/val/video_{video:08d}/{frame:06d}.JPEG")
    here = {"root": str(folder), "metadata": str(folder / "metadata")}
    models = [entry.name for entry in load_zoo().values() if entry.label_space == "in1k"]
    study = {"datasets": ["vid-robust"], "models": models}
    return {
        "extends": ["vid_robust"],
        "sources": {"vid": here, "vid-train": {"root": str(folder)}, "ytbb": here},
        "studies": {"vid_robust": study},
    }


def _touch(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()


def _snakemake(folder: Path, *options: str) -> tuple[str, float, float]:
    """Run Snakemake; return what it says, its CPU seconds and its wall time."""
    before, start = os.times(), time.perf_counter()
    done = subprocess.run(
        ["snakemake", "--snakefile", ROOT / "Snakefile", "--cores", "2", *options],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stdout + done.stderr)
    after = os.times()
    cpu = after.children_user + after.children_system
    cpu -= before.children_user + before.children_system
    return done.stdout + done.stderr, cpu, time.perf_counter() - start


def _measure(name: str, folder: Path, repeats: int) -> str:
    """Run Snakemake's plan several times; print medians, and return what it says."""
    texts, cpu, wall = zip(*(_snakemake(folder, "-n") for _ in range(repeats)), strict=True)
    print(
        f"{name:30} {statistics.median(cpu):5.2f} s of processor, {statistics.median(wall):5.2f} s",
        flush=True,
    )
    return str(texts[0])


def main(papers: list[str], repeats: int = 5) -> None:
    """Print what plans take."""
    known: dict[str, Callable[[Path], dict[str, Any]]]
    known = {"ego4d": ego4d, "vid_robust": vid_robust}
    for paper in papers or known:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            settings = known[paper](folder / "data") | {"pathvars": {"results": "results"}}
            (folder / "config.yaml").write_text(yaml.safe_dump(settings))
            _snakemake(folder, "-n")  # what is cached beside the package is there from then on
            plan = _measure(f"{paper}, first plan", folder, repeats)
            for line in re.findall(r"^    output: (.*)$", plan, re.MULTILINE):
                for output in line.split(", "):
                    _touch(folder / output)
            _snakemake(folder, "--touch")
            plan = _measure(f"{paper}, nothing to do", folder, repeats)
            if "Nothing to be done" not in plan:
                raise SystemExit(plan)


if __name__ == "__main__":
    main(sys.argv[1:])
