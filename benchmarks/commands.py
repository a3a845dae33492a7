"""Running ``wildframe`` commands and functions, and saying what they took."""

import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import get_context


@dataclass(frozen=True)
class Cost:
    """What a process took."""

    cpu: float
    """Seconds."""
    peak: float
    """Its largest memory in MiB."""


def run(command: str, options: str) -> Cost:
    """Run a command; print its wall time, processor time and largest memory."""
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "wildframe", *command.split(), *options.split()],
        stdout=subprocess.DEVNULL,
    )
    return _wait(command, process.pid, start)


def call(function: Callable[..., object], *arguments: object) -> Cost:
    """Call a function in a process of its own; print the same."""
    start = time.perf_counter()
    process = get_context("spawn").Process(target=function, args=arguments)
    process.start()
    return _wait(function.__name__, process.pid or 0, start)


def _wait(name: str, pid: int, start: float) -> Cost:
    # Of this child alone; the usual account keeps the largest of all.
    _, status, usage = os.wait4(pid, 0)
    if status:
        raise SystemExit(f"{name}: status {status}")
    cost = Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 2**10)
    print(
        f"{name:22} {time.perf_counter() - start:5.1f} s, {cost.cpu:5.1f} s of processor, "
        f"{cost.peak:4.0f} MiB",
        flush=True,
    )
    return cost
