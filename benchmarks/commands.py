"""Running a ``wildframe`` command and saying what it took."""

import os
import subprocess
import sys
import time


def run(command: str, options: str) -> None:
    """Run a command; print its wall time, processor time and largest memory."""
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "wildframe", *command.split(), *options.split()],
        stdout=subprocess.DEVNULL,
    )
    # Of this child alone; the usual account keeps the largest of all.
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{command}: status {status}")
    print(
        f"{command:22} {time.perf_counter() - start:5.1f} s, {usage.ru_utime:5.1f} s of processor, "
        f"{usage.ru_maxrss / 2**10:4.0f} MiB"
    )
