"""The exception for problems that the user can fix."""


class UserError(Exception):
    """A problem in the user's input, described in one sentence: file, record and remedy.

    The command line prints it as ``ERROR: ...`` and exits with status 2, without a traceback.
    """
