"""That the benchmarks, which are run by hand, call commands that there are."""

import ast
import re

import pytest
from typer.main import get_command

from wildframe.cli import app


def calls(path):
    """Yield command and options of what a benchmark runs, without what stands in braces."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("run", "step"):
            texts = [
                "".join(part.value for part in ast.walk(one) if isinstance(part, ast.Constant))
                for one in node.args
                if isinstance(one, ast.Constant | ast.JoinedStr)
            ]
            if len(texts) == 2:
                yield texts


@pytest.mark.parametrize("name", ["manifest", "robustness", "scale", "zoom"])
def test_options_of_commands_that_benchmarks_run_are_known(project, name):
    stations = get_command(app)
    found = list(calls(project / f"benchmarks/{name}.py"))
    assert found
    for command, options in found:
        station, word = command.split()
        # Commands of a station are read when they are asked for.
        known = stations.get_command(None, station).get_command(None, word)
        assert known, command
        names = {option for one in known.params for option in one.opts}
        assert set(re.findall(r"--[a-z-]+", options)) <= names, command
