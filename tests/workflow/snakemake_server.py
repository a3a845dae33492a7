"""Runs the Snakemake command lines that it reads, each in a fork: imports are paid for once.

A line of standard input is a JSON object: arguments, folder, environment, and the file that takes
what is printed. The answer on standard output is the exit status.
"""

import gc
import json
import os
import sys
from typing import Any

from snakemake import cli

from wildframe.exhibits.registry import exhibit_names, load_exhibit
from wildframe.studies import STUDIES


def forked() -> dict[str, Any]:
    """Return, in a process of its own, each request."""
    for line in sys.stdin:
        child = os.fork()
        if not child:
            return json.loads(line)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
    sys.exit()


# What every plan imports: Snakemake's plugins, the stations and the exhibits.
cli.get_argument_parser()
for study in STUDIES:
    for name in exhibit_names(study):
        load_exhibit(study, name)
# What is imported is no garbage: no fork need look through it, nor copy its pages to do so.
gc.freeze()
request = forked()
os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
os.dup2(os.open(request["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 1)
os.dup2(1, 2)
os.chdir(request["folder"])
os.environ.clear()
os.environ.update(request["environment"])
sys.argv = ["snakemake", *request["arguments"]]
cli.main()
