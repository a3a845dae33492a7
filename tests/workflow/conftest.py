"""Running Snakemake itself, on a copy of the project, as a user does."""

import fcntl
import hashlib
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Collection, Iterable
from pathlib import Path

import pytest
from workflow.fork_client import ask

HERE = Path(__file__).parent
# Tests change theirs.
ENVIRONMENT = dict(os.environ)
PARTS = ("Snakefile", "config.yaml", "workflow", "profiles", "envs")


def environment(*first: Path) -> dict[str, str]:
    """Return the environment of a run: programs are those of the folders given, or of this one."""
    folders = [*map(str, first), str(Path(sys.executable).parent), os.environ["PATH"]]
    return os.environ | {"PATH": os.pathsep.join(folders)}


class Server:
    """Processes of which each run of Snakemake, and each command of its jobs, is a fork.

    They are one for each PYTHONPATH, for all test processes: tests that change the code run that
    code.
    """

    def __init__(self, shared: Path) -> None:
        self._shared = shared

    def run(self, words: Iterable[str], folder: Path) -> tuple[int, str]:
        """Run a program in a folder and return its exit status and what it printed."""
        forks = self._started(os.environ.get("PYTHONPATH", ""))
        with tempfile.TemporaryFile("w+") as output, Path(os.devnull).open() as nothing:
            streams = [nothing.fileno(), output.fileno(), output.fileno()]
            status = ask(str(forks / "socket"), words, str(folder), environment(forks), streams)
            output.seek(0)
            return status, output.read()

    def _started(self, source: str) -> Path:
        """Return the folder of a process's socket and of a ``wildframe`` that asks there."""
        known = self._shared / f"forks.{hashlib.sha256(source.encode()).hexdigest()[:16]}"
        with known.with_name(f"{known.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not known.exists():
                known.write_text(str(self._start(source)))
        return Path(known.read_text())

    def _start(self, source: str) -> Path:
        # Addresses of sockets are short.
        folder = Path(tempfile.mkdtemp())
        address = str(folder / "socket")
        client = [sys.executable, "-IS", str(HERE / "fork_client.py"), address]
        script = folder / "wildframe"
        script.write_text(f'#!/bin/sh\nexec {shlex.join(client)} wildframe "$@"\n')
        script.chmod(0o755)
        process = subprocess.Popen(
            [sys.executable, HERE / "fork_server.py", address, str(owner())],
            env=ENVIRONMENT | {"PYTHONPATH": source},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout.readline() == "ready\n"
        return folder


def owner() -> int:
    """Return the process that lives as long as the tests."""
    return os.getppid() if "PYTEST_XDIST_WORKER" in os.environ else os.getpid()


class Workspace:
    """A folder with the workflow in it; the demo data is linked, results are its own."""

    def __init__(self, folder: Path, server: Server) -> None:
        self.folder = folder
        self.server = server

    def start(self, *args: str, **options) -> subprocess.Popen:
        """Start Snakemake in a process of its own, as a user does; so are its jobs."""
        return subprocess.Popen(
            [sys.executable, "-m", "snakemake", "--cores", "2", *args],
            cwd=self.folder,
            env=environment(),
            text=True,
            **{"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, **options},
        )

    def run(self, *args: str, code: int = 0) -> str:
        """Run Snakemake to its end and return what it printed."""
        return self._run(["snakemake", "--cores", "2", *args], code)

    def wildframe(self, *args: str, code: int = 0) -> str:
        """Run a command of the package and return what it printed."""
        return self._run(["wildframe", *args], code)

    def _run(self, words: list[str], code: int) -> str:
        status, output = self.server.run(words, self.folder)
        assert status == code, output
        return output

    def plan(self, *args: str) -> Counter:
        """Return how many jobs of each rule a run would start."""
        output = self.run("-n", *args, "--quiet", "rules")
        # Snakemake says it twice.
        counts = dict(re.findall(r"^(\w+(?:_together_\S+)?) +(\d+)$", output, re.MULTILINE))
        planned = Counter()
        for rule, count in counts.items():
            # Jobs that share a process are one of their rule.
            planned[rule.partition("_together_")[0]] += int(count)
        return planned

    def pretend(self, *args: str) -> None:
        """Let what a run would make lie there, empty, and recorded as made of what is there now."""
        listed = self.run("-n", "--summary", *args)
        for path in re.findall(r"^(\S+)\t-\t\w+", listed, re.MULTILINE):
            made = self.folder / path
            made.parent.mkdir(parents=True, exist_ok=True)
            made.touch() if made.suffix else made.mkdir(exist_ok=True)
        self.run("--touch", "--forceall", *args)
        assert not self.plan(*args)

    def put_classes(self, classes: Path, results: str = "results") -> None:
        """Put the table of classes where a run would make it."""
        folder = self.folder / results / "labels"
        folder.mkdir(parents=True)
        shutil.copy(classes, folder)

    def change(self, old: str, new: str, once: bool = False) -> None:
        """Change a text of the demo's presets, everywhere or where it stands first."""
        presets = sorted((self.folder / "workflow/presets").glob("demo*.yaml"))
        holding = [path for path in presets if old in path.read_text()]
        assert holding, old
        for path in holding[:1] if once else holding:
            path.write_text(path.read_text().replace(old, new, 1 if once else -1))

    def separate(self) -> None:
        """Copy what is linked to the finished run, whose times a touch would change."""
        for path in (self.folder / "results").rglob("*"):
            if path.is_file() and path.stat().st_nlink > 1:
                own = path.with_name(f"{path.name}.own")
                shutil.copy2(path, own)
                own.replace(path)

    def own_annotations(self) -> Path:
        """Put a copy of the demo's annotations, without any clip, in place of the link."""
        demo = self.folder / "demo"
        shipped = demo.resolve()
        demo.unlink()
        folder = Path("ego4d/v1/annotations")
        shutil.copytree(shipped / folder, demo / folder)
        return demo / folder / "fho_scod_train.json"

    def exhibits(self) -> dict[str, bytes]:
        """Return the content of every table and figure by name."""
        folder = self.folder / "results" / "exhibits" / "ego4d"
        files = (path for path in sorted(folder.iterdir()) if path.is_file())
        return {path.name: path.read_bytes() for path in files}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the tests that wait for the demo last, but for those that begin with it.

    One test process runs it from the start, and then waits for Slurm; the others go on.
    """
    waiting = [item for item in items if "finished" in needs(item) and HERE in item.path.parents]
    waiting.sort(key=lambda item: "node" not in needs(item))
    # Where there is no Slurm, these are skipped: the next one runs the demo.
    first = 1 + sum("node" in needs(item) for item in waiting)
    others = [item for item in items if item not in waiting]
    items[:] = waiting[:first] + others + waiting[first:]


def needs(item: pytest.Item) -> Collection[str]:
    """Return the names of the fixtures that a test needs."""
    return getattr(item, "fixturenames", ())


def lay_out(project: Path, folder: Path, server: Server) -> Workspace:
    for part in PARTS:
        source = project / part
        if source.is_dir():
            shutil.copytree(source, folder / part)
        else:
            shutil.copy(source, folder / part)
    (folder / "demo").symlink_to(project / "demo")
    return Workspace(folder, server)


@pytest.fixture(scope="session")
def shared(tmp_path_factory) -> Path:
    """The folder of all test processes."""
    base = tmp_path_factory.getbasetemp()
    return base.parent if "PYTEST_XDIST_WORKER" in os.environ else base


@pytest.fixture(scope="session")
def server(shared) -> Server:
    """What runs programs that have imported what they need."""
    return Server(shared)


@pytest.fixture
def workspace(project, tmp_path, server) -> Workspace:
    """A fresh copy of the workflow, nothing run yet."""
    return lay_out(project, tmp_path, server)


@pytest.fixture(scope="session")
def classes(shared, server) -> Path:
    """The table of classes, which takes seconds: made by one test process for all of them."""
    path = shared / "classes.parquet"
    with (shared / "classes.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            words = ["wildframe", "labels", "classes", "--output", str(path)]
            status, output = server.run(words, shared)
            assert status == 0, output
    return path


@pytest.fixture
def source(project, tmp_path, monkeypatch) -> Path:
    """A copy of the code that commands and workflow run instead of the checkout's."""
    copy = tmp_path / "project"
    shutil.copytree(project / "src", copy / "src")  # presets, which are a link, come along
    monkeypatch.setenv("PYTHONPATH", str(copy / "src"))
    return copy


@pytest.fixture
def bare(tmp_path, server) -> Workspace:
    """An empty folder to run Snakemake in."""
    return Workspace(tmp_path, server)


@pytest.fixture(scope="session")
def finished(project, shared, server) -> Workspace:
    """A copy in which the demo has been run, by one of the test processes for all of them.

    Tests must not change it, nor run Snakemake in it.
    """
    folder, done = shared / "finished", shared / "finished.done"
    with (shared / "finished.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if done.exists():
            return Workspace(folder, server)
        if folder.exists():
            pytest.fail("the run of the demo failed in another test process, which tells why")
        folder.mkdir()
        space = lay_out(project, folder, server)
        process = space.start()
        output, _ = process.communicate()
        assert process.returncode == 0, output
        done.touch()
    return space


@pytest.fixture
def changeable(finished, tmp_path, server) -> Workspace:
    """A copy of the finished run that a test may change; its history comes along."""
    folder = tmp_path / "copy"
    shutil.copytree(finished.folder, folder, symlinks=True, copy_function=_copy)
    return Workspace(folder, server)


def _copy(source: str, target: str) -> str:
    """Copy a file; large ones are linked, since commands replace and never change them."""
    if source.endswith((".arrow", ".parquet", ".onnx", ".safetensors", ".detector")):
        os.link(source, target)
        return target
    return shutil.copy2(source, target)
