"""Starting several processes that share a training, before any of them imports torch."""

import os
import sys

from wildframe.models.gpus import take_gpus


def start_processes(count: int, device_name: str) -> None:
    """Start this command again as so many processes; one that was started so goes on.

    Of several GPUs they take as many for themselves.
    """
    if count > 1 and "WORLD_SIZE" not in os.environ:
        if device_name in ("auto", "cuda"):
            take_gpus(count)
        torchrun = ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={count}"]
        command = [sys.executable, *torchrun, "-m", "wildframe", *sys.argv[1:]]
        os.execv(sys.executable, command)  # noqa: S606
