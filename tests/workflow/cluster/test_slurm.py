"""A part of the demo on a real Slurm of one node; jobs are killed, cancelled, and too large."""

import shutil
import subprocess
import sys
import time
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import pytest
import yaml

pytestmark = pytest.mark.workflow

MODELS = ("squeezenet1_1", "tf_efficientnet_lite0")
# What is made of the images of one dataset; exports of models and other views stay.
UNDONE = (
    "sources/demo-shards",
    "manifests/demo-shards.*",
    "frames/demo-shards/full",
    *(f"predictions/demo-shards/full/{model}.parquet" for model in MODELS),
    "scores/demo-shards/full",
    "scores/demo-shards/imagenet_hard.full*",
    "exhibits/imagenet_hard/report.*",
)
TARGET = "imagenet_hard_report"
KILLED, CANCELLED = (f"predictions_run_wildcards_demo-shards_full_{model}" for model in MODELS)
TOO_LARGE = "frames_preprocess_demo-shards.full"


def undo(results: Path) -> None:
    for pattern in UNDONE:
        found = list(results.glob(pattern))
        assert found, pattern
        for path in found:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()


def hasten(profile: Path) -> None:
    """Look at jobs sooner than on a cluster, and let a rule ask for too little at first."""
    settings = yaml.safe_load(profile.read_text())
    # What a job takes: where none has ended, it is ten seconds longer until the next look.
    settings["slurm-init-seconds-before-status-checks"] = 10
    settings["latency-wait"] = 5
    # Less than Snakemake alone takes, then plenty.
    settings["set-resources"][TOO_LARGE] = {"mem_mb": "100 if attempt == 1 else 1000"}
    profile.write_text(yaml.safe_dump(settings))


def run_with_faults(node, process) -> None:
    """Wait for the run to end; kill one of its jobs and cancel another when they first run."""
    faults = {KILLED, CANCELLED}
    while process.poll() is None:
        for job in node.jobs() if faults else []:
            if job.name not in faults or job.state != "RUNNING":
                continue
            if job.name == CANCELLED:
                node.run("scancel", job.number)
            elif running := node.processes(job):
                node.run("kill", "-KILL", *running)
            else:
                continue
            faults.remove(job.name)
        time.sleep(0.3)
    assert not faults


@pytest.fixture(scope="module")
def jobs_and_results(node, finished, tmp_path_factory):
    """The jobs of the run, by name, and the folder with its results."""
    pytest.importorskip("snakemake_executor_plugin_slurm", reason="see envs/dev.txt")
    folder = tmp_path_factory.mktemp("slurm") / "copy"
    shutil.copytree(finished.folder, folder, symlinks=True)
    undo(folder / "results")
    hasten(folder / "profiles/slurm/profile.yaml")
    log = folder / "run.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            node.command(
                sys.executable,
                "-m",
                "snakemake",
                "--workflow-profile=profiles/slurm",
                # A job a model, whose data stay what they are.
                "--config",
                "share_processes=False",
                "--rerun-triggers=mtime",
                "--",
                TARGET,
                folder=folder,
            ),
            stdout=output,
            stderr=output,
        )
        run_with_faults(node, process)
    assert process.returncode == 0, log.read_text()
    jobs = defaultdict(list)
    for job in node.jobs():
        jobs[job.name].append(job)
    return jobs, folder / "results"


def test_what_it_makes_is_what_the_local_run_made(jobs_and_results, finished):
    _, results = jobs_and_results
    local = finished.folder / "results"
    paths = [
        path
        for pattern in ("predictions/demo-shards/full/*", UNDONE[-1])
        for path in local.glob(pattern)
    ]
    assert len(paths) == len(MODELS) + 3
    for path in paths:
        made = results / path.relative_to(local)
        assert made.stat().st_mtime > path.stat().st_mtime, path.name
        assert made.read_bytes() == path.read_bytes(), path.name


@pytest.mark.parametrize(
    ("name", "died_of"),
    [
        (KILLED, {"FAILED"}),
        (CANCELLED, {"CANCELLED"}),
        (TOO_LARGE, {"FAILED", "OUT_OF_MEMORY"}),
    ],
)
def test_what_dies_is_submitted_again(jobs_and_results, name, died_of):
    *died, done = jobs_and_results[0][name]
    assert died
    assert {job.state for job in died} <= died_of
    assert done.state == "COMPLETED"
    # Asking for more memory than at first.
    assert done.memory > max(job.memory for job in died)


def test_two_jobs_with_a_gpu_never_run_at_once(jobs_and_results):
    gpu = [job for name in (KILLED, CANCELLED) for job in jobs_and_results[0][name] if job.has_gpu]
    assert len(gpu) == 2 * len(MODELS)
    for earlier, later in pairwise(sorted(gpu, key=lambda job: (job.start, job.end))):
        assert earlier.end <= later.start


def test_a_table_and_what_is_made_of_it_are_one_job(jobs_and_results):
    jobs, _ = jobs_and_results
    (group,) = (name for name in jobs if name.startswith("tables"))
    assert len(jobs[group]) == 1
    assert not [name for name in jobs if name.startswith(("manifests_", "sources_"))]
