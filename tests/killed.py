"""A command that is killed in the middle of its work, as if by the system."""

import signal
import subprocess
import sys
from collections.abc import Iterable

PROGRAM = """
import signal, sys
from wildframe.cli import main

mark, write = sys.argv.pop(1), sys.stdout.write

def tell(text):
    if mark in text:
        signal.setitimer(signal.ITIMER_PROF, 0.02)
    return write(text)

sys.stdout.write = tell
main()
"""


def run_and_kill(mark: str, words: Iterable[str]) -> None:
    """Run a command until it has worked 20 ms after it told a text.

    The kernel ends it by a signal that it does not handle. Unlike SIGKILL from here, that signal
    counts the time of the process: however busy the machine, it comes long before the end.
    """
    done = subprocess.run([sys.executable, "-c", PROGRAM, mark, *words], stdout=subprocess.DEVNULL)
    assert done.returncode == -signal.SIGPROF
