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
