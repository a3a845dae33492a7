"""Runs that are killed, damaged, out of space, started twice or moved: never another result.

`make faults` kills a hundred times and damages two hundred files, in a run of every station; CI
does a few, of a run without models.
"""

import os
import random
import re
import resource
import shutil
import signal
import time
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np
import pytest
from faults.harness import (
    artifacts,
    delete,
    differing,
    flip,
    kill_engine,
    kill_group,
    kill_job,
    kill_process,
    kill_training,
    kill_within,
    planned_commands,
    swap,
    truncate,
    wait_for_orphans,
    zero,
)
from PIL import Image
from workflow.conftest import Workspace, lay_out

BY_HAND = int(os.environ.get("WILDFRAME_TEST_FAULTS", "0"))
"""Kills of the long run, which damages twice as many files."""
KILLS, DAMAGED = BY_HAND or 3, 2 * BY_HAND or 20

SETTINGS = """\
extends: [own_images]
sources: {own-images: {root: images}}
studies:
  ego4d:
    models: [squeezenet1_1]
    finetuning:
      dataset: own-images
      models: [squeezenet1_1@64]
      split_by: clip
      epochs: 20
      patience: 20
      batch_size: 8
      lr: 0.0001
predictions: {device: cpu}
frames: {shards: 1}
"""
TARGETS = ["ego4d_fig4_statistics"]
if BY_HAND:
    SETTINGS = Path(__file__).with_name("every_station.yaml").read_text()
    TARGETS = [
        "ego4d_fig11_finetuned",
        "vid_robust_table3_models",
        "imagenet_hard_table1_optimal_zoom",
        "imagenet_hard_table2_adaptation",
        "ego_exo_table1_pretraining",
    ]
ARGUMENTS = (*TARGETS, "--configfile", "mine.yaml")
RESULTS = "results-own-images"
TRAINED = f"{RESULTS}/models/squeezenet1_1@64/by-clip/lr-0.0001.safetensors"

pytestmark = pytest.mark.workflow


def made(space):
    """Return every artifact of a run by its path."""
    return artifacts(space.folder / RESULTS)


def intermediates(space):
    """Return the files between the images and the exhibits."""
    return [name for name in made(space) if not name.startswith("exhibits/")]


def an_exhibit(space):
    """Return a table of a run."""
    return min((space.folder / RESULTS / "exhibits").rglob("*.md"))


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
    """Return the run as it was before."""
    shutil.rmtree(space.folder / RESULTS)
    return space


def start(space, *arguments):
    """Start a run that tries failed jobs again; what it prints is in ``run.log``."""
    with (space.folder / "run.log").open("a") as log:
        return space.start(
            *arguments,
            "--configfile",
            "mine.yaml",
            "--retries",
            "20",
            start_new_session=True,
            stdout=log,
        )


def test_a_killed_run_ends_with_the_same_bytes(finished, copied):
    space = without_results(copied())
    rng = random.Random(0)
    killed, ended = Counter(), 0
    longest = max(finished.seconds / 40, 1)
    while killed.total() < KILLS or ended == 0:
        process = start(space, *TARGETS)
        inside = [kill_job, kill_process, kill_training]
        within = rng.choices(inside, k=rng.randint(8, 12) if BY_HAND else 1)
        for kill in [*within, rng.choice([kill_group, kill_engine])]:
            if killed.total() < KILLS and (what := kill_within(process, kill, rng, longest)):
                print(f"kill {killed.total()}: {what}", flush=True)
                killed[what.partition(":")[0]] += 1
        if process.wait() == 0:
            wait_for_orphans(space.folder)
            assert differing(made(space), made(finished)) == []
            assert list((space.folder / RESULTS).rglob(".*.tmp*")) == []
            print(f"a run ended after {killed.total()} kills, 0 differing files", flush=True)
            without_results(space)
            ended += 1
        else:
            space.run("--unlock", "--configfile", "mine.yaml")
    print(f"killed: {dict(killed)}; runs that ended, all with the same bytes: {ended}")


def test_a_training_that_is_killed_in_a_run_ends_with_the_same_weights(copied):
    space = copied()
    weights = space.folder / TRAINED
    weights.unlink(missing_ok=True)

    def told():
        # Where trainings share a process, they share its log.
        logs = (space.folder / RESULTS / "logs/models").rglob("*.log")
        return "".join(path.read_text() for path in logs)

    process = start(space, TRAINED)
    assert kill_within(process, kill_training, random.Random(0), longest=1e6).startswith("training")
    assert process.wait() == 0
    assert "training continues after epoch" in told()
    killed = weights.read_bytes()
    weights.unlink()
    space.run(TRAINED, "--configfile", "mine.yaml")
    assert "training continues" not in told()
    assert weights.read_bytes() == killed


def linked(finished, folder):
    """Link the files of a run into a folder, for commands, which replace and never change them."""
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(finished.folder / RESULTS, folder / RESULTS, copy_function=os.link)
    for name in ("images", "demo"):
        (folder / name).symlink_to(finished.folder / name)
    return folder


def others_of_its_kind(folder, name):
    """Return the other files of a station with the suffix of one, if their content differs."""
    station, path = folder.joinpath(*Path(name).parts[:2]), folder / name
    found = (one for one in sorted(station.rglob(f"*{path.suffix}")) if one.is_file())
    return [one for one in found if one.read_bytes() != path.read_bytes()]


def remove(path):
    """Remove a file or folder, as Snakemake does before a job."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink()


def contents(path):
    """Return the content of a file, or of all files of a folder."""
    return artifacts(path) if path.is_dir() else path.read_bytes()


def test_no_command_uses_a_damaged_file(finished, tmp_path):
    rng = random.Random(0)
    plan = finished.run("-n", "-p", "--forceall", *ARGUMENTS)
    readers = defaultdict(list)
    for command in planned_commands(plan):
        for name in command.inputs:
            if (finished.folder / name).is_file() and name.startswith(RESULTS):
                readers[name].append(command)
    outcomes, used = Counter(), []
    for number in range(DAMAGED):
        name = rng.choice(sorted(readers))
        command = rng.choice(readers[name])
        folder = linked(finished, tmp_path / "linked")
        others = others_of_its_kind(folder, name)
        damage = rng.choice([flip, zero, truncate, delete, *([swap] if others else [])])
        damage(folder / name, others, rng)
        for output in command.outputs:
            remove(folder / output)
        status, told = finished.server.run(["wildframe", *command.words], folder)
        # Of files that do not belong together, either may be named.
        named = command.inputs if damage is swap else [name]
        sentence = told.splitlines()[-1] if told else ""
        if status == 2 and any(one in sentence for one in named):
            outcome = "refused by name"
        elif status == 0 and all(
            contents(folder / one) == contents(finished.folder / one) for one in command.outputs
        ):
            outcome = "read as before"
        else:
            outcome = "USED" if status == 0 else "NOT TOLD"
            used.append(f"{name}, {damage.__name__}, {command.rule}: {outcome}: {told[-500:]}")
        print(f"{number}: {name}, {damage.__name__}, {command.rule}: {outcome}", flush=True)
        outcomes[damage.__name__, outcome] += 1
    print(f"damaged: {dict(outcomes)}")
    assert used == []


def test_a_refused_file_is_deleted_and_the_run_ends_with_the_same_bytes(finished, copied):
    rng = random.Random(0)
    for number in range(5 if BY_HAND else 1):
        space = copied(str(number))
        path = space.folder / RESULTS / rng.choice(intermediates(space))
        truncate(path, [], rng)
        name = str(path.relative_to(space.folder))
        status, output = space.server.run(["snakemake", "--cores", "2", *ARGUMENTS], space.folder)
        assert status == 0 or name in output, output
        path.unlink()
        space.run(*ARGUMENTS)
        # What nothing is made of any more is not remade.
        left, whole = made(space), made(finished)
        assert left.items() <= whole.items(), name
        assert {one for one in whole if one.startswith("exhibits/")} <= left.keys(), name
        shutil.rmtree(space.folder)


def test_a_deleted_intermediate_is_remade_alone(finished, copied):
    space = copied()
    for name in random.Random(0).sample(intermediates(space), 5 if BY_HAND else 1):
        path = space.folder / RESULTS / name
        name = str(path.relative_to(space.folder))
        before = path.read_bytes()
        path.unlink()
        assert space.plan(name, "--configfile", "mine.yaml")["total"] == 1, name
        space.run(name, "--configfile", "mine.yaml")
        assert path.read_bytes() == before, name
    space.run(*ARGUMENTS)
    assert differing(made(space), made(finished)) == []


def test_a_full_disk_is_told_and_the_run_goes_on_when_there_is_space(finished, copied):
    space = without_results(copied())
    limit = 200_000 if BY_HAND else 20_000
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
    assert differing(made(space), made(finished)) == []


def test_a_second_run_in_the_folder_is_refused_and_disturbs_nothing(finished, copied):
    space = copied()
    an_exhibit(space).unlink()
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
    assert differing(made(space), made(finished)) == []


def test_a_moved_run_is_as_it_was(finished, copied, tmp_path):
    folder = copied().folder.rename(tmp_path / "moved to a folder with spaces")
    space = Workspace(folder, finished.server)
    assert "Nothing to be done" in space.run(*ARGUMENTS)
    an_exhibit(space).unlink()
    space.run(*ARGUMENTS)
    assert differing(made(space), made(finished)) == []
