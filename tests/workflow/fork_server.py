"""Runs programs in forks of a process that has imported what they need: it is paid for once.

A program is asked for at the socket that the command line names, as `fork_client.py` does: with
standard streams and a JSON object of its name and arguments, folder and environment. The answer is
its exit status. This process ends after the one whose number the command line names.
"""

import gc
import json
import multiprocessing
import os
import pkgutil
import select
import shutil
import socket
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import snakemake.cli

import wildframe.cli
from wildframe.core.allocator import collect_garbage_seldom

PROGRAMS = {"snakemake": snakemake.cli.main, "wildframe": wildframe.cli.main}
# Imported by commands when they run; onnxruntime starts a thread, which no fork has.
LATE = ("matplotlib.pyplot", "pandas", "timm")
FORKS = multiprocessing.get_context("fork")


def import_all() -> None:
    """Import Snakemake's plugins, all of wildframe, and the packages that both use."""
    collect_garbage_seldom()
    snakemake.cli.get_argument_parser()
    for module in pkgutil.walk_packages(wildframe.__path__, "wildframe."):
        if module.name != "wildframe.__main__":
            import_module(module.name)
    for name in LATE:
        import_module(name)
    # What is imported is no garbage: no fork need look through it, nor copy its pages to do so.
    gc.freeze()


def run(request: dict[str, Any], streams: list[int]) -> None:
    """Run the program that a request names."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    # The former know what they wrote to: a file, or a pipe.
    sys.stdout, sys.stderr = (os.fdopen(number, "w", buffering=1) for number in (1, 2))
    os.chdir(request["folder"])
    os.environ.clear()
    os.environ.update(request["environment"])
    sys.argv = request["words"]
    PROGRAMS[sys.argv[0]]()


def answer(connection: socket.socket) -> None:
    """Run what is asked for to its end, and tell how it ended."""
    _, streams, _, _ = socket.recv_fds(connection, 1, 3)
    process = FORKS.Process(target=run, args=(json.load(connection.makefile()), streams))
    process.start()
    process.join()
    connection.send(bytes([process.exitcode % 256]))


def lives(process: int) -> bool:
    """Say whether there is a process of this number."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True


def main() -> None:
    """Answer requests, each in a process of its own."""
    address, owner = sys.argv[1:]
    import_all()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen()
        print("ready", flush=True)
        while lives(int(owner)):
            if select.select([listener], [], [], 1)[0]:
                connection, _ = listener.accept()
                with connection:
                    FORKS.Process(target=answer, args=(connection,)).start()
    shutil.rmtree(Path(address).parent)


if __name__ == "__main__":
    main()
