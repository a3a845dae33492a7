"""Runs that are killed, damaged, out of space, started twice or moved: never another result.

`make faults` does a hundred kills and damages two hundred files, with a model and a training in the
run; CI does a few, of a run without.
"""

import os
import random
import re
import resource
import shutil
import signal
import subprocess
import time
from contextlib import suppress

import numpy as np
import psutil
import pytest
from PIL import Image
from workflow.conftest import Workspace, lay_out

BY_HAND = int(os.environ.get("WILDFRAME_TEST_FAULTS", "0"))
"""Kills of the long run, which damages twice as many files."""
KILLS, DAMAGED = BY_HAND or 3, 2 * BY_HAND or 2

SETTINGS = """\
extends: [own_images]
sources: {own-images: {root: images}}
studies: {ego4d: {models: [squeezenet1_1]}}
predictions: {device: cpu}
frames: {shards: 1}
"""
TARGETS = ["ego4d_fig4_statistics"]
if BY_HAND:
    SETTINGS = SETTINGS.replace(
        "{ego4d: {models: [squeezenet1_1]}}",
        "\n  ego4d:\n    models: [squeezenet1_1]\n    finetuning: {dataset: own-images, "
        "models: [squeezenet1_1@64], split_by: clip, epochs: 3, batch_size: 8}",
    )
    TARGETS += ["ego4d_fig7_zero_shot_in1k", "ego4d_high_confidence", "ego4d_fig11_finetuned"]
ARGUMENTS = (*TARGETS, "--configfile", "mine.yaml")
RESULTS = "results-own-images"

pytestmark = pytest.mark.workflow


def exhibits(space):
    """Return every table by its path."""
    folder = space.folder / RESULTS / "exhibits"
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.*")}


def intermediates(space):
    """Return the files between the images and the exhibits."""
    results = space.folder / RESULTS
    told = {"logs", "benchmarks", "exhibits"}
    return sorted(
        path
        for path in results.rglob("*")
        if path.is_file() and path.relative_to(results).parts[0] not in told
    )


@pytest.fixture(scope="module")
def finished(project, tmp_path_factory, server):
    """A run to its end, which tests copy; how long it took is in ``seconds``."""
    space = lay_out(project, tmp_path_factory.mktemp("finished"), server)
    rng = np.random.default_rng(0)
    for wnid in ("n03063599", "n03063689", "n07753592"):
        folder = space.folder / "images" / wnid
        folder.mkdir(parents=True)
        for number in range(4):
            pixels = rng.integers(0, 256, (48, 64, 3), np.uint8)
            Image.fromarray(pixels).save(folder / f"{number}.png")
    (space.folder / "mine.yaml").write_text(SETTINGS)
    started = time.monotonic()
    space.run(*ARGUMENTS)
    space.seconds = time.monotonic() - started
    return space


@pytest.fixture
def copied(finished, tmp_path):
    """Return a function that returns a copy of the finished run, with its history."""

    def copy(name="copy"):
        folder = tmp_path / name
        shutil.copytree(finished.folder, folder, symlinks=True)
        return Workspace(folder, finished.server)

    return copy


def without_results(space):
    """Return the run as it was before, but for what is costly and made in one step."""
    for part in (space.folder / RESULTS).iterdir():
        if part.name not in ("labels", "models"):
            shutil.rmtree(part)
    for trained in (space.folder / RESULTS).glob("models/*/by-*"):
        shutil.rmtree(trained) if trained.is_dir() else trained.unlink()
    return space


def kill_group(process, rng):
    os.killpg(process.pid, signal.SIGKILL)


def kill_engine(process, rng):
    process.kill()


def kill_job(process, rng):
    """Kill one of the commands that run, and what it started; the others go on."""
    found = psutil.Process(process.pid).children(recursive=True)
    jobs = [one for one in found if "wildframe" in " ".join(one.cmdline())]
    if jobs:
        rng.choice(jobs).kill()


def test_a_killed_run_ends_with_the_same_bytes(finished, copied):
    space = without_results(copied())
    rng = random.Random(0)
    seconds = finished.seconds / 2
    for number in range(KILLS):
        started = time.monotonic()
        process = space.start(*ARGUMENTS, start_new_session=True)
        kill = (kill_group, kill_engine, kill_job)[number % 3]
        wait = rng.uniform(0.2, 0.9) * seconds
        try:
            process.wait(wait)
        except subprocess.TimeoutExpired:
            with suppress(psutil.NoSuchProcess, ProcessLookupError):  # it ends by itself
                kill(process, rng)
        process.communicate()
        print(f"{number}: {kill.__name__} after {wait:.1f} s, status {process.returncode}")
        space.run("--unlock", "--configfile", "mine.yaml")
        if process.returncode == 0:
            seconds = time.monotonic() - started
            assert exhibits(space) == exhibits(finished)
            without_results(space)
    space.run(*ARGUMENTS)
    assert exhibits(space) == exhibits(finished)
    assert list((space.folder / RESULTS).rglob(".*.tmp*")) == []


def flip(content, rng):
    content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)


def zero(content, rng):
    at = rng.randrange(len(content))
    content[at : at + 64] = bytes(len(content[at : at + 64]))


def truncate(content, rng):
    del content[rng.randrange(len(content)) :]


def test_damaged_intermediates_are_remade_refused_by_name_or_do_not_matter(finished, copied):
    rng = random.Random(0)
    for number in range(DAMAGED):
        space = copied(str(number))
        path = rng.choice(intermediates(space))
        damage = rng.choice([flip, zero, truncate])
        content = bytearray(path.read_bytes())
        damage(content, rng)
        path.write_bytes(content)
        what = f"{path.relative_to(space.folder)}, {damage.__name__}"
        status, output = space.server.run(["--cores", "2", *ARGUMENTS], space.folder)
        if status:
            assert str(path.relative_to(space.folder)) in output, (what, output)
            path.unlink()
            space.run(*ARGUMENTS)
        assert exhibits(space) == exhibits(finished), what
        print(f"{number}: {what}: {'refused' if status else 'harmless'}")
        shutil.rmtree(space.folder)


def test_a_deleted_intermediate_is_remade_alone(finished, copied):
    space = copied()
    files = intermediates(space)
    for path in files if BY_HAND else random.Random(0).sample(files, 1):
        name = str(path.relative_to(space.folder))
        before = path.read_bytes()
        path.unlink()
        assert space.plan(name, "--configfile", "mine.yaml")["total"] == 1, name
        space.run(name, "--configfile", "mine.yaml")
        assert path.read_bytes() == before, name
    space.run(*ARGUMENTS)
    assert exhibits(space) == exhibits(finished)


def test_a_full_disk_is_told_and_the_run_goes_on_when_there_is_space(finished, copied):
    space = without_results(copied())
    limit = 20_000
    process = space.start(
        *ARGUMENTS,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    output, _ = process.communicate()
    assert process.returncode == 1
    assert re.search(r"\.parquet: cannot be written \(File too large\)", output), output
    assert list((space.folder / RESULTS).rglob(".*.tmp*")) == []
    assert all(
        path.stat().st_size <= limit
        for path in (space.folder / RESULTS / "frames").rglob("*.parquet")
    )
    space.run(*ARGUMENTS)
    assert exhibits(space) == exhibits(finished)


def test_a_second_run_in_the_folder_is_refused_and_disturbs_nothing(finished, copied):
    space = copied()
    (space.folder / RESULTS / "exhibits/ego4d/fig4_statistics.md").unlink()
    first = space.start(*ARGUMENTS)
    while not list((space.folder / ".snakemake/locks").glob("*")):
        assert first.poll() is None
        time.sleep(0.05)
    first.send_signal(signal.SIGSTOP)
    output = space.run(*ARGUMENTS, code=1)
    assert "Directory cannot be locked" in output
    assert "--unlock" in output
    first.send_signal(signal.SIGCONT)
    output, _ = first.communicate()
    assert first.returncode == 0, output
    assert exhibits(space) == exhibits(finished)


def test_a_moved_run_is_as_it_was(finished, copied, tmp_path):
    folder = copied().folder.rename(tmp_path / "moved to a folder with spaces")
    space = Workspace(folder, finished.server)
    assert "Nothing to be done" in space.run(*ARGUMENTS)
    table = folder / RESULTS / "exhibits/ego4d/fig4_statistics.md"
    table.unlink()
    space.run(*ARGUMENTS)
    assert exhibits(space) == exhibits(finished)
