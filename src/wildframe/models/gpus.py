"""A GPU of its own for each process, or several, out of those that this machine shows.

Snakemake counts GPUs and does not say which: without more, every job would take the first. A
process holds a lock file until it ends, however it ends: the kernel releases it.
"""

import fcntl
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

_GPU_LINE = re.compile(r"^GPU \d+: .*\(UUID: (GPU-[0-9a-f-]+)\)", re.MULTILINE)


@cache
def take_gpus(count: int = 1) -> str | None:
    """Make so many GPUs the only ones of this process, once; call it before CUDA is initialised.

    If all are taken, they are shared: the GPUs get their second process before any gets a third.

    Returns:
        The GPUs as ``CUDA_VISIBLE_DEVICES`` names them; None where there is no choice.
    """
    gpus = visible_gpus(os.environ.get("CUDA_VISIBLE_DEVICES"), installed_gpus())
    if len(gpus) < 2:
        return None
    folder = Path(tempfile.gettempdir()) / f"wildframe-gpu-{os.getuid()}"
    taken: dict[str, int] = {}
    while len(taken) < min(count, len(gpus)):
        free = {gpu: name for gpu, name in gpus.items() if gpu not in taken}
        taken |= [hold(free, folder)]
    others, named = max(taken.values()), ",".join(taken)
    sharing = f", shared with {others} more: all {len(gpus)} GPUs are taken" if others else ""
    print(f"GPU {named}{sharing}", file=sys.stderr)
    os.environ["CUDA_VISIBLE_DEVICES"] = named
    return named


def installed_gpus() -> list[str]:
    """Return a name for each NVIDIA GPU that this process may use, in their order.

    The name is the UUID where the driver's tool tells it, else that of the device file.
    """
    try:
        command = ["nvidia-smi", "-L"]
        listed = subprocess.run(command, capture_output=True, text=True, timeout=60)  # noqa: S603
        if uuids := _GPU_LINE.findall(listed.stdout):
            return uuids
    except (OSError, subprocess.TimeoutExpired):
        pass  # not installed, as in many containers
    devices = (path.name for path in Path("/dev").glob("nvidia[0-9]*"))
    return sorted(devices, key=lambda name: int(name.removeprefix("nvidia")))


def visible_gpus(asked: str | None, installed: list[str]) -> dict[str, str]:
    """Return the GPUs to choose from: what ``CUDA_VISIBLE_DEVICES`` calls each, and its own name.

    Args:
        asked: ``CUDA_VISIBLE_DEVICES``: indices or (abbreviated) UUIDs; None where it is not set.
        installed: As `installed_gpus` returns them.
    """
    if asked is None:
        return {str(index): name for index, name in enumerate(installed)}
    gpus = {}
    for entry in (part.strip() for part in asked.split(",")):
        if entry.isdecimal():
            if int(entry) >= len(installed):
                break  # CUDA, too, ignores it and what follows
            gpus[entry] = installed[int(entry)]
        elif entry.startswith(("GPU-", "MIG-")):
            gpus[entry] = next((name for name in installed if name.startswith(entry)), entry)
        else:
            break
    return gpus


def hold(gpus: Mapping[str, str], folder: Path) -> tuple[str, int]:
    """Take the GPU with the fewest processes, until this process ends.

    Args:
        gpus: As `visible_gpus` returns them.
        folder: Where the lock files are, ``<name>.<place>.lock``: each process has a place.

    Returns:
        What ``CUDA_VISIBLE_DEVICES`` calls it, and how many processes have taken it already.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    place = 0
    while True:
        for gpu, name in gpus.items():
            # Never closed, nor by a program that takes this one's place: that would release it.
            lock = os.open(folder / f"{name}.{place}.lock", os.O_RDWR | os.O_CREAT, 0o600)
            os.set_inheritable(lock, True)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(lock)
            else:
                return gpu, place
        place += 1
