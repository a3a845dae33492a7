"""Devices, plugins of clusters, and space, on machines that are made up."""

from collections import namedtuple
from importlib import metadata
from types import SimpleNamespace

import pytest

from wildframe.doctor.environment import cluster, devices, environment, free_bytes, space


@pytest.fixture
def lacking(monkeypatch):
    """Make the metadata of installed packages lack some."""

    def lack(*names):
        def version(name):
            if name in names:
                raise metadata.PackageNotFoundError(name)
            return "1.0"

        monkeypatch.setattr(metadata, "version", version)

    return lack


@pytest.fixture
def gpus(monkeypatch):
    """Show torch a number of GPUs."""

    def show(count):
        properties = SimpleNamespace(name="H200", total_memory=139 * 2**30)
        monkeypatch.setattr("torch.cuda.is_available", lambda: count > 0)
        monkeypatch.setattr("torch.cuda.device_count", lambda: count)
        monkeypatch.setattr("torch.cuda.get_device_properties", lambda _: properties)

    return show


def test_a_package_that_lacks_is_named_with_the_pins_that_bring_it(lacking, project):
    lacking("torch")
    (line,) = [line for mark, line in environment() if mark == "missing"]
    envs = project / "envs"
    assert line == (
        f"torch is not installed; `pip install --requirement {envs}/wildframe.txt --constraint "
        f"{envs}/constraints.txt` installs it"
    )


def test_of_several_gpus_the_command_that_uses_all_is_told(gpus):
    gpus(1)
    assert list(devices()) == [("ok", "device cuda:0: H200, 139 GiB")]
    gpus(2)
    assert list(devices())[2] == (
        "ok",
        "2 GPUs: `snakemake --cores all --resources gpu=2` runs models on all of them, else on one "
        "at a time",
    )


def test_a_scheduler_needs_its_plugin(lacking, monkeypatch, project):
    monkeypatch.setattr("shutil.which", lambda command: command if command == "sbatch" else None)
    lacking()
    assert list(cluster()) == [
        (
            "ok",
            "slurm: snakemake-executor-plugin-slurm 1.0; `snakemake --workflow-profile "
            "profiles/slurm` submits jobs",
        )
    ]
    lacking("snakemake-executor-plugin-slurm")
    ((mark, line),) = cluster()
    assert mark == "partly"
    assert f"`pip install --requirement {project}/envs/cluster.txt " in line
    monkeypatch.setattr("shutil.which", lambda command: None)
    assert list(cluster()) == []


def test_space_is_that_of_the_file_system_of_the_results(tmp_path, monkeypatch):
    usage = namedtuple("usage", "free")
    asked = []

    def disk_usage(path):
        asked.append(path)
        return usage(2**29)

    monkeypatch.setattr("shutil.disk_usage", disk_usage)
    results = tmp_path / "not/yet/there"
    assert free_bytes(results) == 2**29
    assert asked == [tmp_path]
    mark, line = space(results)
    assert (mark, line.partition(";")[0]) == ("missing", f"0 GiB free for {results}")
