"""A real Slurm of one node, which nothing outside of the test meets."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

HERE = Path(__file__).parent
NAMESPACES = ("--mount", "--net", "--uts", "--pid")
DAEMONS = ("munged", "slurmctld", "slurmd")


@dataclass(frozen=True)
class Job:
    """What Slurm says of a job."""

    number: str
    name: str
    """Rule and wildcards, or group, as the job's comment tells."""
    state: str
    memory: int
    """What it asked for, in MB."""
    has_gpu: bool
    start: str
    """In ISO 8601; `end` likewise."""
    end: str

    @classmethod
    def read(cls, line: str) -> "Job":
        said = dict(re.findall(r"(\w+)=(\S*)", line))
        unit = {"M": 1, "G": 1024}[said["MinMemoryNode"][-1]]
        return cls(
            number=said["JobId"],
            name=said["Comment"].removeprefix("rule_"),
            state=said["JobState"],
            memory=round(float(said["MinMemoryNode"][:-1]) * unit),
            has_gpu="gpu" in said.get("TresPerJob", ""),
            start=said["StartTime"],
            end=said["EndTime"],
        )


@dataclass(frozen=True)
class Node:
    """The namespaces in which Slurm runs; commands are run inside."""

    process: int

    def command(self, *words: str, folder: Path = Path("/")) -> list[str]:
        """Return a command, to be run in a folder, as it is called from outside."""
        inside = ["nsenter", f"--target={self.process}", *NAMESPACES, "--"]
        # The rules call the console script of this environment.
        path = f"PATH={Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        return [*inside, "env", f"--chdir={folder}", path, *words]

    def run(self, *words: str) -> str:
        return subprocess.run(
            self.command(*words), capture_output=True, text=True, check=True
        ).stdout

    def jobs(self) -> list[Job]:
        """Return all jobs since the start, in their order."""
        lines = self.run("scontrol", "show", "job", "--oneliner").splitlines()
        jobs = [Job.read(line) for line in lines if line.startswith("JobId=")]
        return sorted(jobs, key=lambda job: int(job.number))

    def processes(self, job: Job) -> list[str]:
        """Return the numbers, inside, of a running job's processes."""
        listed = self.run("scontrol", "listpids", job.number).splitlines()[1:]
        return [line.split()[0] for line in listed if int(line.split()[0]) > 0]


@pytest.fixture(scope="session")
def node() -> Iterator[Node]:
    """Slurm, started for the session."""
    missing = [name for name in (*DAEMONS, "ip", "nsenter") if not shutil.which(name)]
    if missing:
        pytest.skip(
            f"no Slurm: {', '.join(missing)} not installed "
            "(Debian: slurmctld, slurmd, slurm-client, munge, iproute2)"
        )
    if os.geteuid() != 0:
        pytest.skip("Slurm in namespaces of its own needs root")
    command = ["unshare", *NAMESPACES, "--fork", "--kill-child", "--mount-proc", HERE / "node.sh"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as outer:
        if outer.stdout.readline() != "ready\n":
            reason = outer.stderr.read()
            if "unshare" in reason:
                pytest.skip(f"this machine lets nobody make namespaces: {reason.strip()}")
            pytest.fail(f"Slurm does not start: {reason}")
        children = Path(f"/proc/{outer.pid}/task/{outer.pid}/children").read_text()
        yield Node(int(children))
        outer.kill()
