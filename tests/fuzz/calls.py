"""Running commands in this process."""

import io
import sys
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from unittest.mock import patch

import pytest
from typer.main import get_command

from wildframe import cli

COMMAND = get_command(cli.app)
"""Built once: to read the parameters of all commands takes longer than to refuse a file."""


def call(words: Sequence[str]) -> tuple[int, str]:
    """Run a command; return its status and what it told on standard error."""
    told = io.StringIO()
    with (
        patch.object(sys, "argv", ["wildframe", *words]),
        patch.object(cli, "app", COMMAND),
        redirect_stdout(io.StringIO()),
        redirect_stderr(told),
        pytest.raises(SystemExit) as ended,
    ):
        cli.main()
    return int(ended.value.code or 0), told.getvalue()


def sentence(told: str) -> str:
    """Return the last line, which says why a command ended."""
    return told.splitlines()[-1] if told else ""
