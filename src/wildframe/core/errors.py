"""The exception for problems that the user can fix."""

import re
from collections.abc import Iterator
from contextlib import contextmanager


class UserError(Exception):
    """A problem in the user's input, described in one sentence: file, record and remedy.

    The command line prints it as ``ERROR: ...`` and exits with status 2, without a traceback.
    """

    def __init__(self, sentence: str) -> None:
        """Take the sentence; the lines of what it quotes of a library become one."""
        before_bracket = re.sub(r"\s*[\r\n]\s*(?=\))", "", sentence)
        super().__init__(re.sub(r"\s*[\r\n]\s*", " ", before_bracket))


@contextmanager
def located(where: str) -> Iterator[None]:
    """Put the place before a `UserError` that is raised within, such as file and line."""
    try:
        yield
    except UserError as error:
        raise UserError(f"{where}: {error}") from error
