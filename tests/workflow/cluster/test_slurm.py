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
    "predictions/demo-shards/full",
    "scores/demo-shards/full",
    "scores/demo-shards/imagenet_hard.full*",
    "exhibits/imagenet_hard/report.*",
)
TARGET = "imagenet_hard_report"
KILLED, CANCELLED = "predictions_run", "scores_accuracy"
TOO_LARGE = "frames_preprocess_demo-shards_full"


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
    settings["slurm-init-seconds-before-status-checks"] = 2
    settings["latency-wait"] = 5
    # Less than Snakemake alone takes, then plenty.
    settings["set-resources"][TOO_LARGE] = {"mem_mb": "100 if attempt == 1 else 1000"}
    profile.write_text(yaml.safe_dump(settings))


def run_with_faults(node, process) -> None:
    """Wait for the run to end; kill one of its jobs and cancel another when they first run."""
    faults = {KILLED, CANCELLED}
    while process.poll() is None:
        for job in node.jobs() if faults else []:
            if job.rule not in faults or job.state != "RUNNING":
                continue
            if job.rule == CANCELLED:
                node.run("scancel", job.number)
            elif running := node.processes(job):
                node.run("kill", "-KILL", *running)
            else:
                continue
            faults.remove(job.rule)
        time.sleep(0.3)
    assert not faults


@pytest.fixture(scope="module")
def jobs_and_results(node, finished, tmp_path_factory):
    """The jobs of the run, by rule, and the folder with its results."""
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
        jobs[job.rule].append(job)
    return jobs, folder / "results"


def test_its_exhibits_are_those_of_the_local_run(jobs_and_results, finished):
    _, results = jobs_and_results
    local = finished.folder / "results"
    exhibits = list(local.glob(UNDONE[-1]))
    assert len(exhibits) == 3
    for exhibit in exhibits:
        made = results / exhibit.relative_to(local)
        assert made.stat().st_mtime > exhibit.stat().st_mtime, exhibit.name
        assert made.read_bytes() == exhibit.read_bytes(), exhibit.name


@pytest.mark.parametrize(
    ("rule", "died_of", "to_do"),
    [
        (KILLED, {"FAILED"}, len(MODELS)),
        (CANCELLED, {"CANCELLED"}, 1),
        (TOO_LARGE, {"FAILED", "OUT_OF_MEMORY"}, 1),
    ],
)
def test_what_dies_is_submitted_again(jobs_and_results, rule, died_of, to_do):
    died = [job for job in jobs_and_results[0][rule] if job.state != "COMPLETED"]
    done = [job for job in jobs_and_results[0][rule] if job.state == "COMPLETED"]
    assert died
    assert {job.state for job in died} <= died_of
    assert len(done) == to_do
    # Asking for more memory than at first.
    assert max(job.memory for job in done) > max(job.memory for job in died)


def test_two_jobs_with_a_gpu_never_run_at_once(jobs_and_results):
    gpu = [job for job in jobs_and_results[0]["predictions_run"] if job.has_gpu]
    assert len(gpu) == len(MODELS) + 1
    for earlier, later in pairwise(sorted(gpu, key=lambda job: job.start)):
        assert earlier.end <= later.start


def test_a_table_and_what_is_made_of_it_are_one_job(jobs_and_results):
    jobs, _ = jobs_and_results
    (group,) = (rule for rule in jobs if rule.startswith("tables"))
    assert len(jobs[group]) == 1
    assert {"manifests_images", "sources_shards"}.isdisjoint(jobs)
