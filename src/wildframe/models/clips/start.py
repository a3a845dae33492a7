"""Starting several processes that share a training, before any of them imports torch."""

import os
import sys


def start_processes(count: int) -> None:
    """Start this command again as so many processes; one that was started so goes on."""
    if count > 1 and "WORLD_SIZE" not in os.environ:
        torchrun = ["-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={count}"]
        command = [sys.executable, *torchrun, "-m", "wildframe", *sys.argv[1:]]
        os.execv(sys.executable, command)  # noqa: S606
