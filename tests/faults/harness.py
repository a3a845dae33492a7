"""What befalls a run, and what there is of it to compare."""

import os
import random
import re
import shlex
import signal
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

TOLD = ("logs", "benchmarks")
"""Folders of results whose files say how long something took."""


def artifacts(results: Path) -> dict[str, bytes]:
    """Return the content of every result by its path; what tells times is left out."""
    return {
        str(path.relative_to(results)): path.read_bytes()
        for path in sorted(results.rglob("*"))
        if path.is_file() and path.relative_to(results).parts[0] not in TOLD
    }


def differing(found: Mapping[str, bytes], expected: Mapping[str, bytes]) -> list[str]:
    """Return the paths of artifacts that only one run has, or that differ."""
    return sorted(
        path for path in found.keys() | expected.keys() if found.get(path) != expected.get(path)
    )


Kill = Callable[[subprocess.Popen, random.Random], str]
"""Kills something of a run, and returns what; an empty text if there is nothing of the kind."""


def _jobs(engine: subprocess.Popen) -> list[psutil.Process]:
    return _alive(psutil.Process(engine.pid).children())


def _inside(engine: subprocess.Popen) -> list[psutil.Process]:
    return _alive(psutil.Process(engine.pid).children(recursive=True))


def _alive(processes: Iterable[psutil.Process]) -> list[psutil.Process]:
    found = []
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            if process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def _command(processes: Iterable[psutil.Process]) -> str:
    """Return the first two words of a job's command, or an empty text."""
    lines = (" ".join(process.cmdline()) for process in processes)
    found = (re.search(r"/wildframe (\w+ [\w-]+)", line) for line in lines)
    return next((match[1] for match in found if match), "")


def kill_group(engine: subprocess.Popen, rng: random.Random) -> str:
    """Kill the engine and all jobs, as a scheduler does."""
    running = _command(_inside(engine))
    if running:
        os.killpg(engine.pid, signal.SIGKILL)
    return running


def kill_engine(engine: subprocess.Popen, rng: random.Random) -> str:
    """Kill the engine alone; its jobs go on, and the next engine starts them again beside."""
    running = _command(_inside(engine))
    if running:
        engine.kill()
    return running


def kill_job(engine: subprocess.Popen, rng: random.Random) -> str:
    """Kill a job with all that it started."""
    jobs = _jobs(engine)
    if not jobs:
        return ""
    job = rng.choice(jobs)
    processes = [job, *job.children(recursive=True)]
    running = _command(processes)
    for process in processes:
        process.kill()
    return running


def kill_process(engine: subprocess.Popen, rng: random.Random) -> str:
    """Kill one process of a job, as a kernel without memory does."""
    processes = _inside(engine)
    if not processes:
        return ""
    process = rng.choice(processes)
    running = _command([process]) or process.name()
    process.kill()
    return running


def kill_training(engine: subprocess.Popen, rng: random.Random) -> str:
    """Kill a training that has written a state since it started."""
    for process in _inside(engine):
        words = process.cmdline()
        killed = _command([process])
        if killed != "models finetune":
            continue
        output = Path(process.cwd(), words[words.index("--output") + 1])
        state = output.with_name(f".{output.name}.state")
        if state.exists() and state.stat().st_mtime > process.create_time():
            process.kill()
            return killed
    return ""


def kill_within(engine: subprocess.Popen, kill: Kill, rng: random.Random, longest: float) -> str:
    """Kill after a random time, at the latest after ``longest`` seconds; return what was killed.

    A training is killed at once when it can be, and a job if none can before the time.
    An empty text if the run ended before.
    """
    late = time.monotonic() + rng.uniform(0, longest)
    while engine.poll() is None:
        is_late = time.monotonic() > late
        for one in [kill] * (is_late or kill is kill_training) + [kill_job] * is_late:
            with suppress(psutil.NoSuchProcess, ProcessLookupError):
                if killed := one(engine, rng):
                    return f"{one.__name__.removeprefix('kill_')}: {killed}"
        time.sleep(0.2)
    return ""


def wait_for_orphans(folder: Path) -> None:
    """Wait for the jobs in a folder whose engine was killed; they write what the next made, too."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            if Path(process.cwd()) == folder:
                found.append(process)
    psutil.wait_procs(found)


Damage = Callable[[Path, Sequence[Path], random.Random], None]
"""Damages a file, with other files of its kind at hand."""


def _rewrite(path: Path, content: bytes) -> None:
    path.unlink()  # it may be a link to a sound one
    path.write_bytes(content)


def flip(path: Path, others: Sequence[Path], rng: random.Random) -> None:
    """Change a bit."""
    content = bytearray(path.read_bytes())
    content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
    _rewrite(path, content)


def zero(path: Path, others: Sequence[Path], rng: random.Random) -> None:
    """Empty a sector."""
    content = bytearray(path.read_bytes())
    start = rng.randrange(len(content))
    content[start : start + 512] = bytes(len(content[start : start + 512]))
    _rewrite(path, content)


def truncate(path: Path, others: Sequence[Path], rng: random.Random) -> None:
    """Lose the end, as on a full disk."""
    content = path.read_bytes()
    _rewrite(path, content[: rng.randrange(len(content))])


def delete(path: Path, others: Sequence[Path], rng: random.Random) -> None:
    """Lose the file."""
    path.unlink()


def swap(path: Path, others: Sequence[Path], rng: random.Random) -> None:
    """Put another sound file in its place."""
    _rewrite(path, rng.choice(others).read_bytes())


@dataclass(frozen=True)
class Command:
    """A job of a run."""

    rule: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    words: tuple[str, ...]
    """Its command line after the first word."""


def planned_commands(plan: str) -> Iterator[Command]:
    """Yield the jobs of what ``snakemake -n -p`` prints."""
    for rule, said in re.findall(
        r"^\w*(?:rule|checkpoint) (\S+):\n((?:.+\n)+)", plan, re.MULTILINE
    ):
        line = re.search(r"^Shell command: wildframe (.*) &> ", said, re.MULTILINE)
        if line:
            files = [re.search(rf"^    {kind}: (.*)$", said, re.M) for kind in ("input", "output")]
            inputs, outputs = (tuple(found[1].split(", ")) if found else () for found in files)
            yield Command(rule, inputs, outputs, tuple(shlex.split(line[1])))
